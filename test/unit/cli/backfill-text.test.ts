import { describe, expect, it } from 'vitest';
import {
  backfillJson,
  backfillText,
  planText,
  progressText,
  type TimedBackfill,
} from '../../../src/cli/backfill-text.ts';

const done = (fields: Partial<TimedBackfill> = {}): TimedBackfill => ({
  integration: 'shop',
  syncRunId: 7,
  outcome: 'done',
  plan: { runs: 12, known: 2, requests: 31 },
  seen: 12,
  taken: 10,
  known: 2,
  missing: new Map(),
  empty: new Map(),
  failed: [],
  rejects: 0,
  results: 2_400,
  rowsWritten: 2_450,
  requests: 32,
  bytes: 1_000,
  durationS: 3,
  dryRun: false,
  window: { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') },
  ...fields,
});

describe('the plan of a backfill', () => {
  it('says how many runs and requests there are, and how long the pace makes them last', () => {
    const text = planText({ runs: 5_000, known: 200, requests: 14_450 }, 1_000);
    expect(text).toMatch(/^5,000 runs, 200 of them stored; about 14,450 requests for 4,800 runs, which takes 14 min/);
  });

  it('says when nothing is left to take, and when there never was', () => {
    expect(planText({ runs: 12, known: 12, requests: 1 }, 1_000)).toBe(
      '12 runs, all of them stored; nothing is left to take',
    );
    expect(planText({ runs: 0, known: 0, requests: 0 }, 1_000)).toBe('no run ended within this time');
  });

  it('does not count what the service does not count', () => {
    const text = planText({ runs: null, known: 1, requests: null }, 1_000);
    expect(text).toBe('an unknown number of runs, 1 run of them stored');
  });
});

describe('the progress of a backfill', () => {
  const progress = { seen: 120, taken: 100, results: 24_000 };

  it('shows how far it is, how fast, and how long it still takes', () => {
    expect(progressText('shop', progress, { total: 300, seconds: 10 })).toBe(
      'shop [####......] 120 of 300 runs, 24,000 results, 10.0 runs/s, 15.0 s left',
    );
  });

  it('shows what is known when nobody says how many there are', () => {
    expect(progressText('shop', progress, { total: null, seconds: 10 })).toBe(
      'shop [..........] 120 runs, 24,000 results, 10.0 runs/s',
    );
  });

  it('of nothing divides by nothing', () => {
    const none = { seen: 0, taken: 0, results: 0 };
    expect(progressText('shop', none, { total: 0, seconds: 0 })).toBe(
      'shop [..........] 0 of 0 runs, 0 results, 0.0 runs/s',
    );
  });

  it('never shows more than the whole, when runs end meanwhile', () => {
    const text = progressText('shop', { ...progress, seen: 310 }, { total: 300, seconds: 31 });
    expect(text).toMatch(/^shop \[#{10}\] 310 of 300 runs, .* runs\/s$/);
  });
});

describe('the end of a backfill', () => {
  it('tells what was there and what was taken', () => {
    const text = backfillText(done());
    expect(text).toMatch(/^shop: done\n/);
    expect(text).toMatch(
      /\n {2}seen +12 runs\n {2}taken +10 runs, 2,400 new results\n {2}known +2 runs stored before\n/,
    );
    expect(text).not.toMatch(/missing|failed|rejected/);
  });

  it('tells of everything that could not be had, and what to do', () => {
    const failed = Array.from({ length: 7 }, (_, index) => ({ runId: index, error: 'It is down.\nReally.' }));
    const missing = new Map([
      ['A run kept no artifacts.', 3],
      ['A run is gone.', 1],
    ]);
    const lines = backfillText(done({ outcome: 'partial', missing, failed, rejects: 2 })).split('\n');
    const text = lines.map((line) => line.replaceAll(/ +/g, ' ')).join('\n');
    expect(text).toContain(
      ' missing 3 runs: A run kept no artifacts.\n 1 run: A run is gone.\n failed run 0: It is down.',
    );
    expect(text).toContain(' and 2 more runs\n rejected 2 records, see dbt.rejects\n');
    expect(text).toMatch(
      /\n With --retry-missing the same command asks again for what is missing\.\n The same command takes the failed runs another time\.\n$/,
    );
  });

  it('tells which runs never had results, and of no run at all what to check', () => {
    const text = backfillText(done({ empty: new Map([['failed before dbt executed anything', 2]]) }));
    expect(text).toMatch(/\n {2}without +2 runs: failed before dbt executed anything\n/);
    expect(text).not.toContain('If there should be');
    const none = backfillText(done({ seen: 0, taken: 0, window: { from: new Date(0), to: new Date('2026-02-01') } }));
    expect(none).toMatch(/\n {2}window +everything to 2026-02-01 00:00 UTC\n/);
    expect(none).toMatch(/If there should be runs, check the times, the job, /);
  });

  it('is one object for machines', () => {
    const json = JSON.parse(
      JSON.stringify(backfillJson(done({ failed: [{ runId: 5, error: 'No.' }], missing: new Map([['Gone.', 1]]) }))),
    );
    expect(json).toMatchObject({
      integration: 'shop',
      sync_run_id: 7,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
      runs: 12,
      missing: [{ reason: 'Gone.', runs: 1 }],
      failed: [{ run_id: 5, error: 'No.' }],
      rows_written: 2_450,
    });
  });
});
