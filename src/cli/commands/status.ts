import type { Command } from 'commander';
import { RESOURCE_TYPES } from '../../domain/records.ts';
import { type IntegrationStatus, integrationStatus } from '../../store/read/status.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { counted, countedType, duration, instant, plain } from '../format.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, readConfig, requireKnown, withStore } from '../session.ts';

const NOTHING_KNOWN = 'nothing is known yet';

/** The command `status`. */
export function addStatus(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .description('last syncs, lag and counts of every (or one) integration')
    .argument('[name]', 'one integration')
    .action(async (name: string | undefined, options: CommonOptions) => exit(await runStatus(io, name, options)));
  common(command, 'status analytics-prod');
}

async function runStatus(io: Io, name: string | undefined, options: CommonOptions): Promise<ExitCode> {
  const config = await readConfig(io, options);
  const synced = (await withStore(io, config, integrationStatus)) ?? [];
  const configured = config.integrations.map((integration) => integration.name);
  const names = [...new Set([...configured, ...synced.map(({ integration }) => integration)])];
  if (name !== undefined) requireKnown(name, names);
  const shown = names
    .filter((one) => name === undefined || one === name)
    .map((one) => synced.find(({ integration }) => integration === one) ?? one);
  const json = shown.map((one) => (typeof one === 'string' ? { integration: one, last_sync_outcome: null } : one));
  answer(
    io,
    json,
    () => shown.map(statusText).join('\n') || 'No integration is configured and none was ever synced.\n',
  );
  return EXIT.done;
}

/** One integration in a few lines; a name alone is configured and was never synced. */
export function statusText(status: IntegrationStatus | string): string {
  if (typeof status === 'string') return `${status}: never synced\n`;
  const { lag_s: lag, dbt_updated_at: updated, last_sync_error: error, last_fallback_reason: reason } = status;
  const lines = [
    ['last sync', lastSyncText(status)],
    ...(reason === null ? [] : [['', plain(reason)]]),
    ...(error === null ? [] : [['', plain(error)]]),
    ['lag', lag === null ? 'no sync without loss yet' : `${duration(lag)} since the last sync without loss`],
    ['dbt', updated === null ? 'does not say when its state last moved' : `its state last moved ${instant(updated)}`],
    ['nodes', nodesText(status)],
    ['tests', testsText(status)],
  ];
  const going =
    status.syncing_since === null ? '' : ` (a sync started at ${instant(status.syncing_since)} and has not ended)`;
  const body = lines.map(([label = '', text = '']) => `  ${label.padEnd(11)}${text}\n`);
  const what = status.environment_id === null ? 'a folder of artifacts' : `environment ${status.environment_id}`;
  return `${status.integration}: ${what}${going}\n${body.join('')}`;
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
