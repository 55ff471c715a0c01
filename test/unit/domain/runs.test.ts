import { describe, expect, it } from 'vitest';
import { type Run, type RunTrigger, runRecord, setsState, stepRecord } from '../../../src/domain/runs.ts';

const ours = { environmentId: 5 };

function run(more: Partial<Run> = {}): Run {
  return {
    id: 7,
    accountId: 1,
    projectId: 2,
    environmentId: 5,
    jobId: 3,
    jobName: 'Daily build',
    jobType: 'scheduled',
    status: 'success',
    isFinished: true,
    message: null,
    trigger: trigger(),
    gitSha: 'abc',
    gitBranch: 'main',
    dbtVersion: 'latest',
    createdAt: '2026-01-01T06:00:00Z',
    startedAt: '2026-01-01T06:00:01Z',
    finishedAt: '2026-01-01T06:00:02Z',
    durationS: 1,
    queuedS: 1,
    retryOfRunId: null,
    hasArtifacts: true,
    url: null,
    ...more,
  };
}

function trigger(more: Partial<RunTrigger> = {}): RunTrigger {
  return {
    category: 'scheduled',
    cause: 'scheduled',
    gitSha: null,
    gitBranch: null,
    pullRequestId: null,
    schemaOverride: null,
    ...more,
  };
}

describe('the state of an environment', () => {
  it.each([
    ['a scheduled run', run()],
    [
      'a merge job, although it knows the pull request',
      run({ jobType: 'merge', trigger: trigger({ category: 'merge', pullRequestId: '41' }) }),
    ],
    ['a failed run', run({ status: 'error' })],
    ['a run whose job was deleted', run({ jobType: null })],
    ['a run whose trigger is not told', run({ trigger: null })],
    ['an empty schema override', run({ trigger: trigger({ schemaOverride: '' }) })],
  ])('is set by %s', (_, one) => {
    expect(setsState(one, ours)).toBe(true);
  });

  it.each([
    ['a run of another environment', run({ environmentId: 6 })],
    ['a run of no known environment', run({ environmentId: null })],
    ['a CI job, however it was set off', run({ jobType: 'ci', trigger: trigger({ category: 'ui' }) })],
    ['a CI trigger, whatever the job', run({ trigger: trigger({ category: 'ci' }) })],
    ['a run into another schema', run({ trigger: trigger({ schemaOverride: 'dbt_cloud_pr_1_41' }) })],
  ])('is not set by %s', (_, one) => {
    expect(setsState(one, ours)).toBe(false);
  });
});

describe('what is kept of a run', () => {
  const state = { ...ours, complete: false, missingReason: 'It left no artifacts.' };

  it('has its ids as text, its trigger apart, and what became of its results', () => {
    const one = run({ retryOfRunId: 6, trigger: trigger({ category: 'ui', cause: 'Kicked off by ***@***' }) });
    expect(runRecord(one, state)).toMatchObject({
      kind: 'run',
      runId: '7',
      retryOfRunId: '6',
      cause: 'ui',
      reason: 'Kicked off by ***@***',
      setsState: true,
      resultsComplete: false,
      resultsMissingReason: 'It left no artifacts.',
    });
  });

  it('has the commit of the trigger where the run does not tell its own yet', () => {
    const one = run({ gitSha: null, gitBranch: null, trigger: trigger({ gitSha: 'def', gitBranch: 'fix' }) });
    expect(runRecord(one, state)).toMatchObject({ gitSha: 'def', gitBranch: 'fix' });
  });

  it('has its message as an error unless it went well', () => {
    const message = 'This run timed out.';
    expect(runRecord(run({ status: 'cancelled', message }), state).errorMessage).toBe(message);
    expect(runRecord(run({ message }), state).errorMessage).toBeNull();
  });
});

it('what is kept of a step has its number and what its artifacts say of the invocation', () => {
  const step = {
    index: 5,
    name: 'Invoke dbt with `dbt build`',
    command: 'dbt build',
    status: 'error',
    startedAt: '2026-01-01T06:00:01Z',
    finishedAt: null,
    durationS: null,
  };
  expect(stepRecord(7, step, { which: 'build', invocationId: 'i' })).toEqual({
    kind: 'step',
    runId: '7',
    step: 5,
    name: 'Invoke dbt with `dbt build`',
    command: 'dbt build',
    which: 'build',
    invocationId: 'i',
    status: 'error',
    startedAt: '2026-01-01T06:00:01Z',
    finishedAt: null,
  });
});
