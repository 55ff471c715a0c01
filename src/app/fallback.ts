import { failureKind as adminKind } from '../sources/admin/failures.ts';
import { failureKind as discoveryKind } from '../sources/discovery/failures.ts';

/**
 * Why the Discovery API cannot serve: every way in which it can fail, for it was asked again before. What is wrong with
 * our own side is none of them.
 */
export function reasonFor(error: unknown): string | null {
  return error instanceof Error && discoveryKind(error) !== undefined ? error.message : null;
}

const REFUSED_BY_DISCOVERY: readonly unknown[] = ['missing_permission', 'bad_token', 'no_environment'];
const REFUSED_BY_ADMIN: readonly unknown[] = ['missing_permission', 'bad_token', 'not_found'];

/** What a person should know whose token may not ask the Admin API for runs; null when it failed in another way. */
export function refusalOf(error: unknown): string | null {
  if (!REFUSED_BY_ADMIN.includes(adminKind(error)) || !(error instanceof Error)) return null;
  return `Only the last results are taken, not those of every run: ${error.message} Set run_history: false to do without.`;
}

/** What both can suffer from at once, and what is left to say of the second then. */
const ALIKE: { readonly [kind: string]: string } = {
  bad_token: 'The Admin API does not accept it either.',
  wrong_host: 'Nor does an Admin API answer there.',
};

/**
 * What is to be said of the Admin API when it failed like the Discovery API; null when it has something of its own to
 * tell, as a host that is named for itself has when it is not there.
 */
export const alike =
  (hasOwnHost: boolean) =>
  (first: unknown, second: unknown): string | null => {
    const kind = discoveryKind(first);
    if (kind === undefined || kind !== adminKind(second) || (kind === 'wrong_host' && hasOwnHost)) return null;
    return ALIKE[kind] ?? null;
  };

/** Which permission sets let a token use either API, when it may use neither (docs.getdbt.com, "Service account tokens"). */
export function advice(first: unknown, second: unknown): string | null {
  if (!REFUSED_BY_DISCOVERY.includes(discoveryKind(first)) || !REFUSED_BY_ADMIN.includes(adminKind(second)))
    return null;
  return 'Give the token the permission set "Metadata Only" for the Discovery API, or "Read-Only" or "Job Viewer" for artifacts through the Admin API.';
}
