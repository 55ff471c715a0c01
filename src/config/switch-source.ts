import { FatalError } from '../domain/errors.ts';
import type { IntegrationConfig, PlatformIntegration, PlatformSource } from './types.ts';

/** The same integration, asked in another way. @throws FatalError when it cannot be. */
export function withSource(integration: IntegrationConfig, source: PlatformSource): PlatformIntegration {
  const { name } = integration;
  if (integration.source === 'files') {
    throw new FatalError(`"${name}" reads a folder (source: files), which --source cannot change: leave --source out.`);
  }
  const { accessUrl, discoveryUrl, adminUrl } = integration;
  if (source === 'artifacts' && accessUrl === undefined && adminUrl === undefined) {
    throw new FatalError(`--source artifacts needs access_url or admin_url, and "${name}" has neither of them.`);
  }
  if (source !== 'artifacts' && accessUrl === undefined && discoveryUrl === undefined) {
    throw new FatalError(`--source ${source} needs access_url or discovery_url, and "${name}" has neither of them.`);
  }
  return { ...integration, source };
}
