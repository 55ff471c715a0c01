import type { Secret } from '../domain/secret.ts';
import { type Account, getAccount, listAccounts } from '../sources/admin/account.ts';
import { type AdminClient, type AdminRefusal, createAdminClient } from '../sources/admin/client.ts';
import { type AdminEnvironment, listEnvironments } from '../sources/admin/environments.ts';
import { type AdminRun, newestRuns } from '../sources/admin/runs.ts';
import type { Wire } from './host.ts';

/** What the Admin API says, one GET each; a part that may not be asked is undefined. */
export type AdminFinding =
  | {
      readonly kind: 'data';
      readonly account: Account;
      readonly environments: readonly AdminEnvironment[] | undefined;
      readonly runs: readonly AdminRun[] | undefined;
    }
  /** The token is known, but which account is meant is not. */
  | { readonly kind: 'no_account' }
  | { readonly kind: AdminRefusal; readonly error?: unknown };

interface Asked {
  /** Origin of the access URL. */
  readonly url: string;
  readonly token: Secret;
  readonly accountId: number | undefined;
  readonly environmentId: number;
  readonly jobId: number | undefined;
}

/** Asks the Admin API for the account, its environments and the newest runs. Only an abort is thrown. */
export async function askAdmin({ url, token, ...asked }: Asked, { fetch, signal }: Wire): Promise<AdminFinding> {
  const client = createAdminClient({ url, token, fetch });
  const found = await accountOf(client, asked.accountId, signal);
  if (found.kind !== 'data') return found;
  const { account } = found;
  const environments = await listEnvironments(client, { accountId: account.id }, signal);
  const { environmentId, jobId } = asked;
  const runs = await newestRuns(client, { accountId: account.id, environmentId, jobId }, signal);
  return {
    kind: 'data',
    account,
    environments: environments.kind === 'data' ? environments.data : undefined,
    runs: runs.kind === 'data' ? runs.data : undefined,
  };
}

type AccountFinding =
  | { readonly kind: 'data'; readonly account: Account }
  | Exclude<AdminFinding, { readonly kind: 'data' }>;

/** Without an id the account is the only one that the token sees, if there is only one. */
async function accountOf(client: AdminClient, id: number | undefined, signal: AbortSignal): Promise<AccountFinding> {
  if (id !== undefined) {
    const answer = await getAccount(client, id, signal);
    return answer.kind === 'data' ? { kind: 'data', account: answer.data } : answer;
  }
  const answer = await listAccounts(client, signal);
  if (answer.kind !== 'data') return answer;
  const [account, ...others] = answer.data;
  return account !== undefined && others.length === 0 ? { kind: 'data', account } : { kind: 'no_account' };
}
