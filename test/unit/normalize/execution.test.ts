import { describe, expect, it } from 'vitest';
import type { ResultRecord } from '../../../src/domain/records.ts';
import { modelApplied } from '../../../src/normalize/model.ts';
import { seedApplied } from '../../../src/normalize/seed.ts';
import { testApplied } from '../../../src/normalize/test.ts';
import * as raw from './raw-nodes.ts';

const SUCCESS = { lastRunStatus: 'success', lastRunError: null };
const ONE_RUN = {
  ...SUCCESS,
  lastRunId: 901,
  lastRunGeneratedAt: raw.BUILT_AT,
  lastJobDefinitionId: 9,
};

function resultsOf(executionInfo: raw.Raw | null): ResultRecord[] {
  const { records } = modelApplied(raw.modelAppliedNode({ executionInfo }));
  return records.filter((record) => record.kind === 'result');
}

const resultOf = (step: number, fields: raw.Raw = {}) =>
  resultsOf(raw.execution(fields)).find((result) => result.step === step);

describe('the last attempt and the last success', () => {
  it('are two results when the attempt failed', () => {
    expect(resultsOf(raw.execution()).map(({ step, runId }) => [step, runId])).toEqual([
      [0, '902'],
      [-1, '901'],
    ]);
  });

  it('tells of the attempt nothing that belongs to the success', () => {
    expect(resultOf(0)).toEqual({
      kind: 'result',
      uniqueId: 'model.shop.orders',
      runId: '902',
      step: 0,
      jobId: 8,
      status: 'error',
      message: 'relation does not exist',
      failures: null,
      executedAt: raw.FAILED_AT,
      startedAt: null,
      completedAt: null,
      executionTimeS: null,
    });
  });

  it('tells of the success nothing that belongs to the attempt', () => {
    expect(resultOf(-1)).toEqual({
      kind: 'result',
      uniqueId: 'model.shop.orders',
      runId: '901',
      step: -1,
      jobId: 9,
      status: 'success',
      message: null,
      failures: null,
      executedAt: raw.BUILT_AT,
      startedAt: '2026-03-01T04:59:00.000Z',
      completedAt: '2026-03-01T04:59:30.000Z',
      executionTimeS: 30.5,
    });
  });

  it('are one result, with its times, when they are the same run and moment', () => {
    const results = resultsOf(raw.execution(ONE_RUN));
    expect(results.map(({ step, status, executionTimeS }) => [step, status, executionTimeS])).toEqual([
      [0, 'success', 30.5],
    ]);
  });

  it('are one result when the same moment is written in two ways', () => {
    const lastRunGeneratedAt = '2026-03-01T05:00:00.333000+00:00';
    expect(resultsOf(raw.execution({ ...ONE_RUN, lastRunGeneratedAt }))).toHaveLength(1);
  });

  it('are one result when the moment carries more digits on one side', () => {
    const lastRunGeneratedAt = '2026-03-01T05:00:00.333444Z';
    expect(resultsOf(raw.execution({ ...ONE_RUN, lastRunGeneratedAt }))).toHaveLength(1);
  });

  it('are two results when two steps of one run came to them', () => {
    const results = resultsOf(raw.execution({ lastRunId: 901, lastSuccessRunId: 901 }));
    expect(results.map(({ step, runId, status }) => [step, runId, status])).toEqual([
      [0, '901', 'error'],
      [-1, '901', 'success'],
    ]);
  });

  it('are two results when two runs say the same moment', () => {
    expect(resultsOf(raw.execution({ lastRunGeneratedAt: raw.BUILT_AT }))).toHaveLength(2);
  });

  it('are one result when the id comes as a number and as text', () => {
    expect(resultsOf(raw.execution({ ...ONE_RUN, lastRunId: '901' }))).toHaveLength(1);
  });
});

describe('what is not known of an execution', () => {
  it('gives no result of a node that never ran', () => {
    expect(resultsOf(raw.neverRan())).toEqual([]);
  });

  it('gives no result without any execution info', () => {
    expect(resultsOf(null)).toEqual([]);
  });

  it.each(['lastRunId', 'lastRunStatus', 'lastRunGeneratedAt'])('gives no attempt without %s', (field) => {
    expect(resultOf(0, { [field]: null })).toBeUndefined();
  });

  it.each(['lastSuccessRunId', 'runGeneratedAt'])('gives no success without %s', (field) => {
    expect(resultOf(-1, { [field]: null })).toBeUndefined();
  });

  it('keeps the success when the attempt is not known', () => {
    const unknown = { lastRunId: null, lastRunStatus: null, lastRunGeneratedAt: null };
    expect(resultsOf(raw.execution(unknown)).map(({ step }) => step)).toEqual([-1]);
  });

  it('keeps the attempt of a node that never succeeded, without times', () => {
    const failed = { lastRunId: 5, lastRunStatus: 'error', lastRunGeneratedAt: raw.FAILED_AT };
    expect(resultsOf(raw.neverRan(failed)).map(({ step, startedAt }) => [step, startedAt])).toEqual([[0, null]]);
  });

  it('leaves times null that the success does not tell', () => {
    expect(resultOf(-1, { executeStartedAt: null, executionTime: null })).toMatchObject({
      startedAt: null,
      executionTimeS: null,
      completedAt: '2026-03-01T04:59:30.000Z',
    });
  });
});

describe('the words of a status', () => {
  it.each([
    ['SUCCESS', 'success'],
    ['Error', 'error'],
    ['Runtime Error', 'runtime error'],
    ['reused', 'reused'],
    ['Exploded', 'exploded'],
  ])('%s is stored as %s', (sent, stored) => {
    expect(resultOf(0, { lastRunStatus: sent })?.status).toBe(stored);
  });
});

describe('the ids of runs and jobs', () => {
  it.each([
    [70403103966025, '70403103966025'],
    ['70403103966025', '70403103966025'],
    [9007199254740991, '9007199254740991'],
    ['9007199254740991', '9007199254740991'],
    [0, '0'],
  ])('%j is the run %s', (sent, stored) => {
    expect(resultOf(0, { lastRunId: sent })?.runId).toBe(stored);
  });

  it.each(['70403103966025', 70403103966025])('%j is a job id beyond 2^31', (sent) => {
    expect(resultOf(0, { lastJobDefinitionId: sent })?.jobId).toBe(70403103966025);
  });

  it.each([
    9007199254740992,
    '9007199254740993',
    '99999999999999999999',
    1.5,
    '1.5',
    '0x10',
    '1e3',
    ' 7',
    '',
    true,
  ])('%j is refused, for it would become another number', (sent) => {
    expect(() => resultOf(0, { lastRunId: sent })).toThrow('executionInfo.lastRunId');
  });
});

describe('the results of other types', () => {
  const results = (records: readonly { kind: string }[]) => records.filter(({ kind }) => kind === 'result');

  it('count the failures of a test', () => {
    expect(results(testApplied(raw.testAppliedNode()).records)[0]).toMatchObject({ status: 'fail', failures: 3 });
  });

  it('count no failures of the last success of a test', () => {
    expect(results(testApplied(raw.testAppliedNode()).records)[1]).toMatchObject({ step: -1, failures: null });
  });

  it('are there for seeds', () => {
    expect(results(seedApplied(raw.seedAppliedNode()).records)).toHaveLength(2);
  });
});
