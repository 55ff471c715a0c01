import { describe, expect, it } from 'vitest';
import { jobText, scheduleStatus } from '../../../src/cli/status-schedule.ts';
import type { QueuedJob } from '../../../src/store/read/queue.ts';

const DAILY = { schedule: '0 6 * * *', timeZone: 'UTC' };
const NOW = new Date('2026-03-04T08:00:00Z');
const day = (text: string) => new Date(`2026-03-${text}:00Z`);

describe('an integration is late', () => {
  it.each([
    ['since the first tick after its last success began', day('02T06:30'), day('03T06:00'), 26 * 3_600],
    ['not while no tick has come since', day('04T06:00'), null, 0],
    ['not before its first tick, though older ones lie before it', day('04T07:00'), null, 0],
  ])('%s', (_, since, due, behind) => {
    expect(scheduleStatus(DAILY, since, NOW)).toMatchObject({ due_since: due, behind_s: behind });
  });

  it('not at all when nobody has seen it yet', () => {
    expect(scheduleStatus(DAILY, null, NOW)).toMatchObject({ due_since: null, behind_s: 0 });
  });
});

describe('a failure', () => {
  const failed: QueuedJob = {
    task: 'sync',
    integration: 'shop',
    state: 'failed',
    at: NOW,
    attempts: 10,
    last_error: 'The token is wrong.',
  };

  it('is told with its error, unless that stands above', () => {
    expect(jobText(failed)).toMatch(/: The token is wrong\.$/);
    expect(jobText(failed, 'The token is wrong.')).not.toContain('wrong');
    expect(jobText(failed, 'The host is away.')).toMatch(/: The token is wrong\.$/);
  });

  it.each([
    ['sync', /before the next tick, webhook or "dbt-observer sync"/],
    ['backfill', /not tried again by itself/],
    ['events', /asked for anew within minutes/],
  ])('of a job "%s" says what follows', (task, words) => {
    expect(jobText({ ...failed, task })).toMatch(words);
  });
});
