import { createHash } from 'node:crypto';
import type { IntegrationConfig } from './types.ts';

/**
 * Hex sha256 over everything that decides what a pass reads; two passes of one hash ask the same question. The token is
 * not part of it (a new one changes nothing that is read), nor are the name and the schedule.
 */
export const configHash = (integration: IntegrationConfig): string => {
  const asked = [
    integration.accessUrl ?? null,
    integration.discoveryUrl ?? null,
    integration.accountId ?? null,
    integration.projectId ?? null,
    integration.environmentId,
    integration.jobId ?? null,
    integration.source,
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
};
