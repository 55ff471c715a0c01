import type { Command } from 'commander';
import type { Config, IntegrationConfig } from '../../config/types.ts';
import { RESOURCE_TYPES } from '../../domain/records.ts';
import { type QueuedJob, queuedJobs } from '../../store/read/queue.ts';
import { type IntegrationStatus, integrationStatus } from '../../store/read/status.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { counted, countedType, duration, instant, plain } from '../format.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, readConfig, requireKnown, withStore } from '../session.ts';
import { jobText, type ScheduleStatus, scheduleStatus, scheduleText } from '../status-schedule.ts';

const NOTHING_KNOWN = 'nothing is known yet';

/** The command `status`. */
export function addStatus(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .description('last syncs, lag, next tick, queue and counts of every (or one) integration')
    .argument('[name]', 'one integration')
    .action(async (name: string | undefined, options: CommonOptions) => exit(await runStatus(io, name, options)));
  common(command, 'status analytics-prod');
}

async function runStatus(io: Io, name: string | undefined, options: CommonOptions): Promise<ExitCode> {
  const config = await readConfig(io, options);
  const found = await withStore(io, config, async (reader) => ({
    synced: await integrationStatus(reader),
    jobs: await queuedJobs(reader),
  }));
  const { synced = [], jobs } = found ?? {};
  const names = [...new Set([...config.integrations.map((one) => one.name), ...synced.map((one) => one.integration)])];
  if (name !== undefined) requireKnown(name, names);
  const now = new Date();
  const shown = names
    .filter((one) => name === undefined || one === name)
    .map((one) =>
      shownStatus(one, { config, stored: synced.find(({ integration }) => integration === one), jobs, now }),
    );
  const others = name === undefined ? (jobs ?? []).filter((job) => !names.includes(job.integration ?? '')) : [];
  const json = shown.map(({ integration, stored, schedule, jobs: own }) => ({
    ...(stored ?? { integration, last_sync_outcome: null }),
    ...schedule,
    jobs: own,
  }));
  answer(io, json, () => {
    const text = shown.map(statusText).join('\n') || 'No integration is configured and none was ever synced.\n';
    return `${text}${othersText(others)}`;
  });
  return EXIT.done;
}

/** What is shown of an integration. */
interface Shown {
  readonly integration: string;
  /** Undefined when it is configured no more, or elsewhere. */
  readonly configured: IntegrationConfig | undefined;
  /** Undefined when it was never synced. */
  readonly stored: IntegrationStatus | undefined;
  readonly schedule: ScheduleStatus;
  /** Null where there is no queue that can be read. */
  readonly jobs: readonly QueuedJob[] | null;
}

interface Known {
  readonly config: Config;
  readonly stored: IntegrationStatus | undefined;
  readonly jobs: readonly QueuedJob[] | undefined;
  readonly now: Date;
}

function shownStatus(integration: string, { config, stored, jobs, now }: Known): Shown {
  const configured = config.integrations.find(({ name }) => name === integration);
  // What is configured now goes before what was when the last sync ended.
  const schedule = configured === undefined ? (stored?.schedule ?? undefined) : configured.schedule;
  const timeZone = configured?.timeZone ?? stored?.time_zone ?? 'UTC';
  const cron = schedule === undefined ? undefined : { schedule, timeZone };
  return {
    integration,
    stored,
    configured,
    schedule: scheduleStatus(cron, stored?.last_success_started_at ?? stored?.known_since ?? null, now),
    jobs: jobs?.filter((job) => job.integration === integration) ?? null,
  };
}

/** Jobs of no integration that is shown: of names that are configured no more, or elsewhere; upkeep only when it fails. */
function othersText(jobs: readonly QueuedJob[]): string {
  const told = jobs.filter(({ integration, last_error: error }) => integration !== null || error !== null);
  return told.map((job) => `\n${job.integration ?? 'queue'}: ${jobText(job)}\n`).join('');
}

const line = ([label = '', text = '']: readonly string[]) => `  ${label.padEnd(11)}${text}\n`;

/** How it stands with the schedule and the queue, where there is anything to say of them. */
function scheduleLines({ schedule, jobs, stored }: Shown): string[][] {
  const told = stored?.last_sync_error ?? null;
  const queued = (jobs ?? []).map((job, index) => [index === 0 ? 'queue' : '', jobText(job, told)]);
  return [...(schedule.schedule === null ? [] : [['schedule', scheduleText(schedule)]]), ...queued];
}

/** One integration in a few lines. */
function statusText(shown: Shown): string {
  const { stored: status } = shown;
  const isNew = status === undefined || (status.last_sync_at === null && status.syncing_since === null);
  if (isNew) return `${shown.integration}: never synced\n${scheduleLines(shown).map(line).join('')}`;
  const { lag_s: lag, dbt_updated_at: updated, last_sync_error: error, last_fallback_reason: reason } = status;
  // Where neither source served, the error begins with why the first one did not.
  const isReasonTold = reason === null || error?.includes(reason) === true;
  const lines = [
    ['last sync', lastSyncText(status)],
    ...(isReasonTold ? [] : [['', plain(reason)]]),
    ...(error === null ? [] : [['', plain(error)]]),
    ['lag', lag === null ? 'no sync without loss yet' : `${duration(lag)} since the last sync without loss`],
    ...scheduleLines(shown),
    ['dbt', updated === null ? 'does not say when its state last moved' : `its state last moved ${instant(updated)}`],
    ['nodes', nodesText(status)],
    ['tests', testsText(status)],
  ];
  const going =
    status.syncing_since === null ? '' : ` (a sync started at ${instant(status.syncing_since)} and has not ended)`;
  const body = lines.map(line);
  return `${status.integration}: ${whatText(shown)}${going}\n${body.join('')}`;
}

/** What is read; before the first success only the configuration says it. */
function whatText({ stored, configured }: Shown): string {
  const asked = configured?.source === 'files' ? undefined : configured?.environmentId;
  const environment = stored?.environment_id ?? asked;
  if (environment !== undefined) return `environment ${environment}`;
  const isFolder = configured === undefined ? stored?.last_success_at !== null : configured.source === 'files';
  return isFolder ? 'a folder of artifacts' : 'an environment that is not known yet';
}

function lastSyncText(status: IntegrationStatus): string {
  if (status.last_sync_at === null) return 'none has ended yet';
  return `${status.last_sync_outcome} at ${instant(status.last_sync_at)} through ${status.last_sync_source}`;
}

/** Whether anything was ever taken in: an empty environment is known to be empty once a sync went through. */
function isKnown({ nodes, last_success_at: success }: IntegrationStatus): boolean {
  return nodes > 0 || success !== null;
}

function testsText(status: IntegrationStatus): string {
  const { counts, failing_tests: failing } = status;
  if (!isKnown(status)) return NOTHING_KNOWN;
  if ((counts.test ?? 0) === 0) return 'there are none';
  if (failing === null) return 'none has an executed result, so nothing is known';
  return failing === 0 ? 'none fails' : `${counted(failing, 'test')} failing`;
}

function nodesText(status: IntegrationStatus): string {
  if (!isKnown(status)) return NOTHING_KNOWN;
  const { nodes, counts } = status;
  const parts = RESOURCE_TYPES.filter((type) => (counts[type] ?? 0) > 0).map((type) =>
    countedType(counts[type] ?? 0, type),
  );
  return parts.length === 0 ? '0' : `${nodes.toLocaleString('en-US')}: ${parts.join(', ')}`;
}
