import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import type { PlatformIntegration } from '../../src/config/types.ts';
import { Secret } from '../../src/domain/secret.ts';
import { ACCOUNT, PRODUCTION, PROJECT } from './mini-ids.ts';

/** The production environment of a mini history. */
export const integrationOf = (url: string, more: Partial<PlatformIntegration> = {}): PlatformIntegration => ({
  name: 'shop',
  discoveryUrl: `${url}/graphql`,
  adminUrl: url,
  accountId: ACCOUNT,
  projectId: PROJECT,
  environmentId: PRODUCTION,
  token: new Secret(DEFAULT_TOKEN),
  source: 'auto',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  discoveryLagS: 1_800,
  runHistory: true,
  ...more,
});
