import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../src/domain/records.ts';
import { withoutFuture } from '../../../src/sync/future.ts';
import { definition, pageOf } from './fakes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ID = 'model.shop.orders';

const definitionAt = (at: string | null): StoreRecord => ({ ...definition(ID), at });
const result = (executedAt: string): StoreRecord => ({
  kind: 'result',
  uniqueId: ID,
  runId: '1',
  step: 0,
  jobId: null,
  status: 'success',
  message: null,
  failures: null,
  executedAt,
  startedAt: null,
  completedAt: null,
  executionTimeS: null,
});
const freshness = (snapshottedAt: string): StoreRecord => ({
  kind: 'freshness',
  uniqueId: ID,
  snapshottedAt,
  status: null,
  maxLoadedAt: null,
  ageS: null,
  warnAfterS: null,
  errorAfterS: null,
  runId: null,
  jobId: null,
});

it.each([
  ['a definition of today', definitionAt('2026-03-01T11:59:59.123Z')],
  ['a definition by a clock that is a day ahead', definitionAt('2026-03-02T12:00:00Z')],
  ['a definition without a time', definitionAt(null)],
  ['a result of the distant past', result('1970-01-01T00:00:00Z')],
])('leaves %s as it is', (_what, record) => {
  const page = pageOf({ records: [record] });
  expect(withoutFuture()(page, NOW)).toBe(page);
});

it.each([
  ['definition', definitionAt('9999-12-31T23:59:59Z'), '9999-12-31T23:59:59Z'],
  ['result', result('2026-03-04T00:00:00Z'), '2026-03-04T00:00:00Z'],
  ['freshness', freshness('2027-01-01T00:00:00Z'), '2027-01-01T00:00:00Z'],
])('rejects a %s of the future, and keeps its node and the rest of the page', (kind, record, time) => {
  const good = definitionAt('2026-03-01T00:00:00Z');
  const earlier = { resourceType: null, uniqueId: null, reason: 'earlier', raw: null };
  const page = withoutFuture()(pageOf({ records: [good, record], rejects: [earlier], received: 2 }), NOW);
  expect(page.records).toEqual([good, { kind: 'seen', uniqueId: ID }]);
  expect(page.rejects).toEqual([
    earlier,
    {
      resourceType: 'model',
      uniqueId: ID,
      reason: `The time of its ${kind}, ${time}, is in the future: all that was told of this time was left out.`,
      raw: record,
    },
  ]);
  expect(page.received).toBe(2);
});

describe('a time of the future that a whole file has', () => {
  const [one, two] = ['2999-01-01T00:00:00Z', '2999-01-02T00:00:00Z'];
  const at = (time: string, ...ids: string[]) => ids.map((id): StoreRecord => ({ ...definition(id), at: time }));

  it("is one reject, which is nobody's alone, and takes nothing of the file", () => {
    const filter = withoutFuture();
    const pages = [at(one, 'model.shop.a', 'model.shop.b'), at(one, 'model.shop.c')].map((records) =>
      filter(pageOf({ records }), NOW),
    );
    expect(pages.flatMap(({ rejects }) => rejects)).toMatchObject([
      { resourceType: null, uniqueId: null, reason: expect.stringMatching(`^The time ${one} is in the future: `) },
    ]);
    expect(pages.flatMap(({ records }) => records.map(({ kind }) => kind))).toEqual(['seen', 'seen', 'seen']);
  });

  it('is told beside every other one, and again by the next reading', () => {
    const records = [...at(one, 'model.shop.a'), ...at(two, 'model.shop.b')];
    for (const _ of [1, 2]) {
      const { rejects } = withoutFuture()(pageOf({ records }), NOW);
      expect(rejects.map(({ uniqueId }) => uniqueId)).toEqual(['model.shop.a', 'model.shop.b']);
    }
  });
});
