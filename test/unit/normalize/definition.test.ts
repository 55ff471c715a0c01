import { describe, expect, it } from 'vitest';
import type { BuildRecord, DefinitionRecord, StoreRecord } from '../../../src/domain/records.ts';
import { exposureDefinition } from '../../../src/normalize/exposure.ts';
import { groupDefinition } from '../../../src/normalize/group.ts';
import { modelApplied, modelAppliedDefinition, modelDefinition } from '../../../src/normalize/model.ts';
import { seedDefinition } from '../../../src/normalize/seed.ts';
import { snapshotApplied, snapshotDefinition } from '../../../src/normalize/snapshot.ts';
import { sourceDefinition } from '../../../src/normalize/source.ts';
import * as raw from './raw-nodes.ts';

function definitionOf({ records }: { records: readonly StoreRecord[] }): DefinitionRecord {
  const found = records.find((record): record is DefinitionRecord => record.kind === 'definition');
  if (found === undefined) throw new Error('no definition');
  return found;
}

function buildOf({ records }: { records: readonly StoreRecord[] }): BuildRecord {
  const found = records.find((record): record is BuildRecord => record.kind === 'build');
  if (found === undefined) throw new Error('no build');
  return found;
}

const factsOf = (fields: raw.Raw) => definitionOf(modelDefinition(raw.modelDefinitionNode(fields))).facts;
const external = (fields: raw.Raw = {}) => raw.externalParent('model.finance.ledger', fields);

describe('the owner of a node', () => {
  it.each<[unknown, string | null, string | null]>([
    ['Ada', 'Ada', null],
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    [{ name: 'Ada', email: 'ada@example.com' }, 'Ada', 'ada@example.com'],
    [{ name: 'Ada' }, 'Ada', null],
    [{ name: 1, email: ['x'] }, null, null],
    [['Ada'], null, null],
    ['', null, null],
    [{ name: '', email: '' }, null, null],
    [7, null, null],
    [null, null, null],
  ])('that meta.owner = %j names', (owner, ownerName, ownerEmail) => {
    expect(factsOf({ meta: { owner } })).toMatchObject({ ownerName, ownerEmail });
  });

  it.each([{}, null])('is stated as unknown when meta is %j', (meta) => {
    expect(factsOf({ meta })).toMatchObject({ ownerName: null, ownerEmail: null });
  });

  it('of an exposure is its own, not that of its meta', () => {
    const node = raw.exposureDefinitionNode({ ownerName: null, meta: { owner: 'Somebody' } });
    expect(definitionOf(exposureDefinition(node)).facts).toMatchObject({
      ownerName: null,
      ownerEmail: 'ada@example.com',
    });
  });

  it('of a group is its own, not that of its meta', () => {
    const node = raw.groupDefinitionNode({ ownerEmail: null, meta: { owner: 'Somebody' } });
    expect(definitionOf(groupDefinition(node)).facts).toMatchObject({ ownerName: 'Finance', ownerEmail: null });
  });

  it('of an exposure or a group that names none is that of its meta', () => {
    const unnamed = { ownerName: '', ownerEmail: null, meta: { owner: 'Somebody' } };
    for (const { facts } of [
      definitionOf(exposureDefinition(raw.exposureDefinitionNode(unnamed))),
      definitionOf(groupDefinition(raw.groupDefinitionNode(unnamed))),
    ]) {
      expect(facts).toMatchObject({ ownerName: 'Somebody', ownerEmail: null });
    }
  });
});

describe('the parents of a node', () => {
  const parentsOf = (parents: raw.Raw[]) => definitionOf(modelDefinition(raw.modelDefinitionNode({ parents }))).parents;

  it('are a set', () => {
    const twice = [raw.parentNode('model.shop.a'), raw.parentNode('model.shop.b'), raw.parentNode('model.shop.a')];
    expect(parentsOf(twice)).toEqual(['model.shop.a', 'model.shop.b']);
  });

  it.each(['macro', 'Macro'])('are no macros, however the type is written: %s', (resourceType) => {
    expect(parentsOf([raw.parentNode('dbt.is_incremental', { resourceType }), raw.parentNode('seed.shop.z')])).toEqual([
      'seed.shop.z',
    ]);
  });

  it('are no macros, whatever type the service gives a macro', () => {
    expect(parentsOf([raw.parentNode('macro.dbt.ref', { resourceType: 'node' })])).toEqual([]);
  });

  it('may belong to other projects', () => {
    expect(parentsOf([external()])).toEqual(['model.finance.ledger']);
  });

  it('are none of a seed', () => {
    expect(definitionOf(seedDefinition(raw.seedDefinitionNode())).parents).toEqual([]);
  });
});

describe('a parent of another project', () => {
  const stubOf = (fields: raw.Raw = {}) =>
    modelDefinition(raw.modelDefinitionNode({ parents: [external(fields)] })).records.find(
      ({ uniqueId }) => uniqueId === 'model.finance.ledger',
    ) as DefinitionRecord;

  it('is a stub with what the service knows of it', () => {
    expect(stubOf({ version: '2', tags: ['public'], meta: { tier: 1 } })).toEqual({
      kind: 'definition',
      uniqueId: 'model.finance.ledger',
      resourceType: 'model',
      state: 'external',
      at: raw.DEFINED_AT,
      runId: null,
      parents: [],
      facts: {
        name: 'ledger',
        packageName: 'finance',
        description: 'public model',
        tags: ['public'],
        meta: { tier: 1 },
        databaseName: 'prod',
        schemaName: 'finance',
        identifier: 'ledger',
        version: '2',
        latestVersion: null,
        filePath: null,
      },
    });
  });

  it('has its package from its unique id when the service does not say it', () => {
    expect(stubOf({ packageName: null }).facts.packageName).toBe('finance');
  });

  it('is not a stub when it belongs to this project', () => {
    const { records } = modelDefinition(raw.modelDefinitionNode({ parents: [raw.parentNode('model.shop.a')] }));
    expect(records.map(({ uniqueId }) => uniqueId)).toEqual(['model.shop.orders']);
  });

  it('is a stub for snapshots and exposures too', () => {
    const parents = [external()];
    const stubs = [
      ...snapshotDefinition(raw.snapshotDefinitionNode({ parents })).records,
      ...exposureDefinition(raw.exposureDefinitionNode({ parents })).records,
    ].filter((record) => record.kind === 'definition' && record.state === 'external');
    expect(stubs.map(({ uniqueId }) => uniqueId)).toEqual(['model.finance.ledger', 'model.finance.ledger']);
  });
});

describe('the description of a model that only the applied state knows', () => {
  const describedAs = (fields: raw.Raw) =>
    definitionOf(modelAppliedDefinition(raw.modelAppliedDefinitionNode(fields))).facts.description;

  it('is none when it comes from the catalog', () => {
    expect(describedAs({ description: 'a comment in the warehouse', isDescriptionInherited: true })).toBeNull();
  });

  it.each([false, null])('is the one that is told when isDescriptionInherited is %j', (isDescriptionInherited) => {
    expect(describedAs({ description: 'all orders', isDescriptionInherited })).toBe('all orders');
  });
});

describe('what is absent and what is null', () => {
  const appliedFacts = (fields: raw.Raw) => buildOf(modelApplied(raw.modelAppliedNode(fields))).facts;

  it('has no key for a config that the service does not know', () => {
    expect(appliedFacts({ config: null })).toEqual({ compiledCode: 'select 1' });
  });

  it('has no key for compiled code that the service does not know', () => {
    expect(appliedFacts({ compiledCode: null })).toEqual({ config: { materialized: 'table' } });
  });

  it('has no key for either of a snapshot', () => {
    const node = raw.snapshotAppliedNode({ config: null, compiledCode: null });
    expect(buildOf(snapshotApplied(node)).facts).toEqual({});
  });

  it('keeps an empty config and an empty compiled code, which are known', () => {
    expect(appliedFacts({ config: {}, compiledCode: '' })).toEqual({ config: {}, compiledCode: '' });
  });

  it('never states a relation name, which the service does not have', () => {
    expect(Object.keys(appliedFacts({ relationName: 'x' }))).not.toContain('relationName');
  });

  it.each(['description', 'group', 'version', 'rawCode', 'contractEnforced'])('states that %s is null', (field) => {
    expect(Object.values(factsOf({ [field]: null }))).toContain(null);
    expect(Object.values(factsOf({ [field]: null }))).not.toContain(undefined);
  });

  it('states that all tags are gone', () => {
    expect(factsOf({ tags: [] }).tags).toEqual([]);
  });

  it('refuses a node of which a field did not come, for it was asked', () => {
    const { rawCode: _gone, ...node } = raw.modelDefinitionNode();
    expect(() => modelDefinition(node)).toThrow('rawCode');
  });
});

describe('when a node was defined and built', () => {
  it('is the manifest of its definition', () => {
    expect(definitionOf(modelDefinition(raw.modelDefinitionNode()))).toMatchObject({
      at: raw.DEFINED_AT,
      runId: '700',
    });
  });

  it('is not told by the applied state, which knows only runs', () => {
    const node = raw.modelAppliedDefinitionNode();
    expect(definitionOf(modelAppliedDefinition(node))).toMatchObject({ at: null, runId: null });
  });

  it('is the manifest of an exposure when no run tells it', () => {
    const node = raw.exposureDefinitionNode({ runGeneratedAt: null, runId: null });
    expect(definitionOf(exposureDefinition(node)).at).toBe('2026-03-01T03:00:00.000Z');
  });

  it('is the last success for what was built', () => {
    expect(buildOf(modelApplied(raw.modelAppliedNode())).at).toBe(raw.BUILT_AT);
  });

  it('is the last attempt for what never succeeded', () => {
    const executionInfo = raw.neverRan({ lastRunId: 1, lastRunStatus: 'error', lastRunGeneratedAt: raw.FAILED_AT });
    expect(buildOf(modelApplied(raw.modelAppliedNode({ executionInfo }))).at).toBe(raw.FAILED_AT);
  });

  it('is not known of what was never tried', () => {
    expect(buildOf(modelApplied(raw.modelAppliedNode({ executionInfo: null }))).at).toBeNull();
  });
});

describe('what the project says of a node', () => {
  it('is the relation of a model by its alias', () => {
    expect(factsOf({ database: 'prod', schema: 'marts', alias: 'orders_v2' })).toMatchObject({
      databaseName: 'prod',
      schemaName: 'marts',
      identifier: 'orders_v2',
    });
  });

  it('is the package of a source by its unique id, which no field tells', () => {
    expect(definitionOf(sourceDefinition(raw.sourceDefinitionNode())).facts).toMatchObject({
      packageName: 'shop',
      sourceName: 'raw',
      loader: 'fivetran',
    });
  });

  it('has no package when the unique id has one segment', () => {
    const node = raw.sourceDefinitionNode({ uniqueId: 'odd' });
    expect(definitionOf(sourceDefinition(node)).facts.packageName).toBeNull();
  });

  it.each([
    ['seed', seedDefinition(raw.seedDefinitionNode())],
    ['snapshot', snapshotDefinition(raw.snapshotDefinitionNode())],
  ])('is the type itself as the materialization of a %s', (materialization, normalized) => {
    expect(definitionOf(normalized).facts.materialization).toBe(materialization);
  });

  it('is the project and the version of dbt, when a node tells them', () => {
    expect(modelApplied(raw.modelAppliedNode({ accountId: '70403103966025' })).project).toEqual({
      accountId: 70403103966025,
      projectId: 22,
      dbtVersion: '1.9.0',
    });
  });
});
