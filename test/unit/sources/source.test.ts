import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import type { StoreRecord } from '../../../src/domain/records.ts';
import { NOTHING_STORED } from '../../../src/domain/source.ts';
import type { DiscoveryClient } from '../../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../../src/sources/discovery/source.ts';
import * as raw from '../normalize/raw-nodes.ts';
import { fakeService } from './fake-service.ts';
import { all, ENVIRONMENT, kindsOf, read, signal, sourceOf } from './reading.ts';

describe('a whole environment', () => {
  it('asks each connection once, with the largest page and no definitions in the applied state', async () => {
    const { asked } = await read({});
    expect(asked.map(({ state, connection }) => `${state}.${connection}`).toSorted()).toEqual([
      'applied.exposures',
      'applied.models',
      'applied.seeds',
      'applied.snapshots',
      'applied.sources',
      'applied.tests',
      'definition.exposures',
      'definition.groups',
      'definition.macros',
      'definition.metrics',
      'definition.models',
      'definition.savedQueries',
      'definition.seeds',
      'definition.semanticModels',
      'definition.snapshots',
      'definition.sources',
      'definition.tests',
    ]);
    for (const { state, variables } of asked) {
      expect(variables).toEqual(
        state === 'applied' ? { first: 500, after: null, definition: false } : { first: 500, after: null },
      );
    }
  });

  it('gives definition, build, catalog and results of one model as separate records', async () => {
    const { records } = await read({
      definition: { models: [raw.modelDefinitionNode()] },
      applied: { models: [raw.modelAppliedNode()] },
    });
    expect(kindsOf(records, 'model.shop.orders').toSorted()).toEqual([
      'build',
      'catalog',
      'definition',
      'result',
      'result',
    ]);
  });

  it('is whole when there is nothing at all', async () => {
    const { records, incomplete } = await read({});
    expect({ records, incomplete }).toEqual({ records: [], incomplete: [] });
  });

  it('tells the account, the project and the version of dbt', async () => {
    const { pages } = await read({ applied: { tests: [raw.testAppliedNode()] } });
    expect(pages.map(({ project }) => project)).toContainEqual({ accountId: 11, projectId: 22, dbtVersion: '1.9.0' });
  });

  it('goes on after a node that is refused, which stays seen', async () => {
    const broken = raw.modelDefinitionNode({ uniqueId: 'model.shop.broken', tags: null });
    const { pages, records } = await read({ definition: { models: [broken, raw.modelDefinitionNode()] } });
    expect(records.map(({ kind, uniqueId }) => [kind, uniqueId])).toEqual([
      ['seen', 'model.shop.broken'],
      ['definition', 'model.shop.orders'],
    ]);
    expect(pages.flatMap(({ rejects }) => rejects)).toEqual([
      { resourceType: 'model', uniqueId: 'model.shop.broken', reason: expect.stringContaining('tags'), raw: broken },
    ]);
  });

  it('counts refused nodes as received', async () => {
    const { pages } = await read({
      definition: { groups: [raw.groupDefinitionNode({ uniqueId: 'group.shop.g', name: 1 })] },
    });
    expect(pages.find(({ resourceType }) => resourceType === 'group')).toMatchObject({ received: 1, total: 1 });
  });

  it('is not whole when a connection is null', async () => {
    const { incomplete } = await read({ definition: { macros: null, models: [raw.modelDefinitionNode()] } });
    expect(incomplete).toEqual(['definition.macros: the answer has no such connection.']);
  });

  it.each([undefined, null, 7, ''])('is not whole when a node has the unique id %j', async (uniqueId) => {
    const { incomplete, records } = await read({ definition: { seeds: [raw.seedDefinitionNode({ uniqueId })] } });
    expect(records).toEqual([]);
    expect(incomplete).toEqual(['definition.seeds: nodes without a unique id came: 1.']);
  });

  it('goes on after a connection that fails, and is not whole', async () => {
    const failing = (reason: Error) => {
      const { client } = fakeService({ definition: { models: [raw.modelDefinitionNode()] } });
      const query: DiscoveryClient['query'] = (document, variables, options) =>
        'definition' in variables ? Promise.reject(reason) : client.query(document, variables, options);
      return createDiscoverySource({ client: { ...client, query }, environmentId: 1, jobId: null }).pages(
        signal,
        NOTHING_STORED,
      );
    };
    const pages = await all(failing(new SyncError('Too slow.')));
    expect(pages.flatMap(({ records }) => records)).toHaveLength(1);
    expect(pages.flatMap(({ incomplete }) => incomplete)).toEqual([
      'applied.models, applied.sources and 4 more: Too slow.',
    ]);
    await expect(all(failing(new FatalError('no token')))).rejects.toThrow('no token');
    await expect(all(failing(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});

describe('connections that are lost', () => {
  const nothing = { models: null, sources: null, macros: null };

  it('for one reason are told together', async () => {
    const { incomplete } = await read({ definition: { ...nothing, groups: [raw.groupDefinitionNode()] } });
    expect(incomplete).toEqual([
      'definition.models, definition.sources and definition.macros: the answer has no such connection.',
    ]);
  });

  it('while not a single node came fail the reading with the reason', async () => {
    await expect(read({ definition: nothing })).rejects.toThrow(
      new SyncError(
        `Nothing of environment ${ENVIRONMENT} could be read; definition.models, definition.sources and definition.macros: the answer has no such connection.`,
      ),
    );
  });

  it('do not fail it when all there is to read are nodes that are refused', async () => {
    const groups = [raw.groupDefinitionNode({ name: 1 })];
    const { incomplete } = await read({ definition: { macros: null, groups } });
    expect(incomplete).toHaveLength(1);
  });
});

describe('nodes that only the applied state knows', () => {
  const applied = (count: number) =>
    Array.from({ length: count }, (_, index) => raw.modelAppliedDefinitionNode({ uniqueId: `model.shop.m${index}` }));

  it('are asked again for their definitions, by unique id', async () => {
    const { asked, records } = await read({
      definition: { models: [raw.modelDefinitionNode({ uniqueId: 'model.shop.m0' })] },
      applied: { models: applied(2) },
    });
    expect(asked.filter(({ variables }) => 'filter' in variables).map(({ variables }) => variables)).toEqual([
      { first: 500, after: null, filter: { uniqueIds: ['model.shop.m1'] }, definition: true },
    ]);
    expect(kindsOf(records, 'model.shop.m1').filter((kind) => kind === 'definition')).toHaveLength(1);
  });

  it('are asked a hundred at a time', async () => {
    const { asked, records } = await read({ applied: { models: applied(201) } });
    const sizes = asked.flatMap(({ variables: { filter } }) =>
      filter === undefined ? [] : [(filter as { uniqueIds: string[] }).uniqueIds.length],
    );
    expect(sizes).toEqual([100, 100, 1]);
    expect(records.filter(({ kind }) => kind === 'definition')).toHaveLength(201);
  });

  it('are not asked when every node is defined', async () => {
    const { asked } = await read({
      definition: { models: [raw.modelDefinitionNode()] },
      applied: { models: [raw.modelAppliedNode()] },
    });
    expect(asked.filter(({ variables }) => 'filter' in variables)).toEqual([]);
  });

  it('may be of every type that has an applied state', async () => {
    const { records } = await read({
      applied: {
        seeds: [{ ...raw.seedDefinitionNode(), ...raw.seedAppliedNode() }],
        snapshots: [{ ...raw.snapshotDefinitionNode(), ...raw.snapshotAppliedNode() }],
        sources: [{ ...raw.sourceDefinitionNode(), ...raw.sourceAppliedNode() }],
        tests: [{ ...raw.testDefinitionNode(), ...raw.testAppliedNode() }],
        exposures: [raw.exposureDefinitionNode()],
      },
    });
    const defined = records.flatMap((record) => (record.kind === 'definition' ? [record.resourceType] : []));
    expect(defined.toSorted()).toEqual(['exposure', 'seed', 'snapshot', 'source', 'test']);
  });

  it('leave their results even when their definition is refused', async () => {
    const { records, pages } = await read({ applied: { models: [raw.modelAppliedDefinitionNode({ alias: 1 })] } });
    expect(kindsOf(records, 'model.shop.orders')).toEqual(['build', 'catalog', 'result', 'result', 'seen']);
    expect(pages.flatMap(({ rejects }) => rejects)).toHaveLength(1);
  });
});

describe('an environment without a definition state', () => {
  it('is read from the applied state, and no definition connection is asked', async () => {
    const { asked, records } = await read({
      definition: null,
      applied: { models: [raw.modelAppliedDefinitionNode()] },
    });
    expect(asked.filter(({ state }) => state === 'definition')).toEqual([]);
    expect(kindsOf(records, 'model.shop.orders')).toContain('definition');
  });

  it('is not whole, so that nothing is closed that only definitions tell', async () => {
    const { incomplete } = await read({ definition: null });
    expect(incomplete).toEqual([expect.stringContaining('no definition state')]);
  });
});

describe('a source that is narrowed to one job', () => {
  const service = { applied: { models: [raw.modelAppliedDefinitionNode()] } };
  const stepsOf = (records: readonly StoreRecord[]) =>
    records.flatMap((record) => (record.kind === 'result' ? [record.step] : []));

  it.each([
    [8, [0]],
    [9, [-1]],
    [10, []],
    [null, [0, -1]],
  ])('takes of job %j the results at the steps %j', async (jobId, steps) => {
    expect(stepsOf((await read(service, jobId)).records)).toEqual(steps);
  });

  it('takes a job id that came as text', async () => {
    const executionInfo = raw.execution({ lastJobDefinitionId: '70403103966025' });
    const models = [raw.modelAppliedDefinitionNode({ executionInfo })];
    expect(stepsOf((await read({ applied: { models } }, 70403103966025)).records)).toEqual([0]);
  });

  it('drops results whose job is not known', async () => {
    const executionInfo = raw.execution({ lastJobDefinitionId: null, lastSuccessJobDefinitionId: null });
    const models = [raw.modelAppliedDefinitionNode({ executionInfo })];
    expect(stepsOf((await read({ applied: { models } }, 8)).records)).toEqual([]);
  });

  it('takes all definitions', async () => {
    expect(kindsOf((await read(service, 10)).records, 'model.shop.orders')).toContain('definition');
  });

  it('says what it leaves out unless all runs are taken beside it', () => {
    const { limits, limitsWithoutRuns } = sourceOf({}, 8).source;
    expect({ limits, limitsWithoutRuns }).toEqual({ limits: [], limitsWithoutRuns: [expect.stringContaining('8')] });
  });

  it('says nothing when it is not narrowed', () => {
    expect(sourceOf({}).source.limitsWithoutRuns).toEqual([]);
  });
});
