import { describe, expect, it } from 'vitest';
import {
  givesResults,
  type Invocation,
  invocationOf,
  whichOf,
} from '../../../../src/normalize/artifacts/invocation.ts';
import { invocationRun } from '../../../../src/normalize/artifacts/run.ts';

const NOBODY: Invocation = {
  invocationId: null,
  generatedAt: null,
  startedAt: null,
  dbtVersion: null,
  projectName: null,
  projectId: null,
  adapterType: null,
  reason: null,
  cause: null,
};

describe('the metadata of an artifact', () => {
  it('names its invocation, its times and its project', () => {
    const metadata = {
      invocation_id: 'i-1',
      generated_at: '2026-03-01T05:00:00.123456Z',
      invocation_started_at: '2026-03-01T04:59:00Z',
      dbt_version: '1.10.2',
      project_name: 'shop',
      project_id: 'abc',
      adapter_type: 'postgres',
      env: {},
    };
    expect(invocationOf({ metadata })).toEqual({
      ...NOBODY,
      invocationId: 'i-1',
      generatedAt: '2026-03-01T05:00:00.123456Z',
      startedAt: '2026-03-01T04:59:00Z',
      dbtVersion: '1.10.2',
      projectName: 'shop',
      projectId: 'abc',
      adapterType: 'postgres',
    });
  });

  it.each([undefined, null, '', {}])('names no version of dbt where it says %j', (said) => {
    expect(invocationOf({ metadata: { dbt_version: said } })).toEqual(NOBODY);
  });

  it('masks the addresses in the reason of a run of the dbt platform', () => {
    const env = {
      DBT_CLOUD_RUN_REASON: 'Kicked off from UI by Ada <ada.l@example.com>',
      DBT_CLOUD_RUN_REASON_CATEGORY: 'ui',
    };
    expect(invocationOf({ metadata: { env } })).toEqual({
      ...NOBODY,
      reason: 'Kicked off from UI by Ada <***@***>',
      cause: 'ui',
    });
  });

  it('has the time of files from before dbt 0.19 at the top', () => {
    expect(invocationOf({ generated_at: '2021-06-06T17:03:00.6' }).generatedAt).toBe('2021-06-06T17:03:00.6Z');
  });

  it.each([
    undefined,
    null,
    'text',
    [],
    { metadata: [] },
    { metadata: { generated_at: 'yesterday', env: 'x' } },
  ])('says nothing when it is %j', (top) => {
    expect(invocationOf(top)).toEqual(NOBODY);
  });
});

describe('the command of an invocation', () => {
  it.each([
    [{ which: 'Build' }, 'build'],
    [{ rpc_method: 'docs.generate' }, 'docs.generate'],
    [{ command: 'run' }, 'run'],
    [{ __other__: { which: 'test' } }, 'test'],
    [{}, null],
    [null, null],
  ])('of %j is %j', (args, which) => {
    expect(whichOf(args)).toBe(which);
  });

  it('gives no results when it only reads the project', () => {
    const none = ['generate', 'docs', 'docs.generate', 'compile', 'parse', 'list', 'ls', 'show'];
    const some = ['run', 'build', 'test', 'seed', 'snapshot', 'retry', 'clone', 'run-operation', 'something new', null];
    expect([none.some(givesResults), some.every(givesResults)]).toEqual([false, true]);
  });
});

describe('an invocation of dbt Core', () => {
  const invocation = {
    ...NOBODY,
    invocationId: 'i-1',
    generatedAt: '2026-03-01T05:00:10.500000Z',
    dbtVersion: '1.9.0',
  };
  const invoked = {
    invocation,
    runId: 'i-1',
    which: 'build',
    elapsedS: 10.5,
    statuses: new Set<string>(),
    missing: null,
  };

  it('is a run of one step, which began when its elapsed time says', () => {
    const [run, step] = invocationRun({ ...invoked, statuses: new Set(['success', 'pass', 'warn', 'skipped']) });
    expect(run).toMatchObject({
      runId: 'i-1',
      status: 'success',
      startedAt: '2026-03-01T05:00:00.000Z',
      finishedAt: '2026-03-01T05:00:10.500000Z',
      setsState: true,
      resultsComplete: true,
      resultsMissingReason: null,
    });
    expect(step).toMatchObject({
      step: 1,
      command: 'dbt build',
      which: 'build',
      invocationId: 'i-1',
      status: 'success',
    });
  });

  it.each([
    ['freshness', 'dbt source freshness'],
    ['generate', 'dbt docs generate'],
    ['run', 'dbt run'],
    [null, null],
  ])('of %s has the command %s', (which, command) => {
    expect(invocationRun({ ...invoked, which })[1]).toMatchObject({ which, command });
  });

  it.each(['error', 'fail', 'runtime error', 'partial success'])('is an error when one result is %s', (status) => {
    expect(invocationRun({ ...invoked, statuses: new Set(['success', status]) })[0].status).toBe('error');
  });

  it('of Fusion has no start, for its elapsed time is the sum of its nodes', () => {
    const fusion = { ...invocation, dbtVersion: '2.0.0-preview.183' };
    expect(invocationRun({ ...invoked, invocation: fusion })[0]).toMatchObject({ createdAt: null, startedAt: null });
  });

  it('says why it has no results, or not all', () => {
    expect(invocationRun({ ...invoked, which: 'generate' })[0]).toMatchObject({
      resultsComplete: true,
      resultsMissingReason: null,
    });
    expect(invocationRun({ ...invoked, missing: '1 result was rejected' })[0]).toMatchObject({
      resultsComplete: false,
      resultsMissingReason: '1 result was rejected',
    });
  });
});
