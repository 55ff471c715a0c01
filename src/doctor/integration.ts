import type { IntegrationConfig } from '../config/types.ts';
import type { Secret } from '../domain/secret.ts';
import { addressesOf } from './access-url.ts';
import { askAdmin } from './admin.ts';
import { type Check, type CheckName, failed, skipped, type Verdict } from './check.ts';
import { askDiscovery } from './discovery.ts';
import { type EnvironmentCase, environmentVerdict, freshnessVerdict, lastRunVerdict } from './environment.ts';
import { reachHost, type Wire } from './host.ts';
import { adminVerdict, discoveryVerdict, type Findings, tokenVerdict } from './permissions.ts';

/** What of a configuration decides what is asked of dbt. */
export type Description = Pick<
  IntegrationConfig,
  'name' | 'accessUrl' | 'discoveryUrl' | 'accountId' | 'projectId' | 'environmentId' | 'jobId'
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

  const { verdict: address, discovery: endpoint, admin: adminUrl } = addressesOf(config);
  say('access_url', address);
  if (endpoint === undefined) {
    say('host', skipped('its name is not known'));
    skipAsking('the host is not known');
    return { checks };
  }
  const { verdict, aheadMs } = await reachHost(endpoint, wire);
  say('host', verdict);
  if (verdict.status === 'failed' || 'problem' in token) {
    skipAsking(verdict.status === 'failed' ? 'the host was not reached' : 'there is no token');
    return { checks, aheadMs };
  }

  const findings = await askBoth({ endpoint, adminUrl, config, token: token.secret }, wire);
  for (const [check, answer] of verdictsOf(findings, config, now)) say(check, answer);
  return { checks, aheadMs, findings };
}

function verdictsOf(findings: Findings, config: Description, now: Date): [CheckName, Verdict][] {
  const { environmentId, accountId, projectId, jobId } = config;
  const one: EnvironmentCase = { environmentId, accountId, projectId, jobId, now, ...findings };
  return [
    ['token', tokenVerdict(findings)],
    ['discovery', discoveryVerdict(findings)],
    ['admin', adminVerdict(findings)],
    ['environment', environmentVerdict(one)],
    ['last_run', lastRunVerdict(one)],
    ['freshness', freshnessVerdict(one)],
  ];
}

interface Both {
  readonly endpoint: string;
  readonly adminUrl: string | undefined;
  readonly config: Description;
  readonly token: Secret;
}

/** An account that is not configured may be told by the Discovery API, so that one is asked first. */
async function askBoth({ endpoint, adminUrl, config, token }: Both, wire: Wire): Promise<Findings> {
  const { environmentId, jobId } = config;
  const discovery = await askDiscovery({ endpoint, token, environmentId }, wire);
  const told = discovery.kind === 'state' ? discovery.state.accountId : null;
  const accountId = config.accountId ?? told ?? undefined;
  const asked = { endpoint: new URL(endpoint), discovery, hasAccountId: config.accountId !== undefined };
  if (adminUrl === undefined) return { ...asked, accessHost: asked.endpoint.host, admin: undefined };
  const admin = await askAdmin({ url: adminUrl, token, accountId, environmentId, jobId }, wire);
  return { ...asked, accessHost: new URL(adminUrl).host, admin };
}
