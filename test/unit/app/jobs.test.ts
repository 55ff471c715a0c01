import { expect, it, vi } from 'vitest';
import { type JobParts, jobHandlers } from '../../../src/app/jobs.ts';
import type { IntegrationConfig } from '../../../src/config/types.ts';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { createLogger } from '../../../src/log.ts';
import type { SyncResult } from '../../../src/sync/sync.ts';

const TICK = '2026-05-05T12:00:00.000Z';
const folder = (name: string): IntegrationConfig => {
  return { name, source: 'files', artifactsDir: '/target', timeZone: 'UTC', maxRemovalRatio: 0.5 };
};
const context = {
  signal: new AbortController().signal,
  logger: createLogger({ level: 'error', format: 'json', write: () => {} }),
};

function handlers(more: Partial<JobParts> = {}) {
  const syncOne = vi.fn<JobParts['syncOne']>(async () => ({}) as SyncResult);
  const parts: JobParts = {
    integrations: [folder('shop')],
    syncOne,
    backfillOne: vi.fn(),
    succeeded: async () => null,
    now: () => new Date('2026-05-05T12:00:10Z'),
    ...more,
  };
  return { ...jobHandlers(parts), syncOne };
}

it('a job syncs its integration, for the reason it was asked for', async () => {
  const { sync, syncOne } = handlers();
  await sync?.({ integration: 'shop', reason: 'webhook' }, context);
  expect(syncOne.mock.calls).toEqual([[folder('shop'), { reason: 'webhook', ...context }]]);
});

it.each([
  ['not when one succeeded meanwhile that began after the tick', '2026-05-05T12:00:05Z', 0],
  ['when the last success is older', '2026-05-05T11:59:59Z', 1],
  ['when a success is told of a time that has not come', '2026-05-06T12:00:00Z', 1],
])('a job for a tick syncs: %s', async (_, success, times) => {
  const { sync, syncOne } = handlers({ succeeded: async () => new Date(success) });
  await sync?.({ integration: 'shop', reason: 'schedule', tick: TICK }, context);
  expect(syncOne).toHaveBeenCalledTimes(times);
});

it('a job that nobody asked for by a tick syncs whatever succeeded', async () => {
  const { sync, syncOne } = handlers({ succeeded: async () => new Date('2026-05-05T12:00:09Z') });
  await sync?.({ integration: 'shop', reason: 'webhook' }, context);
  expect(syncOne).toHaveBeenCalledTimes(1);
});

it('an integration that this worker does not know may be known to another one', async () => {
  const unknown = handlers().sync?.({ integration: 'lost', reason: 'webhook' }, context);
  await expect(unknown).rejects.toThrow('The configuration of this worker has no integration "lost"');
  await expect(unknown).rejects.toThrow(SyncError);
});

it('a folder has no runs to backfill', async () => {
  const asked = handlers().backfill?.({ integration: 'shop', from: TICK, to: TICK }, context);
  await expect(asked).rejects.toThrow(FatalError);
});

it('nobody takes jobs that nobody can do', () => {
  expect(Object.keys(handlers())).not.toContain('events');
  const handleEvents = async () => {};
  expect(handlers({ handleEvents }).events).toBeDefined();
});
