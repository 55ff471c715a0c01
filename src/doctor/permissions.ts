import type { Account } from '../sources/admin/account.ts';
import type { AdminFinding } from './admin.ts';
import { failed, ok, skipped, type Verdict, warning } from './check.ts';
import type { DiscoveryFinding } from './discovery.ts';
import type { Wire } from './host.ts';
import { networkFailure } from './network.ts';
import { hostForm, otherRegionHint } from './regions.ts';

/** What both APIs said to one token. */
export interface Findings {
  /** Host of the Discovery API. */
  readonly host: string;
  /** Host of the access URL, which accounts are known by; that of the Discovery API without one. */
  readonly accessHost: string;
  readonly discovery: DiscoveryFinding;
  /** Undefined when it could not be asked. */
  readonly admin: AdminFinding | undefined;
}

const METADATA_ONLY =
  'Give the token the permission set "Metadata Only" for this project. On the plans Developer and Starter service tokens cannot have it: use a personal access token there.';
const MISSED =
  'run history, names of jobs, environments and causes, git shas, and a second way when the Discovery API cannot serve';

/** The Admin API knows a token that it answers, be it with a refusal of what was asked. */
const isKnownToAdmin = (admin: AdminFinding | undefined): boolean =>
  admin !== undefined && ['data', 'no_account', 'missing_permission'].includes(admin.kind);

/** Whether the token is one that this host knows, whatever it may do. */
export function tokenVerdict({ host, accessHost, discovery, admin }: Findings): Verdict {
  const { kind } = discovery;
  if (kind === 'state' || kind === 'no_environment') return ok(`${host} accepts it`);
  if (isKnownToAdmin(admin)) return ok(`${accessHost} accepts it`);
  if (kind === 'missing_permission') return ok(`${host} knows it`);
  if (kind === 'bad_token') {
    const mend = `Check that it is whole, not expired and not revoked, or make a new one. ${otherRegionHint(accessHost)}`;
    return failed(`${host} does not accept the token.`, mend);
  }
  return skipped(`${host} gave no answer that would tell`);
}

/** Whether the Discovery API can be used with the token. */
export function discoveryVerdict(findings: Findings): Verdict {
  const { host, discovery, admin } = findings;
  switch (discovery.kind) {
    case 'state':
    case 'no_environment':
      return ok('may be used');
    case 'bad_token':
      return isKnownToAdmin(admin)
        ? failed(`${host} does not accept the token, though the Admin API does: it lacks a permission.`, METADATA_ONLY)
        : skipped('the token is not accepted');
    case 'missing_permission': {
      const mend = `${METADATA_ONLY} If it has the permission, the account may restrict IP addresses: ask its administrator to admit this machine's.`;
      return failed(`${host} refuses access: the token lacks a permission.`, mend);
    }
    case 'wrong_host': {
      // The host was reached and spoke like the API, so this is how it hides what a token may not see.
      const mend = `${METADATA_ONLY} If discovery_url is given, check its path.`;
      return failed(`${host} says that there is nothing for this token (404).`, mend);
    }
    case 'throttled':
      return failed(
        `${host} is being asked too often (429).`,
        'Try again in five minutes; other programs may share its limit of 500 requests a minute.',
      );
    default:
      return { status: 'failed', message: discovery.message };
  }
}

/** Whether the Admin API can be used with the token. It is not needed to read the state, so nothing here fails. */
export function adminVerdict({ accessHost, admin }: Findings, wire: Wire): Verdict {
  if (admin === undefined) return skipped('there is no access_url to ask it at');
  switch (admin.kind) {
    case 'data':
      return accountVerdict(admin.account, accessHost);
    case 'no_account':
      return warning('The token sees several accounts, and which one is meant is not known.', 'Write account_id.');
    case 'bad_token':
    case 'missing_permission': {
      const mend =
        'Give the token the permission set "Read-Only" or "Job Viewer", if you want them, and check account_id.';
      return warning(`The token may not use the Admin API: ${MISSED} will be missing.`, mend);
    }
    case 'throttled':
      return warning(`${accessHost} is being asked too often (429).`, 'Try again in five minutes.');
    case 'wrong_host':
      return warning(
        `${accessHost} is no Admin API: ${MISSED} will be missing.`,
        'Check access_url; links into dbt are made of it, too.',
      );
    default:
      return unanswered(admin.error, accessHost, wire);
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

function unanswered(error: unknown, accessHost: string, { proxies }: Wire): Verdict {
  if (error instanceof Error && error.name !== 'ZodError') {
    const { message, mend = '' } = networkFailure(error, new URL(`https://${accessHost}`), proxies);
    return warning(`The Admin API cannot be asked. ${message}`, mend);
  }
  return warning(`${accessHost} answers the Admin API's questions with an error.`, 'Try again later.');
}
