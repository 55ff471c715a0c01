import { FatalError } from '../../domain/errors.ts';
import { listAccounts } from './accounts-and-projects.ts';
import type { AdminApi } from './api.ts';
import { named } from './named.ts';

/**
 * The id of the token's one account.
 * @throws FatalError that lists them when there are several, or says why there is none.
 */
export async function onlyAccount(api: AdminApi, signal: AbortSignal): Promise<number> {
  const { items } = await listAccounts(api, signal);
  const [account] = items;
  if (account === undefined) {
    throw new FatalError(
      `The token sees no account of ${api.origin}: check that access_url is of the token's account, and that the account lets this machine's IP address in.`,
    );
  }
  if (items.length === 1) return account.id;
  const list = items.map(({ id, name }) => named(id, name)).join(', ');
  throw new FatalError(`The token sees ${items.length} accounts: give one of them as account_id: ${list}.`);
}
