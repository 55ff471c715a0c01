import type { IntegrationScope } from '../src/domain/store.ts';

/** The integration that is measured, for an environment. */
export function scopeOf(ids: Pick<IntegrationScope, 'accountId' | 'projectId' | 'environmentId'>): IntegrationScope {
  const { accountId, projectId, environmentId } = ids;
  const how = { schedule: null, timeZone: 'UTC', staleAfter: null, maxRemovalRatio: 0.5, configHash: 'bench' };
  return { name: 'bench', accountId, projectId, environmentId, jobId: null, accessUrl: null, ...how };
}
