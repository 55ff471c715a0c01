import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { NOTHING_STORED } from '../../../src/domain/source.ts';
import type { DiscoveryClient } from '../../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../../src/sources/discovery/source.ts';
import * as raw from '../normalize/raw-nodes.ts';
import { fakeService, type Service } from './fake-service.ts';
import { all, ENVIRONMENT, read, signal, sourceOf } from './reading.ts';

describe('the probe', () => {
  /** A source, and how often it has probed so far. */
  function counted(service: Service) {
    const { client } = fakeService(service);
    let requests = 0;
    const query: DiscoveryClient['query'] = (document, variables, options) => {
      if ('first' in variables === false) requests++;
      return client.query(document, variables, options);
    };
    const source = createDiscoverySource({ client: { ...client, query }, environmentId: ENVIRONMENT, jobId: null });
    return { source, probes: () => requests };
  }

  it('is not asked again by a reading that follows it at once', async () => {
    const { source, probes } = counted({});
    await source.probe(signal);
    await all(source.pages(signal, NOTHING_STORED));
    expect(probes()).toBe(1);
  });

  it('is asked by a reading that nothing came before, or another reading', async () => {
    const { source, probes } = counted({});
    await all(source.pages(signal, NOTHING_STORED));
    await all(source.pages(signal, NOTHING_STORED));
    expect(probes()).toBe(2);
  });

  it('is asked again when it has said that there are no definitions', async () => {
    const { source, probes } = counted({ definition: null });
    await source.probe(signal);
    await all(source.pages(signal, NOTHING_STORED));
    expect(probes()).toBe(2);
  });

  it('that says something unreadable of the environment ends the pass', async () => {
    const probing = sourceOf({ updatedAt: { applied: 'not a time', definition: null } }).source.probe(signal);
    await expect(probing).rejects.toThrow(/applied\.lastUpdatedAt.*try again later/);
  });

  it('moves with either state', async () => {
    const tokens = await Promise.all(
      [
        { applied: '2026-03-01T05:00:00Z', definition: '2026-03-01T04:00:00Z' },
        { applied: '2026-03-01T05:00:01Z', definition: '2026-03-01T04:00:00Z' },
        { applied: '2026-03-01T05:00:00Z', definition: '2026-03-01T04:00:01Z' },
        { applied: '2026-03-01T05:00:00Z', definition: null },
      ].map(async (updatedAt) => (await sourceOf({ updatedAt }).source.probe(signal)).token),
    );
    expect(new Set(tokens).size).toBe(4);
  });

  it('is the same when nothing moved', async () => {
    const [first, second] = [sourceOf({}).source, sourceOf({ applied: { models: [raw.modelAppliedNode()] } }).source];
    expect((await first.probe(signal)).token).toBe((await second.probe(signal)).token);
  });

  it('cannot tell when dbt does not say when it took in a run', async () => {
    expect((await sourceOf({ updatedAt: { applied: null } }).source.probe(signal)).token).toBeNull();
  });

  it('tells of the environment', async () => {
    expect((await sourceOf({}).source.probe(signal)).environment).toEqual({
      adapterType: 'postgres',
      projectName: 'shop',
      gitSha: 'abc',
      updatedAt: '2026-03-01T05:00:00.000Z',
    });
  });

  it('stops the pass when nothing was ever built, and names the environment', async () => {
    const probing = sourceOf({ applied: null }).source.probe(signal);
    await expect(probing).rejects.toThrow(SyncError);
    await expect(sourceOf({ applied: null }).source.probe(signal)).rejects.toThrow(
      `${ENVIRONMENT} has no applied state`,
    );
  });

  it('stops reading, too, when nothing was ever built', async () => {
    await expect(read({ applied: null })).rejects.toThrow(SyncError);
  });

  it('stops at an answer without an environment', async () => {
    const client: DiscoveryClient = {
      query: async () => ({ environment: null }) as never,
      traffic: () => ({ requests: 1, bytes: 1 }),
    };
    const source = createDiscoverySource({ client, environmentId: ENVIRONMENT, jobId: null });
    await expect(source.probe(signal)).rejects.toThrow(FatalError);
  });

  it('leaves the counting of requests to the client', () => {
    expect(sourceOf({}).source.traffic()).toEqual({ requests: 3, bytes: 99 });
  });
});
