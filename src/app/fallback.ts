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

/** Which permission sets let a token use either API, when it may use neither (docs.getdbt.com, "Service account tokens"). */
export function advice(first: unknown, second: unknown): string | null {
  if (!REFUSED_BY_DISCOVERY.includes(discoveryKind(first)) || !REFUSED_BY_ADMIN.includes(adminKind(second)))
    return null;
  return 'Give the token the permission set "Metadata Only" for the Discovery API, or "Read-Only" or "Job Viewer" for artifacts through the Admin API.';
}
