import type { PlatformIntegration } from '../config/types.ts';
import type { Secret } from '../domain/secret.ts';
import { type AdminRun, newestDeploy } from '../sources/admin/runs.ts';
import { addressesOf } from './access-url.ts';
import { type AdminFinding, askAdmin } from './admin.ts';
import { adminEnvironmentVerdict, artifactsVerdict, noEnvironment, runFreshness } from './admin-environment.ts';
import { type Check, type CheckName, failed, skipped, type Verdict } from './check.ts';
import { askDiscovery, type DiscoveryFinding } from './discovery.ts';
import { type EnvironmentCase, environmentVerdict, freshnessVerdict, lastRunVerdict } from './environment.ts';
import { reachAdmin, reachHost, type Wire } from './host.ts';
import { adminVerdict, discoveryVerdict, type Findings, tokenVerdict } from './permissions.ts';

/** What of a configuration decides what is asked of dbt. */
export type Description = Pick<
  PlatformIntegration,
  'name' | 'accessUrl' | 'discoveryUrl' | 'adminUrl' | 'accountId' | 'projectId' | 'environmentId' | 'jobId' | 'source'
>;

/** An integration and its token, or why there is none. */
export interface Subject {
  readonly config: Description;
  readonly token: { readonly secret: Secret } | { readonly problem: string };
}

/** Everything that is asked of dbt for one integration. */
export interface IntegrationReport {
  readonly checks: readonly Check[];
  /** By how many milliseconds dbt's clock is ahead of ours. */
  readonly aheadMs?: number | undefined;
  /** What can be had of the API and need not be typed. */
  readonly findings?: Findings;
}

/** Receives each check as soon as it is known. */
export type Tell = (check: Check) => void;

const AFTER_TOKEN = ['discovery', 'admin', 'environment', 'last_run', 'freshness'] as const;
const NO_TOKEN = 'Set the variable where this command runs, or correct the configuration.';

/** Goes the way of a sync step by step; what cannot be tried because of an earlier step is told as skipped. */
export async function checkIntegration(
  { config, token }: Subject,
  { wire, now, tell }: { wire: Wire; now: Date; tell: Tell },
): Promise<IntegrationReport> {
  const checks: Check[] = [];
  const say = (check: CheckName, verdict: Verdict) => {
    const one = { integration: config.name, check, ...verdict };
    checks.push(one);
    tell(one);
  };
  // That there is no token is known whatever became of the host.
  const skipAsking = (why: string) => {
    say('token', 'problem' in token ? failed(token.problem, NO_TOKEN) : skipped(why));
    for (const name of AFTER_TOKEN) say(name, skipped(why));
  };

  const { verdict: address, discovery, admin: adminUrl } = addressesOf(config);
  const isAdminNeeded = config.source === 'artifacts';
  const endpoint = isAdminNeeded ? adminUrl : discovery;
  say('access_url', address);
  if (endpoint === undefined) {
    say('host', skipped('its name is not known'));
    skipAsking('the host is not known');
    return { checks };
  }
  const { verdict, aheadMs } = await (isAdminNeeded ? reachAdmin : reachHost)(endpoint, wire);
  say('host', verdict);
  if (verdict.status === 'failed' || 'problem' in token) {
    skipAsking(verdict.status === 'failed' ? 'the host was not reached' : 'there is no token');
    return { checks, aheadMs };
  }

  const asked = { endpoint, adminUrl, config, token: token.secret };
  const findings = await (isAdminNeeded ? askOnlyAdmin : askBoth)(asked, wire);
  for (const [check, answer] of verdictsOf(findings, config, now)) say(check, answer);
  return { checks, aheadMs, findings };
}

function verdictsOf(findings: Findings, config: Description, now: Date): [CheckName, Verdict][] {
  const { accountId, projectId, jobId } = config;
  const environmentId = config.environmentId ?? environmentIn(findings.admin);
  const one: EnvironmentCase = { environmentId, accountId, projectId, jobId, now, ...findings };
  const isUnasked = findings.discovery.kind === 'unasked';
  const environment = isUnasked ? adminEnvironmentVerdict(one) : environmentVerdict(one);
  const noneKnown = environmentId === undefined && findings.admin?.kind === 'data';
  return [
    ['token', tokenVerdict(findings)],
    ['discovery', consoled(discoveryVerdict(findings), one, config)],
    ['admin', adminVerdict(findings)],
    ['environment', environmentId === undefined ? noEnvironment(one) : consoled(environment, one, config)],
    ['last_run', noneKnown ? skipped('the environment is not known') : lastRunVerdict(one)],
    ['freshness', isUnasked ? runFreshness(one) : freshnessVerdict(one)],
    ...(findings.isAdminNeeded ? [['artifacts', artifactsVerdict(one)] satisfies [CheckName, Verdict]] : []),
  ];
}

/** Where the Discovery API fails and artifacts can be had, a sync goes on all the same. */
function consoled(verdict: Verdict, { environmentId, admin, discovery }: EnvironmentCase, { source }: Description) {
  const isOurs = discovery.kind === 'state' || discovery.kind === 'unasked';
  if (source !== 'auto' || verdict.status !== 'failed' || isOurs || admin?.kind !== 'data') return verdict;
  const environment = admin.environments?.find(({ id }) => id === environmentId);
  if (environment === undefined || environment.type === 'development' || !admin.runs?.some(isDeploy)) return verdict;
  const mend = [verdict.mend, 'Until then a sync takes artifacts through the Admin API instead.'];
  return { ...verdict, mend: mend.filter(Boolean).join(' ') };
}

const isDeploy = (run: AdminRun) => newestDeploy([run]) !== undefined;

const environmentIn = (admin: AdminFinding | undefined) => (admin?.kind === 'data' ? admin.environmentId : undefined);

interface Both {
  /** Of the API that is asked first. */
  readonly endpoint: string;
  readonly adminUrl: string | undefined;
  readonly config: Description;
  readonly token: Secret;
}

const UNKNOWN: DiscoveryFinding = { kind: 'unasked', message: 'which environment is meant is not known' };
const NOT_WANTED: DiscoveryFinding = { kind: 'unasked', message: 'source: artifacts does not ask it' };

/**
 * An account that is not configured may be told by the Discovery API, so that one is asked first; an environment that
 * is not configured only the Admin API tells.
 */
async function askBoth({ endpoint, adminUrl, config, token }: Both, wire: Wire): Promise<Findings> {
  const { projectId, jobId } = config;
  const url = new URL(endpoint);
  const asked = { url: adminUrl ?? '', token, projectId, jobId };
  const accessHost = adminUrl === undefined ? url.host : new URL(adminUrl).host;
  const base = { endpoint: url, accessHost, hasAccountId: config.accountId !== undefined, isAdminNeeded: false };
  if (config.environmentId === undefined) {
    const { accountId } = config;
    const admin = adminUrl && (await askAdmin({ ...asked, accountId, environmentId: undefined }, wire));
    const environmentId = environmentIn(admin || undefined);
    const discovery = environmentId && (await askDiscovery({ endpoint, token, environmentId }, wire));
    return { ...base, discovery: discovery || UNKNOWN, admin: admin || undefined };
  }
  const { environmentId } = config;
  const discovery = await askDiscovery({ endpoint, token, environmentId }, wire);
  const told = discovery.kind === 'state' ? discovery.state.accountId : null;
  const accountId = config.accountId ?? told ?? undefined;
  const admin = adminUrl === undefined ? undefined : await askAdmin({ ...asked, accountId, environmentId }, wire);
  return { ...base, discovery, admin };
}

async function askOnlyAdmin({ endpoint, config, token }: Both, wire: Wire): Promise<Findings> {
  const { accountId, projectId, environmentId, jobId } = config;
  const asked = { url: endpoint, token, accountId, projectId, environmentId, jobId, withArtifacts: true };
  const url = new URL(endpoint);
  return {
    endpoint: url,
    accessHost: url.host,
    discovery: NOT_WANTED,
    admin: await askAdmin(asked, wire),
    hasAccountId: accountId !== undefined,
    isAdminNeeded: true,
  };
}
