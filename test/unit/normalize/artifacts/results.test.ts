import { describe, expect, it } from 'vitest';
import type { ResultRecord } from '../../../../src/domain/records.ts';
import { isCompiledOnly, type ResultContext, resultRow } from '../../../../src/normalize/artifacts/run-results.ts';
import type { Raw } from './elements.ts';

const CONTEXT: ResultContext = {
  runId: 'run-1',
  step: 3,
  jobId: 7,
  invocationId: 'invocation-1',
  executedAt: '2026-03-01T05:00:00Z',
};

const phase = (name: string, second: number) => ({
  name,
  started_at: `2026-03-01T04:59:0${second}.000001Z`,
  completed_at: `2026-03-01T04:59:0${second + 1}.000002Z`,
});

const row = (fields: Raw = {}): Raw => ({
  unique_id: 'model.shop.orders',
  status: 'success',
  timing: [phase('compile', 1), phase('execute', 3)],
  thread_id: 'Thread-1 (worker)',
  execution_time: 2.5,
  adapter_response: { _message: 'SELECT 10', code: 'SELECT', rows_affected: 10 },
  message: 'SELECT 10',
  failures: null,
  ...fields,
});

const read = (fields: Raw = {}) => resultRow(row(fields), 4, CONTEXT);
const one = (fields: Raw = {}) => {
  const { records, rejects } = read(fields);
  expect(rejects).toEqual([]);
  return records[0] as ResultRecord;
};

describe('a row of run_results', () => {
  it('is a result with all that the invocation tells', () => {
    expect(one()).toEqual({
      kind: 'result',
      uniqueId: 'model.shop.orders',
      runId: 'run-1',
      step: 3,
      jobId: 7,
      invocationId: 'invocation-1',
      executedAt: '2026-03-01T05:00:00Z',
      status: 'success',
      message: 'SELECT 10',
      failures: null,
      startedAt: '2026-03-01T04:59:03.000001Z',
      completedAt: '2026-03-01T04:59:04.000002Z',
      executionTimeS: 2.5,
      threadId: 'Thread-1 (worker)',
      adapterResponse: { _message: 'SELECT 10', code: 'SELECT', rows_affected: 10 },
      rowsAffected: 10,
    });
  });

  it.each([
    'pass',
    'warn',
    'fail',
    'error',
    'skipped',
    'no-op',
    'reused',
    'partial success',
    'runtime error',
    'brand new',
  ])('keeps the status %s', (status) => {
    expect(one({ status }).status).toBe(status);
  });

  it('writes a status in lower case', () => {
    expect(one({ status: 'ERROR' }).status).toBe('error');
  });

  it.each<[string, unknown]>([
    ['nothing ran', []],
    ['only compiling was tried', [phase('compile', 1)]],
    ['there is no timing', null],
  ])('has no times when %s', (_, timing) => {
    expect(one({ timing })).toMatchObject({ startedAt: null, completedAt: null });
  });

  it('keeps the nanoseconds of Fusion', () => {
    const timing = [{ name: 'execute', started_at: '2026-03-01T04:59:00.123456789Z', completed_at: null }];
    expect(one({ timing })).toMatchObject({ startedAt: '2026-03-01T04:59:00.123456789Z', completedAt: null });
  });

  it('takes times without a zone as UTC', () => {
    const timing = [{ name: 'execute', started_at: '2026-03-01T04:59:00.5', completed_at: '2026-03-01 04:59:01' }];
    expect(one({ timing })).toMatchObject({
      startedAt: '2026-03-01T04:59:00.5Z',
      completedAt: '2026-03-01 04:59:01Z',
    });
  });

  it.each([-1, null, 'many', 1.5])('does not know how many rows were affected by %j', (rows_affected) => {
    expect(one({ adapter_response: { rows_affected } }).rowsAffected).toBeNull();
  });

  it('keeps the counts of BigQuery, which exceed 32 bits', () => {
    expect(one({ adapter_response: { bytes_billed: 3_243_245_568 } }).adapterResponse).toEqual({
      bytes_billed: 3_243_245_568,
    });
  });

  it('keeps the short scalars of an answer that is too large', () => {
    const adapter_response = { code: 'x', rows_affected: 2, query: 'y'.repeat(9_000), plan: [{ a: 1 }] };
    expect(one({ adapter_response })).toMatchObject({
      adapterResponse: { code: 'x', rows_affected: 2 },
      rowsAffected: 2,
    });
  });

  it('counts the batches of a microbatch model', () => {
    const batch_results = {
      successful: [['2026-01-01', '2026-01-02']],
      failed: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    };
    expect(one({ status: 'partial success', batch_results }).batches).toEqual({ successful: 1, failed: 2 });
  });

  it('has no failures where version 1 leaves the key out', () => {
    expect(one({ failures: undefined }).failures).toBeNull();
  });

  it('is kept without failures that are no count, which are rejected', () => {
    const { records, rejects } = read({ unique_id: 'test.shop.a', status: 'fail', failures: 'Test failure' });
    expect(records).toMatchObject([{ status: 'fail', failures: null }]);
    expect(rejects).toMatchObject([
      { resourceType: 'test', uniqueId: 'test.shop.a', reason: 'result: failures: "Test failure" is not a count' },
    ]);
  });

  it('of an id that nobody defines is a result all the same', () => {
    expect(one({ unique_id: 'sample-on-run-end' }).uniqueId).toBe('sample-on-run-end');
  });

  it.each<[string, unknown]>([
    ['no object', 'row'],
    ['no unique id', row({ unique_id: '' })],
    ['no status', row({ status: null })],
  ])('with %s is rejected', (_, raw) => {
    const { records, rejects } = resultRow(raw, 2, CONTEXT);
    expect([records.length, rejects?.length]).toEqual([0, 1]);
  });

  it('that is nested deeper than Postgres takes is rejected', () => {
    expect(resultRow(row(), 201, CONTEXT)).toMatchObject({
      records: [],
      rejects: [{ uniqueId: 'model.shop.orders', reason: 'result: is nested more than 200 levels deep' }],
    });
  });
});

describe('a row from before dbt 0.19', () => {
  const old = (type: string, fields: Raw = {}): Raw => ({
    node: { unique_id: `${type}.shop.a`, resource_type: type },
    error: null,
    status: 'CREATE TABLE',
    fail: null,
    warn: null,
    skip: false,
    execution_time: 1,
    thread_id: 'Thread-1',
    timing: [],
    ...fields,
  });

  it.each<[string, Raw, string, number | null]>([
    ['a model that was built', old('model'), 'success', null],
    ['a model that failed', old('model', { error: 'no such table', status: 'ERROR' }), 'error', null],
    ['a model that was skipped', old('model', { skip: true, status: null }), 'skipped', null],
    ['a test that passed', old('test', { status: 0 }), 'pass', 0],
    ['a test that failed', old('test', { status: 3, fail: true }), 'fail', 3],
    ['a test that warned', old('test', { status: 2, warn: true }), 'warn', 2],
  ])('tells of %s', (_, raw, status, failures) => {
    expect(resultRow(raw, 4, CONTEXT).records).toMatchObject([{ status, failures }]);
  });

  it('without a status shows that nothing was executed', () => {
    expect([old('model', { status: null }), old('model')].map(isCompiledOnly)).toEqual([true, false]);
  });
});

describe('a test that is called a success', () => {
  it.each([
    ['success', true],
    ['fail', true],
    ['error', false],
    ['ERROR', false],
  ])('that ended with %s tells whether the node was built with its code: %s', (status, isBuilt) => {
    expect(read({ status, compiled_code: 'select 1' }).records).toMatchObject([
      { kind: 'result' },
      { kind: 'compiled', code: 'select 1', isBuilt },
    ]);
  });

  it('was only compiled', () => {
    const rows = [row(), row({ unique_id: 'test.shop.a' }), row({ unique_id: 'test.shop.a', status: 'pass' })];
    expect(rows.map(isCompiledOnly)).toEqual([false, true, false]);
  });
});
