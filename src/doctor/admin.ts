import { z } from 'zod';
import type { Secret } from '../domain/secret.ts';
import { type Account, getAccount, listAccounts } from '../sources/admin/account.ts';
import { type AdminAnswer, type AdminClient, type AdminRefusal, createAdminClient } from '../sources/admin/client.ts';
import { type AdminEnvironment, listEnvironments } from '../sources/admin/environments.ts';
import { type AdminRun, newestDeploy, newestRuns } from '../sources/admin/runs.ts';
import type { Wire } from './host.ts';

/** What the Admin API says, one GET each; a part that may not be asked is undefined. */
export type AdminFinding =
  | {
      readonly kind: 'data';
      readonly account: Account;
      readonly environments: readonly AdminEnvironment[] | undefined;
      /** The one that is configured, else the only one marked as production. */
      readonly environmentId: number | undefined;
      readonly runs: readonly AdminRun[] | undefined;
      /** What the newest deploy run left, if that was to be looked at. */
      readonly artifacts?: ArtifactsFinding | undefined;
    }
  /** The token is known, but which account is meant is not. */
  | { readonly kind: 'no_account' }
  | { readonly kind: AdminRefusal; readonly error?: unknown };

/** The paths of a run's artifacts; null when it left none, undefined when they are not for this token. */
export interface ArtifactsFinding {
  readonly runId: number;
  readonly paths: readonly string[] | null | undefined;
}

interface Asked {
  /** Origin of the access URL. */
  readonly url: string;
  readonly token: Secret;
  readonly accountId: number | undefined;
  readonly projectId: number | undefined;
  /** Undefined when the production environment is meant. */
  readonly environmentId: number | undefined;
  readonly jobId: number | undefined;
  /** Looks at what the newest deploy run left, too. */
  readonly withArtifacts?: boolean;
}

/** Asks the Admin API for the account, its environments, the newest runs and their artifacts. Only an abort is thrown. */
export async function askAdmin({ url, token, ...asked }: Asked, { fetch, signal }: Wire): Promise<AdminFinding> {
  const client = createAdminClient({ url, token, fetch });
  const found = await accountOf(client, asked.accountId, signal);
  if (found.kind !== 'data') return found;
  const { account } = found;
  const { jobId, projectId } = asked;
  const environments = dataOf(await listEnvironments(client, { accountId: account.id }, signal));
  const environmentId = asked.environmentId ?? onlyProduction(environments ?? [], projectId);
  const runs =
    environmentId === undefined
      ? undefined
      : dataOf(await newestRuns(client, { accountId: account.id, environmentId, jobId }, signal));
  const last = asked.withArtifacts === true ? newestDeploy((runs ?? []).filter(isFinished)) : undefined;
  const artifacts = last && {
    runId: last.id,
    paths: dataOf(await client.get(artifactsPath(account.id, last.id), z.array(z.string()).nullable(), signal)),
  };
  return { kind: 'data', account, environments, environmentId, runs, ...(artifacts && { artifacts }) };
}

const artifactsPath = (account: number, run: number) => `/api/v2/accounts/${account}/runs/${run}/artifacts/`;
/** Succeeded or failed: either leaves artifacts. */
const isFinished = ({ status }: AdminRun) => status === 10 || status === 20;

function dataOf<Data>(answer: AdminAnswer<Data>): Data | undefined {
  return answer.kind === 'data' ? answer.data : undefined;
}

function onlyProduction(environments: readonly AdminEnvironment[], projectId: number | undefined): number | undefined {
  const production = environments.filter(
    ({ deployment_type: type, project_id: project }) =>
      type === 'production' && (projectId === undefined || project === projectId),
  );
  return production.length === 1 ? production[0]?.id : undefined;
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
