import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfBytes, isEventLike, keptBody, webhookEvent } from '../../../src/normalize/webhook-event.ts';

const DATA = {
  jobId: '123',
  jobName: 'Nightly',
  runId: '12345',
  environmentId: '1234',
  environmentName: 'Production',
  dbtVersion: '2025.9.30+21d3fd7',
  projectName: 'Roastery',
  projectId: '167194',
  runStatus: 'Errored',
  runStatusCode: 20,
  runStatusMessage: 'dbt command failed',
  runReason: 'Kicked off from the UI by jo@example.com',
  runStartedAt: '2026-10-05T19:15:56Z',
  runFinishedAt: '2026-10-05T19:16:06Z',
};

const completed = (data: object = {}, more: object = {}) => ({
  accountId: 1,
  webhookId: 'wsu_12345abcde',
  eventId: 'wev_2L',
  timestamp: '2026-10-05T19:16:11.818389474Z',
  eventType: 'job.run.completed',
  data: { ...DATA, ...data },
  ...more,
});

describe('an event', () => {
  it("is read with ids as numbers and nobody's address", () => {
    expect(webhookEvent(completed(), 'x')).toEqual({
      id: 'wev_2L',
      type: 'job.run.completed',
      sentAt: '2026-10-05T19:16:11.818389474Z',
      accountId: 1,
      projectId: 167_194,
      environmentId: 1_234,
      jobId: 123,
      runId: 12_345,
      status: 'error',
      startedAt: '2026-10-05T19:15:56Z',
      finishedAt: '2026-10-05T19:16:06Z',
      reason: 'Kicked off from the UI by ***@***',
      message: 'dbt command failed',
      dbtVersion: '2025.9.30+21d3fd7',
    });
  });

  it('of an older form says less and is as good', () => {
    const { projectId: _project, runStatusCode: _code, ...old } = DATA;
    const event = webhookEvent({ ...completed(), webhookId: undefined, webhooksID: 'wsu_1', data: old }, 'x');
    expect(event).toMatchObject({ projectId: null, runId: 12_345, status: 'error' });
  });

  it('takes ids as numbers, too', () => {
    expect(webhookEvent(completed({ runId: 7, environmentId: 8 }), 'x')).toMatchObject({ runId: 7, environmentId: 8 });
  });

  it.each([
    ['its code', { runStatusCode: 10, runStatus: 'Errored' }, 'success'],
    ['its word without a code', { runStatusCode: undefined, runStatus: 'Errored' }, 'error'],
    ['its word for a code unknown to us', { runStatusCode: 77, runStatus: 'Resting' }, 'resting'],
    ['the other spelling of cancelled', { runStatusCode: undefined, runStatus: 'Canceled' }, 'cancelled'],
    ['nothing', { runStatusCode: undefined, runStatus: '' }, null],
  ])('has the status of %s', (_, data, status) => {
    expect(webhookEvent(completed(data), 'x').status).toBe(status);
  });

  it.each([
    ['job.run.started', 'running'],
    ['job.run.errored', 'error'],
  ])('%s says how the run stands by itself', (eventType, status) => {
    const told = { runStatusCode: undefined, runStatus: undefined };
    expect(webhookEvent(completed(told, { eventType }), 'x').status).toBe(status);
  });

  it('of an error ends when the error was met', () => {
    const told = { runFinishedAt: undefined, runErroredAt: '2026-10-05T19:16:05Z' };
    expect(webhookEvent(completed(told), 'x').finishedAt).toBe('2026-10-05T19:16:05Z');
  });

  it.each(['None', '', ' '])('says nothing with the message "%s"', (runStatusMessage) => {
    expect(webhookEvent(completed({ runStatusMessage }), 'x').message).toBeNull();
  });

  it.each([[undefined], [null], ['x'], [[]], [5]])('without data (%j) tells of no run', (data) => {
    expect(webhookEvent({ ...completed(), data }, 'x')).toMatchObject({
      id: 'wev_2L',
      runId: null,
      environmentId: null,
    });
  });

  it.each([
    [undefined],
    [''],
    [7],
    ['x'.repeat(3_000)],
  ])('without an id that can be kept (%j) has the one given', (eventId) => {
    expect(webhookEvent(completed({}, { eventId }), 'given').id).toBe('given');
  });

  it('is read whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (raw, data) => {
        const event = webhookEvent({ ...completed(), ...raw, data }, 'x');
        expect(event.runId === null || Number.isSafeInteger(event.runId)).toBe(true);
      }),
    );
  });
});

describe('what is kept', () => {
  it('is read like what came', () => {
    const event = completed();
    expect(webhookEvent(keptBody(event), 'x')).toEqual(webhookEvent(event, 'x'));
  });

  it('has no address, not behind an escape either', () => {
    const text = JSON.stringify(
      keptBody({ note: 'first\njo@example.com', list: [{ by: 'an.other+x@mail.example.com' }] }),
    );
    expect(JSON.parse(text)).toEqual({ note: 'first\n***@***', list: [{ by: '***@***' }] });
  });

  it('has no long texts', () => {
    expect(JSON.stringify(keptBody({ note: 'x'.repeat(100_000) })).length).toBeLessThan(3_000);
  });

  it('of a body without measure is what is read of it', () => {
    const rest = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, 'a value']));
    const kept = keptBody({ ...rest, ...completed() });
    expect(kept).not.toHaveProperty('key1');
    expect(webhookEvent(kept, 'x')).toEqual(webhookEvent(completed(), 'x'));
  });
});

it('the same bytes have the same id', () => {
  expect(idOfBytes(Buffer.from('a'))).toBe(idOfBytes(Buffer.from('a')));
  expect(idOfBytes(Buffer.from('a'))).not.toBe(idOfBytes(Buffer.from('b')));
});

it.each([[null], [[]], ['x'], [5]])('%j is no event', (raw) => {
  expect(isEventLike(raw)).toBe(false);
});
