import { createHash } from 'node:crypto';
import type { FilesIntegration, IntegrationConfig, Limits, PlatformIntegration } from './types.ts';

const platformAsked = (integration: PlatformIntegration): readonly unknown[] => [
  integration.accessUrl ?? null,
  integration.discoveryUrl ?? null,
  integration.adminUrl ?? null,
  integration.accountId ?? null,
  integration.projectId ?? null,
  integration.environmentId ?? null,
  integration.jobId ?? null,
  integration.runHistory,
];

const filesAsked = ({ artifactsDir }: FilesIntegration): readonly unknown[] => [artifactsDir];

/**
 * Hex sha256 over everything that decides what a pass reads; two passes of one hash ask the same question. The token is
 * not part of it (a new one changes nothing that is read), nor are the name, the schedule, and how often and how late
 * is asked.
 */
export const configHash = (
  integration: IntegrationConfig,
  { maxArtifactMb }: Pick<Limits, 'maxArtifactMb'>,
): string => {
  const { source } = integration;
  const asked = integration.source === 'files' ? filesAsked(integration) : platformAsked(integration);
  // The Discovery API has no artifacts that could be too large.
  const limit = source === 'discovery' ? null : maxArtifactMb;
  return createHash('sha256')
    .update(JSON.stringify([source, limit, ...asked]))
    .digest('hex');
};
