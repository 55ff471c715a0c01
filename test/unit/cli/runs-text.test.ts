import { describe, expect, it } from 'vitest';
import { emptiness, runsText } from '../../../src/cli/commands/runs.ts';
import type { RunRow } from '../../../src/store/read/runs.ts';

const run = (more: Partial<RunRow> = {}): RunRow => ({
  integration: 'shop',
  run_id: '70403104000101',
  job_id: 7,
  job_name: 'Daily build',
  status: 'error',
  cause: 'scheduled',
  created_at: null,
  started_at: null,
  finished_at: new Date('2026-03-01T06:05:00Z'),
  duration_s: 245,
  sets_state: true,
  models_ok: 12,
  models_failed: 1,
  tests_passed: 30,
  tests_failed: 2,
  tests_warned: 0,
  results_missing_reason: null,
  error_message: null,
  url: null,
  ...more,
});

const cells = (line: string | undefined) => (line ?? '').split(/ {2,}/);
const tableOf = (...runs: RunRow[]) => runsText(runs, undefined).trimEnd().split('\n').map(cells);

describe('the table of runs', () => {
  it('tells job, status, cause, end, duration and what came of models and tests', () => {
    expect(tableOf(run())).toEqual([
      ['run', 'job', 'status', 'cause', 'finished (UTC)', 'took', 'models', 'tests', 'missing'],
      [
        '70403104000101',
        'Daily build',
        'error',
        'scheduled',
        '2026-03-01 06:05',
        '4 min 5 s',
        '12 ok, 1 failed',
        '30 passed, 2 failed',
        '-',
      ],
    ]);
  });

  it('has a dash for all that is not known of a run', () => {
    const unknown = { job_name: null, job_id: null, status: null, cause: null, finished_at: null, duration_s: null };
    const counts = { models_ok: null, models_failed: null, tests_passed: null, tests_failed: null, tests_warned: null };
    expect(tableOf(run({ ...unknown, ...counts }))[1]).toEqual(['70403104000101', ...Array(8).fill('-')]);
  });

  it('has the id of a job without a name, and why results are missing', () => {
    const [, line] = tableOf(run({ job_name: null, results_missing_reason: 'The run is still going.' }));
    expect([line?.[1], line?.at(-1)]).toEqual(['7', 'The run is still going.']);
  });

  it('names the integration where there are several', () => {
    const lines = tableOf(run(), run({ integration: 'core', run_id: 'f3c2' }));
    expect(lines.map(([first]) => first)).toEqual(['integration', 'shop', 'core']);
  });
});

describe('an answer without runs', () => {
  it.each([
    [0, 'No integration was synced yet'],
    [1, 'nothing has run in the environment yet'],
  ])('says why, with %i integrations', (integrations, words) => {
    expect(emptiness(integrations)).toContain(words);
  });
});
