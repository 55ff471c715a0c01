import type { HistoryRecord } from '../../src/domain/records.ts';
import { retain } from '../../src/store/retention.ts';
import { minute, type PassOptions, result, run, type TestStore } from '../store/builders.ts';
import { questions } from './document.ts';

/** Minutes of a day. */
export const DAY = 1_440;
const DAY_S = 86_400;
const UNTIMED = ['reused', 'skipped'];

/** What a run executed, in that order: the status of each node, and the seconds that it took where they are told. */
export interface Outcomes {
  readonly [uniqueId: string]: string | readonly [status: string, seconds: number];
}

/** What the run of each day executed; days count from that of the first manifest. */
export type Days = readonly Outcomes[] | { readonly [day: number]: Outcomes };

/** The one step of a run. */
export const step = (runId: string): HistoryRecord => ({
  ...({ kind: 'step', runId, step: 1, name: 'Build', command: 'dbt build', which: 'build' } as const),
  ...{ status: 'success', invocationId: `i${runId}`, startedAt: minute(0), finishedAt: null },
});

/** A run of each day, 1 that of the first; those of another job than 7 have numbers of their own. */
export async function tell(
  store: TestStore,
  days: Days,
  { jobId = 7, ...options }: PassOptions & { readonly jobId?: number } = {},
): Promise<void> {
  const told = Object.entries(days).map(([day, outcomes]) => {
    const runId = jobId === 7 ? `${Number(day) + 1}` : `${jobId}000${Number(day) + 1}`;
    return { day: Number(day), runId, outcomes: Object.entries(outcomes as Outcomes) };
  });
  const results = told.flatMap(({ day, runId, outcomes }) =>
    outcomes.map(([id, outcome], place) => {
      const [status, seconds] = typeof outcome === 'string' ? [outcome, null] : outcome;
      const at = (minutes: number) => (UNTIMED.includes(status) ? null : minute(day * DAY + minutes));
      const times = { startedAt: at(2 * place), completedAt: at(2 * place + 1), executionTimeS: seconds };
      return result(id, { runId, step: 1, jobId, status, executedAt: minute(day * DAY + 60), ...times });
    }),
  );
  const history = told.flatMap(({ day, runId }) => [
    run(runId, { jobId, createdAt: minute(day * DAY), finishedAt: minute(day * DAY + 60) }),
    step(runId),
  ]);
  await store.sync(results, { source: 'artifacts', ...options, history: [...(options.history ?? []), ...history] });
}

/** Removes results that are older than so many days. Gives how many went. */
export async function prune({ pool }: TestStore, days: number, now: number): Promise<number> {
  const retention = { runResultsS: days * DAY_S, syncRunsS: null, rejectsS: null, webhookEventsS: null };
  const { signal } = new AbortController();
  return (await retain(pool, retention, { now: new Date(minute(now * DAY)), signal })).runResults;
}

/** The answer to a question of the document. */
export async function ask({ rows }: TestStore, question: number): Promise<Record<string, unknown>[]> {
  return rows(questions().find(({ number }) => number === question)?.query ?? '');
}
