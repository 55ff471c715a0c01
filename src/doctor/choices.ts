import type { Secret } from '../domain/secret.ts';
import { type Account, getAccount, listAccounts } from '../sources/admin/account.ts';
import { createAdminClient } from '../sources/admin/client.ts';
import { type AdminEnvironment, listEnvironments, listProjects } from '../sources/admin/environments.ts';
import type { Wire } from './host.ts';

/** An environment that jobs run in, so that its id need not be typed. */
export interface Choice {
  readonly id: number;
  readonly name: string;
  readonly isProduction: boolean;
  readonly accountId: number;
  readonly projectId: number | undefined;
  readonly projectName: string | undefined;
}

interface Asked {
  /** Origin of the access URL. */
  readonly url: string;
  readonly token: Secret;
  readonly accountId?: number | undefined;
  readonly projectId?: number | undefined;
}

/**
 * The deployment environments that the token may see through the Admin API, production first; none when it may not be
 * asked, or when several accounts are seen and none is chosen.
 */
export async function environmentChoices({ url, token, accountId, projectId }: Asked, wire: Wire): Promise<Choice[]> {
  const { fetch, signal } = wire;
  const client = createAdminClient({ url, token, fetch });
  const accounts: readonly Account[] = await (async () => {
    if (accountId === undefined) {
      const answer = await listAccounts(client, signal);
      return answer.kind === 'data' ? answer.data : [];
    }
    const answer = await getAccount(client, accountId, signal);
    return answer.kind === 'data' ? [answer.data] : [];
  })();
  const [account, ...others] = accounts;
  if (account === undefined || others.length > 0) return [];
  const environments = await listEnvironments(client, { accountId: account.id, projectId }, signal);
  if (environments.kind !== 'data') return [];
  const projects = await listProjects(client, account.id, signal);
  const names = new Map(projects.kind === 'data' ? projects.data.map(({ id, name }) => [id, name ?? undefined]) : []);
  return environments.data
    .filter(({ type }) => type !== 'development')
    .map((environment) => choiceOf(environment, account.id, names))
    .toSorted((a, b) => Number(b.isProduction) - Number(a.isProduction));
}

function choiceOf(
  { id, name, project_id: project, deployment_type: type }: AdminEnvironment,
  accountId: number,
  names: ReadonlyMap<number, string | undefined>,
): Choice {
  const projectId = project ?? undefined;
  return {
    id,
    name: name ?? 'no name',
    isProduction: type === 'production',
    accountId,
    projectId,
    projectName: projectId === undefined ? undefined : names.get(projectId),
  };
}
