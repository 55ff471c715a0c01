import type { RunWindow } from '../domain/runs.ts';
import type { BackfillPlan, BackfillProgress, BackfillResult } from '../sync/backfill.ts';
import { counted, duration, instant, plain, size } from './format.ts';

/** A backfill, with how long it took in seconds. */
export interface TimedBackfill extends BackfillResult {
  readonly durationS: number;
  readonly dryRun: boolean;
  readonly window: RunWindow;
}

/** What is asked for, and how long that takes at so many requests a minute: `480 requests, about 30 s`. */
export function planText({ runs, known, requests }: BackfillPlan, perMinute: number): string {
  if (runs === null || requests === null) return `an unknown number of runs, ${counted(known, 'run')} of them stored`;
  const seconds = (60 * requests) / perMinute;
  const left = runs - known;
  if (runs === 0) return 'no run ended within this time';
  if (left === 0) return `${counted(runs, 'run')}, all of them stored; nothing is left to take`;
  return `${counted(runs, 'run')}, ${known.toLocaleString('en-US')} of them stored; about ${counted(requests, 'request')} for ${counted(left, 'run')}, which takes ${duration(Math.max(1, seconds))} or more`;
}

/** `shop [####......] 120 of 300 runs, 24,000 results, 14.2 runs/s, 13.0 s left` */
export function progressText(
  name: string,
  { seen, taken, results }: BackfillProgress,
  { total, seconds }: { readonly total: number | null; readonly seconds: number },
): string {
  const rate = seconds > 0 ? taken / seconds : 0;
  const filled = total === null || total === 0 ? 0 : Math.min(10, Math.floor((10 * seen) / total));
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(10 - filled)}]`;
  const of = total === null ? '' : ` of ${total.toLocaleString('en-US')}`;
  const left =
    total === null || seen === 0 || seen >= total ? '' : `, ${duration((seconds / seen) * (total - seen))} left`;
  return `${name} ${bar} ${seen.toLocaleString('en-US')}${of} runs, ${counted(results, 'result')}, ${rate.toFixed(1)} runs/s${left}`;
}

/** A backfill as the last line of `--json` shows it. */
export function backfillJson(done: TimedBackfill): Record<string, unknown> {
  const { plan, window } = done;
  return {
    integration: done.integration,
    sync_run_id: done.syncRunId,
    outcome: done.outcome,
    dry_run: done.dryRun,
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    duration_s: done.durationS,
    runs: plan.runs,
    seen: done.seen,
    taken: done.taken,
    known: done.known,
    missing: [...done.missing].map(([reason, runs]) => ({ reason, runs })),
    without_results: [...done.empty].map(([reason, runs]) => ({ reason, runs })),
    failed: done.failed.map(({ runId, error }) => ({ run_id: runId, error })),
    rejects: done.rejects,
    results: done.results,
    rows_written: done.rowsWritten,
    requests: done.requests,
    bytes: done.bytes,
  };
}

function reasonLines(label: string, reasons: ReadonlyMap<string, number>): string[][] {
  return [...reasons].map(([reason, runs], index) => [
    index === 0 ? label : '',
    `${counted(runs, 'run')}: ${plain(reason)}`,
  ]);
}

const NO_RUN = 'If there should be runs, check the times, the job, and with doctor what the token may see.';

/** So many failures are shown by their runs. */
const FAILURES = 5;

/** A backfill in a few lines for a person: what was there, what was taken, and what could not be had. */
export function backfillText(done: TimedBackfill): string {
  const { window, failed, missing } = done;
  const from = window.from.getTime() === 0 ? 'everything' : instant(window.from);
  const took = `${counted(done.requests, 'request')}, ${size(done.bytes)}, ${duration(done.durationS)}`;
  const lines = [
    ['window', `${from} to ${instant(window.to)}`],
    ['seen', counted(done.seen, 'run')],
    ['taken', `${counted(done.taken, 'run')}, ${counted(done.results, 'new result')}`],
    ['known', `${counted(done.known, 'run')} stored before`],
    ...reasonLines('without', done.empty),
    ...reasonLines('missing', missing),
    ...failed
      .slice(0, FAILURES)
      .map(({ runId, error }, index) => [index === 0 ? 'failed' : '', `run ${runId}: ${plain(error)}`]),
    ...(failed.length > FAILURES ? [['', `and ${counted(failed.length - FAILURES, 'more run')}`]] : []),
    ...(done.rejects === 0 ? [] : [['rejected', `${counted(done.rejects, 'record')}, see dbt.rejects`]]),
    ['written', `${counted(done.rowsWritten, 'row')} (${took})`],
  ];
  const anew = missing.size === 0 ? '' : '  With --retry-missing the same command asks again for what is missing.\n';
  const again = failed.length === 0 ? '' : '  The same command takes the failed runs another time.\n';
  const none = done.seen === 0 && failed.length === 0 ? `  ${NO_RUN}\n` : '';
  return `${done.integration}: ${done.outcome}\n${lines.map(([label = '', text = '']) => `  ${label.padEnd(9)}${text}\n`).join('')}${anew}${again}${none}`;
}
