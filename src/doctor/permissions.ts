import type { Account } from '../sources/admin/account.ts';
import { hostForm } from '../sources/hosts.ts';
import type { AdminFinding } from './admin.ts';
import { failed, ok, skipped, type Verdict, warning } from './check.ts';
import type { DiscoveryFinding } from './discovery.ts';
import { isUsualPath, pathMend } from './host.ts';
import { networkVerdict } from './network.ts';
import { otherRegionHint } from './regions.ts';

/** What both APIs said to one token. */
export interface Findings {
  /** Of the Discovery API. */
  readonly endpoint: URL;
  /** Host of the access URL, which accounts are known by; that of the Discovery API without one. */
  readonly accessHost: string;
  readonly discovery: DiscoveryFinding;
  /** Undefined when it could not be asked. */
  readonly admin: AdminFinding | undefined;
  /** The configuration says which account is meant. */
  readonly hasAccountId: boolean;
  /** Everything is read through the Admin API. */
  readonly isAdminNeeded: boolean;
}

const METADATA_ONLY =
  'Give the token the permission set "Metadata Only" for this project. On the plans Developer and Starter service tokens cannot have it: use a personal access token there.';
const NOT_ACCEPTED = 'the token is not accepted';
const MISSED =
  'run history, names of jobs, environments and causes, git shas, and a second way when the Discovery API cannot serve';

/** A refusal does not count: whether it is for the token or for what was asked, nobody can tell. */
const isKnownToAdmin = (admin: AdminFinding | undefined): boolean =>
  admin?.kind === 'data' || admin?.kind === 'no_account';

/** The kinds of answers that only a token gets which is accepted. */
const ACCEPTED: ReadonlySet<DiscoveryFinding['kind']> = new Set(['state', 'no_environment', 'nothing_built']);
const isRefused = ({ discovery, admin }: Findings) =>
  discovery.kind === 'unasked' ? admin?.kind === 'bad_token' : discovery.kind === 'bad_token' && !isKnownToAdmin(admin);

/** Whether the token is one that this host knows, whatever it may do. */
export function tokenVerdict(findings: Findings): Verdict {
  const { endpoint, accessHost, discovery, admin } = findings;
  const { host } = endpoint;
  const { kind } = discovery;
  if (ACCEPTED.has(kind)) return ok(`${host} accepts it`);
  if (isKnownToAdmin(admin)) return ok(`${accessHost} accepts it`);
  if (kind === 'missing_permission') return ok(`${host} knows it`);
  if (isRefused(findings)) {
    const mend = `Check that it is whole, not expired and not revoked, or make a new one. ${otherRegionHint(accessHost)}`;
    return failed(`${host} does not accept the token.`, mend);
  }
  return skipped(`${host} gave no answer that would tell`);
}

/** Whether the Discovery API can be used with the token. */
export function discoveryVerdict(findings: Findings): Verdict {
  const { endpoint, discovery } = findings;
  const { host } = endpoint;
  if (ACCEPTED.has(discovery.kind)) return ok('may be used');
  if (discovery.kind === 'unasked') return skipped(discovery.message);
  if (isRefused(findings)) return skipped(NOT_ACCEPTED);
  switch (discovery.kind) {
    case 'bad_token':
      return failed(
        `${host} does not accept the token, though the Admin API does: it lacks a permission.`,
        METADATA_ONLY,
      );
    case 'missing_permission': {
      const mend = `${METADATA_ONLY} If it has the permission, the account may restrict IP addresses: ask its administrator to admit this machine's.`;
      return failed(`${host} refuses access: the token lacks a permission.`, mend);
    }
    case 'wrong_host': {
      if (!isUsualPath(endpoint)) {
        return failed(`${endpoint.href} is no Discovery API endpoint (404).`, pathMend(endpoint));
      }
      // The host was reached and spoke like the API, so this is how it hides what a token may not see.
      return failed(`${host} says that there is nothing for this token (404).`, METADATA_ONLY);
    }
    case 'service_error':
      return failed(messageOf(discovery), 'Try again later. If it stays so, show this sentence to dbt support.');
    case 'throttled':
      return failed(
        `${host} is being asked too often (429).`,
        'Try again in five minutes; other programs may share its limit of 500 requests a minute.',
      );
    default:
      return { status: 'failed', message: messageOf(discovery) };
  }
}

const messageOf = (discovery: DiscoveryFinding) => ('message' in discovery ? discovery.message : '');

/** Whether the Admin API can be used with the token. That it cannot is a failure only where everything comes from it. */
export function adminVerdict(findings: Findings): Verdict {
  const verdict = judgedAdmin(findings);
  const isFailure = findings.isAdminNeeded && verdict.status === 'warning' && findings.admin?.kind !== 'data';
  return isFailure ? { ...verdict, status: 'failed' } : verdict;
}

function judgedAdmin(findings: Findings): Verdict {
  const { accessHost, admin, hasAccountId, isAdminNeeded } = findings;
  const lost = isAdminNeeded ? 'nothing can be read' : `${MISSED} will be missing`;
  if (admin === undefined) return skipped('there is no access URL to ask it at');
  switch (admin.kind) {
    case 'data':
      return accountVerdict(admin.account, accessHost);
    case 'no_account':
      return warning('The token sees several accounts, and which one is meant is not known.', 'Write account_id.');
    case 'bad_token':
    case 'missing_permission': {
      if (isRefused(findings)) return skipped(NOT_ACCEPTED);
      const check = hasAccountId ? ', and check account_id' : '';
      const wish = isAdminNeeded ? '' : ', if you want them';
      const mend = `Give the token the permission set "Read-Only" or "Job Viewer"${wish}${check}.`;
      return warning(`The token may not use the Admin API: ${lost}.`, mend);
    }
    case 'throttled':
      return warning(`${accessHost} is being asked too often (429).`, 'Try again in five minutes.');
    case 'wrong_host':
      return warning(
        `${accessHost} is no Admin API: ${lost}.`,
        'Check access_url; links into dbt are made of it, too.',
      );
    default:
      return unanswered(admin.error, accessHost);
  }
}

/** At an old address the account itself tells its prefix, and so its new one. */
function accountVerdict({ id, name, static_subdomain: prefix, vanity_subdomain: vanity }: Account, accessHost: string) {
  const known = prefix ?? vanity ?? undefined;
  if (known !== undefined && hostForm(accessHost).form === 'legacy') {
    return warning('may be used, but at an address that dbt has given up.', otherRegionHint(accessHost, known));
  }
  return ok(`may be used, account ${name == null ? id : `${name} (${id})`}`);
}

function unanswered(error: unknown, accessHost: string): Verdict {
  if (error instanceof Error && error.name !== 'ZodError') {
    const { message, mend = '' } = networkVerdict(error, new URL(`https://${accessHost}`));
    return warning(`The Admin API cannot be asked. ${message}`, mend);
  }
  return warning(`${accessHost} answers the Admin API's questions with an error.`, 'Try again later.');
}
