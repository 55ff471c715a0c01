import { z } from 'zod';
import { FatalError } from '../../domain/errors.ts';
import { id, nullableId, nullableText, read } from '../../normalize/scalars.ts';
import type { AdminApi } from './api.ts';
import { allRows } from './pages.ts';
import { type Listed, readRows } from './rejects.ts';

const rawEnvironment = z.object({
  id,
  name: nullableText.default(null),
  project_id: nullableId.default(null),
  type: nullableText.default(null),
  deployment_type: nullableText.default(null),
});

/** An environment of the dbt platform. */
export interface Environment {
  readonly id: number;
  readonly name: string | null;
  readonly projectId: number | null;
  /** `deployment`, or `development`, in which nobody runs jobs. */
  readonly type: string | null;
  /** `production`, `staging` or null. */
  readonly deploymentType: string | null;
}

function environmentOf(raw: unknown): Environment {
  const { id, name, project_id, type, deployment_type } = read(rawEnvironment, raw);
  return { id, name, projectId: project_id, type, deploymentType: deployment_type };
}

export interface EnvironmentScope {
  readonly accountId: number;
  readonly projectId?: number | undefined;
}

/** The environments of an account, or of one of its projects (Admin API v2, "List environments"). */
export async function listEnvironments(
  api: AdminApi,
  { accountId, projectId }: EnvironmentScope,
  signal: AbortSignal,
): Promise<Listed<Environment>> {
  const path = `/api/v2/accounts/${accountId}/environments/`;
  const rows = await allRows(api, { path, query: { project_id: projectId } }, signal);
  return readRows('environment', rows, environmentOf);
}

function listed(environments: readonly Environment[], withProject: boolean): string {
  const project = ({ projectId }: Environment) => (withProject ? ` of project ${projectId}` : '');
  return environments.map((one) => `${one.id} (${one.name ?? 'without a name'}${project(one)})`).join(', ');
}

/**
 * The environment whose state is read when none is configured: the one marked as production, of which a project has
 * one at most.
 * @throws FatalError that lists what there is to choose from when there is no such environment, or more than one.
 */
export async function productionEnvironment(
  api: AdminApi,
  scope: EnvironmentScope,
  signal: AbortSignal,
): Promise<Environment> {
  const { items } = await listEnvironments(api, scope, signal);
  const deployed = items.filter(({ type }) => type !== 'development');
  const production = deployed.filter(({ deploymentType }) => deploymentType === 'production');
  const [environment] = production;
  if (environment !== undefined && production.length === 1) return environment;
  const where = scope.projectId === undefined ? `Account ${scope.accountId}` : `Project ${scope.projectId}`;
  const isAccount = scope.projectId === undefined;
  if (production.length > 1) {
    throw new FatalError(
      `${where} has ${production.length} production environments: give one of them as environment_id${isAccount ? ', or its project as project_id' : ''}: ${listed(production, isAccount)}.`,
    );
  }
  if (deployed.length === 0) {
    throw new FatalError(`${where} has no deployment environment that this token may see: nothing runs in it.`);
  }
  throw new FatalError(
    `${where} has no environment marked as production, which is legal: give one of these as environment_id: ${listed(deployed, isAccount)}.`,
  );
}
