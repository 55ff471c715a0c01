import { describe, expect, it } from 'vitest';
import { type EventScope, newestNews, newsOf, verdictOn } from '../../../src/app/webhooks/verdict.ts';
import type { RunNews, WebhookEvent } from '../../../src/domain/webhook.ts';

const SCOPE: EventScope = {
  accountId: 11,
  projectId: 22,
  environmentId: 33,
  jobId: null,
  accessUrl: 'https://ab123.us1.dbt.com/',
};

const event = (more: Partial<WebhookEvent> = {}) =>
  ({
    id: 'wev_1',
    type: 'job.run.completed',
    sentAt: '2026-10-05T19:16:11Z',
    accountId: 11,
    projectId: 22,
    environmentId: 33,
    jobId: 401,
    runId: 7_001,
    status: 'success',
    startedAt: '2026-10-05T19:15:56Z',
    finishedAt: '2026-10-05T19:16:06Z',
    reason: 'scheduled',
    message: null,
    dbtVersion: '1.10.0',
    ...more,
  }) as WebhookEvent & { runId: number };

describe('the verdict on an event', () => {
  it('of a run that is complete is to take it', () => {
    expect(verdictOn(event(), SCOPE)).toEqual({ kind: 'taken' });
  });

  it.each(['job.run.started', 'job.run.errored'])('%s is to write down how the run stands', (type) => {
    expect(verdictOn(event({ type }), SCOPE)).toEqual({ kind: 'noted' });
  });

  it('takes what an older form does not tell for right', () => {
    expect(verdictOn(event({ projectId: null, accountId: null }), SCOPE)).toEqual({ kind: 'taken' });
  });

  it.each([
    ['a test', { type: null }, /test/],
    ['a kind unknown to us', { type: 'job.run.paused' }, /kind/],
    ['a kind that every object has', { type: 'constructor' }, /kind/],
    ['no run', { runId: null }, /no run/],
    ['no environment', { environmentId: null }, /no environment/],
    ['another account', { accountId: 12 }, /another account/],
    ['another project', { projectId: 23 }, /another project/],
    ['another environment', { environmentId: 34 }, /another environment/],
  ])('ignores %s', (_, more, reason) => {
    expect(verdictOn(event(more), SCOPE)).toEqual({ kind: 'ignored', reason: expect.stringMatching(reason) });
  });

  it('ignores other jobs where the integration is of one', () => {
    expect(verdictOn(event(), { ...SCOPE, jobId: 402 })).toMatchObject({ kind: 'ignored' });
    expect(verdictOn(event(), { ...SCOPE, jobId: 401 })).toEqual({ kind: 'taken' });
  });
});

describe('what is told of a run', () => {
  it('links to its page', () => {
    expect(newsOf(event(), SCOPE).url).toBe('https://ab123.us1.dbt.com/deploy/11/projects/22/runs/7001/');
    expect(newsOf(event(), { ...SCOPE, accessUrl: null }).url).toBeNull();
  });

  it('has a message only where it failed', () => {
    expect(newsOf(event({ message: 'Queued' }), SCOPE).errorMessage).toBeNull();
    expect(newsOf(event({ message: 'dbt failed', status: 'error' }), SCOPE).errorMessage).toBe('dbt failed');
  });

  const started = newsOf(event({ status: 'running', finishedAt: null }), SCOPE);
  const ended: RunNews = { ...newsOf(event(), SCOPE), reason: null };

  it.each([
    ['in their order', [started, ended]],
    ['the other way round', [ended, started]],
    ['over and over', [ended, started, ended, started, started]],
  ])('is its end, filled with what came before: %s', (_, all) => {
    expect(newestNews(all)).toEqual([{ ...ended, reason: 'scheduled' }]);
  });
});
