import { FatalError } from '../domain/errors.ts';
import type { EnvironmentFacts, Probe, ProjectFacts } from '../domain/source.ts';
import type { IntegrationScope } from '../domain/store.ts';

/** Nothing is known of a project. */
export const NO_PROJECT: Required<ProjectFacts> = {
  accountId: null,
  projectId: null,
  dbtVersion: null,
  projectName: null,
  adapterType: null,
  environmentName: null,
  gitSha: null,
};

/** What is known of a project when somebody says more: who spoke first is believed. */
export function knownFacts(known: ProjectFacts, told: ProjectFacts | undefined): ProjectFacts {
  if (told === undefined) return known;
  const keys = Object.keys(NO_PROJECT) as (keyof ProjectFacts)[];
  return { ...NO_PROJECT, ...Object.fromEntries(keys.map((key) => [key, known[key] ?? told[key] ?? null])) };
}

/** What the probe says of the environment, and where it says nothing, what the pages did. */
export function environmentFacts({ environment }: Probe, project: ProjectFacts): EnvironmentFacts {
  return {
    adapterType: environment.adapterType ?? project.adapterType ?? null,
    projectName: environment.projectName ?? project.projectName ?? null,
    gitSha: environment.gitSha ?? project.gitSha ?? null,
    updatedAt: environment.updatedAt,
  };
}

/**
 * Ids that are configured protect a name from being pointed at somebody else's environment.
 * @throws FatalError when the pages said others.
 */
export function refuseOther(scope: IntegrationScope, { accountId, projectId }: ProjectFacts): void {
  const wrong = [
    { key: 'account', configured: scope.accountId, said: accountId },
    { key: 'project', configured: scope.projectId, said: projectId },
  ].find(({ configured, said }) => configured !== null && said !== null && configured !== said);
  if (wrong === undefined) return;
  const { key, configured, said } = wrong;
  throw new FatalError(
    `Environment ${scope.environmentId} belongs to ${key} ${said}, but ${key}_id is ${configured}: correct ${key}_id or environment_id.`,
  );
}
