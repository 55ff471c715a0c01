import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../src/domain/records.ts';
import { sourceApplied } from '../../../src/normalize/source.ts';
import { testApplied, testDefinition } from '../../../src/normalize/test.ts';
import * as raw from './raw-nodes.ts';

type Kind = StoreRecord['kind'];

function only<K extends Kind>(kind: K, { records }: { records: readonly StoreRecord[] }) {
  const found = records.filter((record): record is Extract<StoreRecord, { kind: K }> => record.kind === kind);
  if (found.length > 1) throw new Error(`${found.length} records of ${kind}`);
  return found[0];
}

describe('the definition of a test', () => {
  const factsOf = (fields: raw.Raw) => only('definition', testDefinition(raw.testDefinitionNode(fields)))?.facts;

  it.each([
    ['GENERIC_DATA_TEST', 'generic'],
    ['SINGULAR_DATA_TEST', 'singular'],
    ['UNIT_TEST', 'unit'],
    ['Contract_Check', 'contract_check'],
    [null, null],
  ])('of type %s is told as %s', (sent, told) => {
    expect(factsOf({ testType: sent })?.testType).toBe(told);
  });

  it('names the tested node that the service names', () => {
    const parents = [raw.parentNode('model.shop.customers'), raw.parentNode('model.shop.orders')];
    expect(factsOf({ parents, testedNodeUniqueId: 'model.shop.orders' })?.testedUniqueId).toBe('model.shop.orders');
  });

  it('names the only parent as the tested node when the service names none', () => {
    expect(factsOf({ testedNodeUniqueId: null })?.testedUniqueId).toBe('model.shop.orders');
  });

  it('counts a macro not as a parent that could be the tested one', () => {
    const parents = [raw.parentNode('macro.dbt.test_unique'), raw.parentNode('seed.shop.zones')];
    expect(factsOf({ testedNodeUniqueId: null, parents })?.testedUniqueId).toBe('seed.shop.zones');
  });

  it.each<[string, raw.Raw[]]>([
    ['two parents', [raw.parentNode('model.shop.a'), raw.parentNode('model.shop.b')]],
    ['no parent', []],
  ])('does not state a tested node that %s leave open', (_what, parents) => {
    expect(Object.keys(factsOf({ testedNodeUniqueId: null, parents }) ?? {})).not.toContain('testedUniqueId');
  });

  it('keeps both parents of a test that relates two nodes', () => {
    const parents = [raw.parentNode('model.shop.a'), raw.parentNode('model.shop.b')];
    expect(only('definition', testDefinition(raw.testDefinitionNode({ parents })))?.parents).toHaveLength(2);
  });
});

describe('what was built of a test', () => {
  const factsOf = (fields: raw.Raw) => only('build', testApplied(raw.testAppliedNode(fields)))?.facts;

  it.each([
    ['WARN', 'warn'],
    ['error', 'error'],
    ['Fatal', 'fatal'],
  ])('has the severity %s in lower case', (severity, told) => {
    expect(factsOf({ config: { severity } })?.severity).toBe(told);
  });

  it.each([{}, { severity: null }, { severity: 1 }])('does not state the severity of %j', (config) => {
    expect(Object.keys(factsOf({ config }) ?? {})).not.toContain('severity');
  });

  it('does not state config, severity and compiled code that the service does not know', () => {
    expect(factsOf({ config: null, compiledCode: null })).toEqual({
      testName: 'not_null',
      testNamespace: null,
      arguments: { column_name: 'id' },
    });
  });

  it('states that a singular test has neither name nor arguments', () => {
    expect(factsOf({ testMetadata: null })).toMatchObject({ testName: null, testNamespace: null, arguments: null });
  });
});

describe('the freshness of a source', () => {
  const applied = (freshness: raw.Raw) => sourceApplied(raw.sourceAppliedNode({ freshness }));
  const checked = (fields: raw.Raw = {}) => only('freshness', applied(raw.freshnessNode(fields)));
  const limits = (warnAfter: unknown, errorAfter: unknown = null) =>
    only('build', applied(raw.freshnessNode({ criteria: { warnAfter, errorAfter } })))?.facts;

  it('is the last check, with its limits in seconds', () => {
    expect(checked()).toEqual({
      kind: 'freshness',
      uniqueId: 'source.shop.raw.orders',
      snapshottedAt: '2026-03-01T06:00:00.250Z',
      status: 'warn',
      maxLoadedAt: '2026-03-01T00:00:00.000Z',
      ageS: 21_600.25,
      warnAfterS: 21_600,
      errorAfterS: 86_400,
      runId: '960',
      jobId: 6,
    });
  });

  it.each([
    ['minute', 90, 5_400],
    ['hour', 12, 43_200],
    ['day', 2, 172_800],
    ['Day', 2, 172_800],
    ['hour', 0, 0],
    ['week', 1, null],
    ['constructor', 1, null],
    [null, 1, null],
    ['hour', null, null],
  ])('has a limit of %s x %s as %s seconds', (period, count, seconds) => {
    expect(limits({ count, period })).toEqual({ warnAfterS: seconds, errorAfterS: null });
  });

  it('has no limits when none are set', () => {
    expect(limits(null)).toEqual({ warnAfterS: null, errorAfterS: null });
  });

  it.each([
    ['Pass', 'pass'],
    ['Error', 'error'],
    ['Runtime Error', 'runtime error'],
    ['Skipped', 'skipped'],
    ['Delayed', 'delayed'],
    [null, null],
  ])('has the status %s as %s', (sent, told) => {
    expect(checked({ freshnessStatus: sent })?.status).toBe(told);
  });

  it('takes the time of the results when the check has none of its own', () => {
    expect(checked({ snapshottedAt: null })?.snapshottedAt).toBe('2026-03-01T06:00:01.000Z');
  });

  it('is nothing when the source was never checked, though limits are set', () => {
    const never = {
      freshnessStatus: null,
      maxLoadedAt: null,
      maxLoadedAtTimeAgoInS: null,
      snapshottedAt: null,
      freshnessRunId: null,
      freshnessJobDefinitionId: null,
      freshnessRunGeneratedAt: null,
    };
    const normalized = applied(raw.freshnessNode(never));
    expect(only('freshness', normalized)).toBeUndefined();
    expect(only('build', normalized)?.facts).toEqual({ warnAfterS: 21_600, errorAfterS: 86_400 });
  });

  it('is kept without a run that would have made it', () => {
    expect(checked({ freshnessRunId: null, freshnessJobDefinitionId: null })).toMatchObject({
      runId: null,
      jobId: null,
    });
  });

  it('keeps a microsecond of the check as text', () => {
    expect(checked({ snapshottedAt: '2026-03-01T06:00:00.123456Z' })?.snapshottedAt).toBe(
      '2026-03-01T06:00:00.123456Z',
    );
  });

  it('is refused with its source when the check has an impossible date', () => {
    expect(() => checked({ maxLoadedAt: '2026-02-31T00:00:00Z' })).toThrow('freshness.maxLoadedAt');
  });
});
