import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogEntry } from '../../../../src/normalize/artifacts/catalog.ts';
import { normalizeElement } from '../../../../src/normalize/artifacts/collections.ts';
import { freshnessRow } from '../../../../src/normalize/artifacts/freshness.ts';
import { invocationOf, whichOf } from '../../../../src/normalize/artifacts/invocation.ts';
import { resultRow } from '../../../../src/normalize/artifacts/run-results.ts';
import type { Normalized } from '../../../../src/normalize/normalized.ts';
import { NASTY, pathsOf, replaced } from '../nasty.ts';
import { refusals } from '../refusals.ts';
import * as element from './elements.ts';
import { AT, CONTEXT, placed, type Raw } from './elements.ts';

const columns = { id: { name: 'id', description: 'key', data_type: 'int', tags: ['pii'], meta: { a: 1 }, config: {} } };
const nodes = ['model.shop.a', 'source.shop.raw.b'];

const result: Raw = {
  unique_id: 'test.shop.a',
  status: 'fail',
  timing: [{ name: 'execute', started_at: AT, completed_at: AT }],
  thread_id: 'Thread-1',
  execution_time: 1.5,
  adapter_response: { rows_affected: 1, code: 'x' },
  message: 'Got 1 result',
  failures: 1,
  batch_results: { successful: [[AT, AT]], failed: [] },
};

const check: Raw = {
  unique_id: 'source.shop.raw.a',
  status: 'warn',
  max_loaded_at: AT,
  snapshotted_at: AT,
  max_loaded_at_time_ago_in_s: 1.5,
  criteria: { warn_after: { count: 6, period: 'hour' }, error_after: { count: null, period: null } },
};

const relation: Raw = {
  metadata: {},
  columns: { ID: { type: 'NUMBER', index: 1, name: 'ID', comment: null } },
  stats: { row_count: { id: 'row_count', value: 10 }, bytes: { id: 'bytes', value: 10 } },
};

const RESULT = { runId: 'r', step: 1, jobId: null, invocationId: null, executedAt: AT };

type Reader = (raw: unknown) => Normalized;

const read = (like: Raw): readonly [string, Reader, Raw] => {
  const { collection, key } = placed(like);
  return [String(like.resource_type), (raw) => normalizeElement({ collection, key, raw, depth: 5 }, CONTEXT), like];
};

const CASES: readonly (readonly [string, Reader, Raw])[] = [
  read(element.model({ columns, depends_on: { nodes }, version: 2, deprecation_date: AT, compiled_code: 'select 1' })),
  read(element.seed({ columns })),
  read(element.dataTest()),
  read(element.source({ columns })),
  read(element.exposure()),
  read(element.metric()),
  read(element.semanticModel()),
  read(element.savedQuery()),
  read(element.group({ config: { meta: { a: 1 } } })),
  read(element.macro()),
  read(element.unitTest()),
  ['a result', (raw) => resultRow(raw, 4, RESULT), result],
  ['a freshness check', (raw) => freshnessRow(raw, 4, RESULT), check],
  ['a relation of a catalog', (raw) => catalogEntry('model.shop.a', raw, { depth: 4, at: AT }), relation],
];

const refusedFields = ({ records }: Normalized) =>
  records.flatMap((record) => refusals(record).map((field) => `${record.kind}.${field}`));

describe.each(CASES)('%s', (_, reader, raw) => {
  const paths = pathsOf(raw);

  it('gives only records that the store takes, whatever nasty value stands in one field', () => {
    const found = paths.flatMap((path) =>
      NASTY.flatMap((value) =>
        refusedFields(reader(replaced(raw, path, value))).map(
          (field) => `${path.join('.')} = ${String(JSON.stringify(value))}: ${field}`,
        ),
      ),
    );
    expect(found).toEqual([]);
  });

  it('is never lost: it gives a record or a reject, whatever JSON stands in one field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const normalized = reader(replaced(raw, path, value));
        expect(refusedFields(normalized)).toEqual([]);
        expect(normalized.records.length + (normalized.rejects?.length ?? 0)).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('is taken whole as dbt writes it', () => {
    const { records, rejects = [] } = reader(raw);
    expect(rejects).toEqual([]);
    expect(records.some(({ kind }) => kind !== 'seen')).toBe(true);
  });

  it.each([null, undefined, 1, 'text', [], true])('is rejected with a reason when it is %j', (value) => {
    expect(reader(value).rejects?.map(({ reason }) => reason !== '')).toEqual([true]);
  });
});

it('metadata and arguments of any JSON are read without an error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      invocationOf({ metadata: value });
      whichOf(value);
      expect(invocationOf(value).invocationId).not.toBe('');
    }),
    { numRuns: 100 },
  );
});
