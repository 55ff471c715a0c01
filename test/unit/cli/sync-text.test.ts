import { describe, expect, it } from 'vitest';
import { progressText } from '../../../src/cli/progress-line.ts';
import { syncJson, syncText, type TimedSync } from '../../../src/cli/sync-text.ts';

const synced = (more: Partial<TimedSync> = {}): TimedSync => ({
  integration: 'shop',
  syncRunId: 7,
  outcome: 'done',
  counts: { test: 2, model: 1_204, metric: 0 },
  rowsWritten: 1_210,
  results: 2,
  changes: { removed: 1, added: 3 },
  rejects: 0,
  requests: 4,
  bytes: 12_340,
  partialReasons: [],
  source: 'discovery',
  fallbackReason: null,
  warnings: [],
  durationS: 4.25,
  dryRun: false,
  ...more,
});

describe('the summary of a sync', () => {
  it('tells counts by type, results, changes, rows and what it took', () => {
    expect(syncText(synced()).split('\n')).toEqual([
      'shop: done',
      '  nodes    1,206: 1,204 models, 2 tests',
      '  results  2 new results',
      '  changes  added 3, removed 1',
      '  written  1,210 rows (4 requests, 12.3 kB, 4.3 s)',
      '',
    ]);
  });

  it('lists every reason why it is only a part', () => {
    const text = syncText(synced({ outcome: 'partial', rejects: 2, partialReasons: ['Two records.', 'A\npage.'] }));
    expect(text.split('\n').slice(-4)).toEqual([
      '  rejected 2 records, see dbt.rejects',
      '  partial  Two records.',
      '           A page.',
      '',
    ]);
  });

  it('says who served instead, and what a person should know', () => {
    const instead = { source: 'artifacts' as const, fallbackReason: 'Discovery is\ndown.', warnings: ['An old file.'] };
    expect(syncText(synced(instead)).split('\n').slice(-3)).toEqual([
      '  source   artifacts: Discovery is down.',
      '  note     An old file.',
      '',
    ]);
    expect(syncText(synced({ ...instead, outcome: 'unchanged' })).split('\n')[1]).toBe(
      '  source   artifacts: Discovery is down.',
    );
    expect(syncJson(synced(instead))).toMatchObject({
      source: 'artifacts',
      fallback_reason: 'Discovery is\ndown.',
      warnings: ['An old file.'],
    });
  });

  it('says in one line that nothing moved', () => {
    const nothing = { outcome: 'unchanged' as const, requests: 1, bytes: 488, durationS: 0.02 };
    expect(syncText(synced(nothing))).toBe(
      'shop: unchanged, nothing moved in dbt since the last sync (1 request, 488 B, 20 ms)\n',
    );
  });

  it('says that a dry run kept nothing', () => {
    expect(syncText(synced({ dryRun: true })).split('\n')[0]).toBe('shop: done (dry run: nothing was kept)');
  });
});

describe('the JSON of a sync', () => {
  it('has the names of dbt.sync_runs', () => {
    expect(syncJson(synced())).toMatchObject({ integration: 'shop', sync_run_id: 7, rows_written: 1_210 });
  });

  it('names no sync run that a dry run rolled back', () => {
    expect(syncJson(synced({ dryRun: true }))).toMatchObject({ sync_run_id: null, dry_run: true });
  });
});

describe('the progress line', () => {
  it('tells how much of what came', () => {
    const types = [
      { resourceType: 'model' as const, received: 120, total: 200 },
      { resourceType: 'test' as const, received: 0, total: 40 },
      { resourceType: 'metric' as const, received: 0, total: 0 },
    ];
    expect(progressText('shop', types)).toBe('shop [#####.....] 120 of 240: model 120/200, test 0/40');
  });

  it('is empty, not broken, before the first count', () => {
    expect(progressText('shop', [])).toBe('shop [..........] 0 of 0: ');
  });
});
