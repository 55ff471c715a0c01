import { describe, expect, it } from 'vitest';
import { runOf, stepOf } from '../../../../src/sources/admin/run-record.ts';
import { HOST, rawRun } from './builders.ts';

const run = (more: Record<string, unknown> = {}) => runOf(rawRun(more), HOST);

describe('a run', () => {
  it('is read as the service writes it, its durations computed from its times', () => {
    expect(run()).toEqual({
      id: 70403110257794,
      accountId: 70403103922125,
      projectId: 70403103926818,
      environmentId: 70403103931988,
      jobId: 70403103936332,
      jobName: null,
      jobType: null,
      status: 'success',
      isFinished: true,
      message: null,
      trigger: null,
      gitSha: '8d1ef1b22e961221d4ce2892fb296ee3b0be8628',
      gitBranch: 'main',
      dbtVersion: 'versionless',
      createdAt: '2024-05-27T10:42:16.179903+00:00',
      startedAt: '2024-05-27T10:42:20.621788+00:00',
      finishedAt: '2024-05-28T10:42:52.622408+00:00',
      durationS: 86_432.00062,
      queuedS: 4.441885,
      retryOfRunId: null,
      hasArtifacts: true,
      url: 'https://ab123.us1.dbt.com/deploy/70403103922125/projects/70403103926818/runs/70403110257794/',
    });
  });

  it.each([
    [1, 'queued', false],
    [2, 'starting', false],
    [3, 'running', false],
    [10, 'success', true],
    [20, 'error', true],
    [30, 'cancelled', true],
  ])('of status %i is %s', (status, word, isFinished) => {
    expect(run({ status, status_humanized: null })).toMatchObject({ status: word, isFinished });
  });

  it('of a status that nobody knows yet keeps the word of the service, and has ended when it has an end', () => {
    expect(run({ status: 40, status_humanized: 'Paused' })).toMatchObject({ status: 'paused', isFinished: true });
    expect(run({ status: 40, status_humanized: null, finished_at: null })).toMatchObject({
      status: '40',
      isFinished: false,
    });
  });

  it('that has not started has no durations', () => {
    const waiting = run({ status: 1, started_at: null, finished_at: null, git_sha: null });
    expect(waiting).toMatchObject({ startedAt: null, durationS: null, queuedS: null, gitSha: null });
  });

  it('needs no more than an id and a status', () => {
    expect(runOf({ id: 7, status: 3 }, HOST)).toMatchObject({ id: 7, status: 'running', finishedAt: null });
  });

  it('tells what set it off, without the addresses of people', () => {
    const trigger = {
      cause: 'Kicked off from UI by jane.doe@example.com',
      cause_category: 'ui',
      git_sha: null,
      git_branch: 'fix',
      schema_override: '',
    };
    const message = 'Cancelled by jane.doe@example.com';
    const job = { name: 'Daily build', job_type: 'scheduled' };
    const found = run({ trigger, job, status_message: message });
    expect(found).toMatchObject({ jobName: 'Daily build', jobType: 'scheduled', message: 'Cancelled by ***@***' });
    expect(found.trigger).toEqual({
      category: 'ui',
      cause: 'Kicked off from UI by ***@***',
      gitSha: null,
      gitBranch: 'fix',
      pullRequestId: null,
      schemaOverride: null,
    });
  });

  it.each([
    'github_pull_request_id',
    'gitlab_merge_request_id',
    'azure_pull_request_id',
    'non_native_pull_request_id',
  ])('knows its pull request by %s', (field) => {
    expect(run({ trigger: { cause_category: 'ci', [field]: 41 } }).trigger?.pullRequestId).toBe('41');
  });

  it.each([
    ['/deploy/1/projects/2/runs/3/', 'https://ab123.us1.dbt.com/deploy/1/projects/2/runs/3/'],
    [null, 'https://ab123.us1.dbt.com/deploy/70403103922125/projects/70403103926818/runs/70403110257794/'],
    [
      'javascript:alert(1)',
      'https://ab123.us1.dbt.com/deploy/70403103922125/projects/70403103926818/runs/70403110257794/',
    ],
  ])('with the link %s has a page of its own', (href, url) => {
    expect(run({ href }).url).toBe(url);
  });

  it.each([
    ['id', null],
    ['status', 'Succeeded'],
    ['created_at', 'yesterday'],
    ['trigger', 'scheduled'],
    ['environment_id', 'production'],
  ])('is refused when its %s is %s', (field, value) => {
    expect(() => run({ [field]: value })).toThrow(field);
  });
});

describe('a step', () => {
  const step = (more: Record<string, unknown> = {}) =>
    stepOf({
      id: 1,
      index: 4,
      name: 'Invoke dbt with `dbt build --select tag:a`',
      status: 20,
      status_humanized: 'Error',
      started_at: '2026-01-01 06:00:00.100000+00:00',
      finished_at: '2026-01-01 06:00:02.350000+00:00',
      logs: 'password=hunter2',
      debug_logs: 'password=hunter2',
      ...more,
    });

  it('has its number, its command, its times and no logs', () => {
    expect(step()).toEqual({
      index: 4,
      name: 'Invoke dbt with `dbt build --select tag:a`',
      command: 'dbt build --select tag:a',
      status: 'error',
      startedAt: '2026-01-01T06:00:00.100000+00:00',
      finishedAt: '2026-01-01T06:00:02.350000+00:00',
      durationS: 2.25,
    });
  });

  it.each(['Clone Git Repository', 'Create Profile from Connection Snowflake'])('%s invokes no dbt', (name) => {
    expect(step({ name }).command).toBeNull();
  });

  it('is refused without a number, by which its artifacts are asked for', () => {
    expect(() => step({ index: 0 })).toThrow('index');
  });
});
