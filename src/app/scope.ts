import { configHash } from '../config/config-hash.ts';
import { secondTickAfter } from '../config/ticks.ts';
import type { IntegrationConfig, Limits } from '../config/types.ts';
import type { IntegrationScope } from '../domain/store.ts';

/** What a configuration alone does not say of a pass. */
export interface ScopeOptions {
  /** The one that is read, configured or found out; null for a folder. */
  readonly environmentId: number | null;
  /** Closes what is missing however much it is. */
  readonly allowRemovals: boolean;
  readonly limits: Limits;
}

type PlatformIds = Pick<IntegrationScope, 'accountId' | 'projectId' | 'jobId' | 'accessUrl'>;

/** Everything a folder has no part of. */
const NO_PLATFORM: PlatformIds = { accountId: null, projectId: null, jobId: null, accessUrl: null };

function platformIds(integration: IntegrationConfig): PlatformIds {
  if (integration.source === 'files') return NO_PLATFORM;
  const { accountId = null, projectId = null, jobId = null, accessUrl } = integration;
  // Links into dbt are made of it, so what people copy along (a path, a last slash) must go.
  return { accountId, projectId, jobId, accessUrl: accessUrl === undefined ? null : new URL(accessUrl).origin };
}

/** What identifies an integration to the store, and how its passes are judged. */
export function scopeOf(integration: IntegrationConfig, options: ScopeOptions): IntegrationScope {
  const { name, schedule, timeZone, maxRemovalRatio } = integration;
  const { environmentId, allowRemovals, limits } = options;
  return {
    name,
    ...platformIds(integration),
    environmentId,
    schedule: schedule ?? null,
    timeZone,
    staleAfter: schedule === undefined ? null : (end) => secondTickAfter(schedule, timeZone, end),
    maxRemovalRatio: allowRemovals ? 1 : maxRemovalRatio,
    configHash: configHash(integration, limits),
  };
}
