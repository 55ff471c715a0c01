import type { Config, DatabaseConfig, IntegrationConfig, PlatformIntegration } from './types.ts';
import { maskUrl } from './urls.ts';

const shownUrl = (url: string | undefined): string | undefined => (url === undefined ? undefined : maskUrl(url));

const shownDatabase = (database: DatabaseConfig): Record<string, string> =>
  database.kind === 'url' ? { url: maskUrl(database.url.reveal()) } : { embedded: database.directory };

const shownPlatform = (integration: PlatformIntegration): Record<string, unknown> => ({
  access_url: shownUrl(integration.accessUrl),
  discovery_url: shownUrl(integration.discoveryUrl),
  admin_url: shownUrl(integration.adminUrl),
  account_id: integration.accountId,
  project_id: integration.projectId,
  environment_id: integration.environmentId,
  job_id: integration.jobId,
  token: String(integration.token),
  ...(integration.webhookSecrets && { webhook: { secrets: integration.webhookSecrets.map(String) } }),
});

const shownIntegration = (integration: IntegrationConfig): Record<string, unknown> => ({
  name: integration.name,
  ...(integration.source === 'files' ? { artifacts_dir: integration.artifactsDir } : shownPlatform(integration)),
  source: integration.source,
  schedule: integration.schedule,
  time_zone: integration.timeZone,
});

const shownAge = (seconds: number | null): string => (seconds === null ? 'forever' : `${seconds}s`);

/** The configuration in the file's own spelling, fit to be printed: tokens and passwords read `***`. */
export const redactConfig = (config: Config): Record<string, unknown> => ({
  file: config.file,
  database: shownDatabase(config.database),
  integrations: config.integrations.map(shownIntegration),
  requests_per_minute: config.limits.requestsPerMinute,
  max_artifact_mb: config.limits.maxArtifactMb,
  retention: {
    run_results: shownAge(config.retention.runResultsS),
    sync_runs: shownAge(config.retention.syncRunsS),
    rejects: shownAge(config.retention.rejectsS),
    webhook_events: shownAge(config.retention.webhookEventsS),
  },
  server: { ...config.server },
  log: { ...config.log },
});
