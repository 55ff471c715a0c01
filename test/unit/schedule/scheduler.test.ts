import { expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../../src/log.ts';
import { type SchedulerOptions, startScheduler } from '../../../src/schedule/scheduler.ts';

const NOON = new Date('2026-05-05T12:00:30Z');
const SOON = { timeout: 10_000, interval: 20 };

/** A scheduler of two integrations of which nothing is stored, and what it logs. */
function scheduler(more: Partial<SchedulerOptions> = {}) {
  const lines: { msg: string; [key: string]: unknown }[] = [];
  const logger = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  const requestDue = vi.fn<SchedulerOptions['requestDue']>(async (syncs) =>
    syncs.map(({ integration }) => integration),
  );
  const requestMaintenance = vi.fn(async () => {});
  const started = startScheduler({
    integrations: [
      { integration: 'shop', schedule: '0 * * * *', timeZone: 'UTC' },
      { integration: 'coffee', schedule: '30 10 * * *', timeZone: 'Europe/Berlin' },
    ],
    logger,
    now: () => NOON,
    rows: async () => [],
    requestDue,
    requestMaintenance,
    ...more,
  });
  onTestFinished(() => started.stop());
  return { ...started, lines, requestDue, requestMaintenance };
}

it('looks at its start, and asks for what is due and for upkeep', async () => {
  const { wake, requestDue, requestMaintenance, lines } = scheduler();
  await wake();
  expect(requestDue.mock.calls[0]).toEqual([
    [
      { integration: 'shop', tick: new Date('2026-05-05T12:00:00Z'), delayS: 0 },
      { integration: 'coffee', tick: new Date('2026-05-05T08:30:00Z'), delayS: 0 },
    ],
    new Date('2026-05-05T12:05:30Z'),
  ]);
  expect(requestMaintenance).toHaveBeenCalled();
  expect(lines.map(({ msg, integration }) => [msg, integration])).toContainEqual(['sync is due', 'coffee']);
});

it('asks for nothing that rows say is asked for', async () => {
  const rows = async () => [
    { integration: 'shop', claimed: new Date('2026-05-05T12:00:00Z'), succeeded: null },
    { integration: 'coffee', claimed: null, succeeded: new Date('2026-05-05T08:30:01Z') },
  ];
  const { wake, requestDue, requestMaintenance } = scheduler({ rows });
  await wake();
  expect(requestMaintenance).toHaveBeenCalled();
  expect(requestDue).not.toHaveBeenCalled();
});

it('says nothing of syncs that another scheduler asked for first', async () => {
  const { wake, lines } = scheduler({ requestDue: async () => ['shop'] });
  await wake();
  const told = lines.filter(({ msg }) => msg === 'sync is due').map(({ integration }) => integration);
  expect(new Set(told)).toEqual(new Set(['shop']));
});

it('holds back some of many that are due together', async () => {
  const integrations = Array.from({ length: 500 }, (_, index) => {
    return { integration: `i-${index}`, schedule: '0 * * * *', timeZone: 'UTC' };
  });
  const { wake, requestDue } = scheduler({ integrations });
  await wake();
  const delays = (requestDue.mock.calls[0]?.[0] ?? []).map(({ delayS }) => delayS);
  expect(delays).toHaveLength(500);
  expect(Math.max(...delays)).toBeGreaterThan(20);
});

it('looks again soon while the database is away, and says so once', async () => {
  const rows = vi.fn<SchedulerOptions['rows']>(async () => []);
  rows.mockRejectedValueOnce(new Error('No PostgreSQL answers.')).mockRejectedValueOnce(new Error('Nor now.'));
  const { lines, requestDue } = scheduler({ rows, retryMs: 10 });
  await vi.waitFor(() => expect(requestDue).toHaveBeenCalled(), SOON);
  await vi.waitFor(() => expect(lines.at(-1)?.msg).toBe('the scheduler goes on'), SOON);
  expect(lines.filter(({ msg }) => msg === 'the scheduler waits')).toEqual([
    expect.objectContaining({ error: 'No PostgreSQL answers.' }),
  ]);
});

it('stops although the database is away', async () => {
  const { stop, lines } = scheduler({ rows: async () => Promise.reject(new Error('No PostgreSQL answers.')) });
  await vi.waitFor(() => expect(lines.at(-1)?.msg).toBe('the scheduler waits'), SOON);
  await stop();
});
