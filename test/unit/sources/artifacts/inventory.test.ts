import { describe, expect, it } from 'vitest';
import type { DefinitionRecord, ResourceType, StoreRecord } from '../../../../src/domain/records.ts';
import { createInventory } from '../../../../src/sources/artifacts/inventory.ts';

const page = (records: readonly StoreRecord[]) => ({
  resourceType: 'model' as const,
  received: records.length,
  total: 0,
  records,
  rejects: [],
  incomplete: [],
});

const defined = (uniqueId: string, more: Partial<DefinitionRecord> = {}): DefinitionRecord => ({
  kind: 'definition',
  uniqueId,
  resourceType: uniqueId.split('.')[0] as ResourceType,
  state: 'defined',
  at: null,
  runId: null,
  facts: {},
  parents: [],
  ...more,
});

const result = (uniqueId: string, status: string): StoreRecord => ({
  kind: 'result',
  uniqueId,
  runId: '1',
  step: 1,
  jobId: null,
  status,
  message: null,
  failures: null,
  executedAt: '2026-03-01T05:00:00Z',
  startedAt: null,
  completedAt: null,
  executionTimeS: null,
});

function withNodes(...records: StoreRecord[]) {
  const inventory = createInventory();
  inventory.define(page(records));
  return inventory;
}

describe('what is still unknown of a manifest', () => {
  it('are the nodes that dbt can execute', () => {
    const inventory = withNodes(
      defined('model.shop.a'),
      defined('model.shop.inline', { facts: { materialization: 'ephemeral' } }),
      defined('model.other.b', { state: 'external' }),
      ...['seed.shop.a', 'snapshot.shop.a', 'test.shop.a', 'source.shop.a', 'exposure.shop.a'].map((id) => defined(id)),
    );
    expect([inventory.withoutResult, inventory.withoutSuccess]).toEqual([4, 4]);
  });

  it.each([
    ['model.shop.a', 'success', 0],
    ['model.shop.a', 'warn', 0],
    ['model.shop.a', 'partial success', 0],
    ['model.shop.a', 'error', 1],
    ['model.shop.a', 'skipped', 1],
    ['test.shop.a', 'pass', 0],
    ['test.shop.a', 'warn', 0],
    ['test.shop.a', 'fail', 1],
    ['test.shop.a', 'success', 1],
  ])('is known of %s with %s as far as it tells', (uniqueId, status, left) => {
    const inventory = withNodes(defined(uniqueId));
    inventory.note(page([result(uniqueId, status)]));
    expect([inventory.withoutResult, inventory.withoutSuccess]).toEqual([0, left]);
  });

  it('is freshness where a source has a limit and no check was seen', () => {
    const limits = (warnAfterS: number | null): StoreRecord => ({
      kind: 'build',
      uniqueId: 'source.shop.a',
      at: null,
      facts: { warnAfterS, errorAfterS: null },
    });
    expect(withNodes(limits(null)).lacksFreshness).toBe(false);
    const inventory = withNodes(limits(3_600));
    expect(inventory.lacksFreshness).toBe(true);
    const times = { snapshottedAt: '2026-03-01T05:00:00Z', maxLoadedAt: null, ageS: null };
    const check = { kind: 'freshness' as const, uniqueId: 'source.shop.a', status: 'pass', ...times };
    inventory.note(page([{ ...check, warnAfterS: null, errorAfterS: null, runId: null, jobId: null }]));
    expect(inventory.lacksFreshness).toBe(false);
  });
});

describe('compiled code that is unknown', () => {
  const compiled = (uniqueId: string): StoreRecord => ({
    kind: 'build',
    uniqueId,
    at: null,
    facts: { compiledCode: 'select 1' },
  });
  const noted = (uniqueId: string, status: string, ...records: StoreRecord[]) =>
    withNodes(defined(uniqueId), ...records).note(page([result(uniqueId, status)])).length;

  it('is that of nodes which were built or tested', () => {
    expect(noted('model.shop.a', 'success')).toBe(1);
    expect(noted('test.shop.a', 'fail')).toBe(1);
    const without = ['skipped', 'no-op', 'reused', 'error'];
    expect(without.map((status) => noted('model.shop.a', status))).toEqual([0, 0, 0, 0]);
  });

  it('is not that of seeds, of unit tests and of what the manifest was built with', () => {
    expect(noted('seed.shop.a', 'success')).toBe(0);
    expect(noted('unit_test.shop.a', 'pass')).toBe(0);
    expect(noted('model.shop.a', 'success', compiled('model.shop.a'))).toBe(0);
  });

  it('is still that of what the manifest only compiled', () => {
    const code = { kind: 'compiled', uniqueId: 'model.shop.a', at: null, code: 'select 1' } as const;
    expect(noted('model.shop.a', 'success', { ...code, isBuilt: false })).toBe(1);
    const inventory = withNodes(defined('model.shop.a'));
    inventory.note(page([{ ...code, isBuilt: true }]));
    expect(inventory.note(page([result('model.shop.a', 'success')]))).toEqual([]);
  });

  it('is looked for once', () => {
    const inventory = withNodes(defined('model.shop.a'));
    expect(inventory.claim(['model.shop.a', 'model.shop.b'])).toEqual(['model.shop.a']);
    expect(inventory.claim(['model.shop.a'])).toEqual([]);
    expect(inventory.note(page([result('model.shop.a', 'success')]))).toEqual([]);
  });
});
