import { secondTickAfter } from '../config/ticks.ts';
import type { FilesIntegration, PlatformIntegration } from '../config/types.ts';
import type { IntegrationStatus } from '../store/read/status.ts';
import { failed, minute, ok, skipped, span, type Verdict, warning } from './check.ts';

type Scheduled = Pick<FilesIntegration, 'name' | 'schedule' | 'timeZone'> &
  Partial<Pick<PlatformIntegration, 'environmentId'>>;

/** Whether the store holds this integration, and whether its syncs go on as scheduled. */
export function lastSyncVerdict(
  { name, environmentId, schedule, timeZone }: Scheduled,
  synced: readonly IntegrationStatus[] | undefined,
  now: Date,
): Verdict {
  if (synced === undefined) return skipped('the store cannot be read');
  const status = synced.find(({ integration }) => integration === name);
  if (status === undefined || (status.last_sync_at === null && status.nodes === 0)) return ok('never synced yet');
  // A configured one cannot take the place of another one, which one that is found out never does.
  if (status.nodes > 0 && environmentId !== undefined && Number(status.environment_id ?? 0) !== environmentId) {
    const held = status.environment_id === null ? 'a folder of artifacts' : `environment ${status.environment_id}`;
    const message = `The store holds ${held} under the name ${name}, but environment_id is ${environmentId}.`;
    return failed(message, 'Choose another name for this environment, or correct environment_id.');
  }
  const { last_success_at: success, last_sync_outcome: outcome, last_sync_error: error } = status;
  const since = success === null ? 'never' : `${span(now.getTime() - success.getTime())} ago`;
  if (outcome === 'failed' || outcome === 'interrupted' || outcome === 'partial') {
    const why = error === null ? '' : ` ${error.replaceAll(/\s+/g, ' ')}`;
    const message = `The last sync ended ${outcome}; the last one without loss: ${since}.${why}`;
    const mend =
      outcome === 'partial'
        ? 'Do what these reasons say; dbt.rejects holds the records that could not be read.'
        : 'If everything above is well, sync again: "dbt-observer sync".';
    return warning(message, mend);
  }
  if (success !== null && schedule !== undefined && secondTickAfter(schedule, timeZone, success) < now) {
    const message = `The schedule ${schedule} asks for more than the last sync, ${since}.`;
    return warning(
      message,
      'See whether what runs "dbt-observer sync" on that schedule (cron, systemd, an orchestrator) still does.',
    );
  }
  return ok(
    success === null ? 'none has ended without loss' : `the last one without loss at ${minute(success)}, ${since}`,
  );
}
