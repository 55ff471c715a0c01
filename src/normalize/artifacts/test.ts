import type { BuildFacts, DefinitionFacts } from '../../domain/records.ts';
import { packageOf } from '../normalized.ts';
import { declaredColumns } from './columns.ts';
import {
  build,
  configFact,
  type Described,
  definition,
  described,
  describedFacts,
  grouped,
  groupFact,
  parentsOf,
  tagsOf,
} from './described.ts';
import { details } from './details.ts';
import type { ElementNormalizer, ManifestContext } from './element.ts';
import { bag, isBag, textOf, told, toldKey } from './fields.ts';
import { objectReader, toldObject } from './shape.ts';
import { testedNode } from './tested-node.ts';

const metadata = toldObject({ name: told, namespace: told, kwargs: bag });

const readDataTest = objectReader({
  ...described,
  ...grouped,
  column_name: told,
  attached_node: toldKey,
  file_key_name: told,
  test_metadata: metadata,
  raw_code: told,
  raw_sql: told,
  compiled_code: told,
  compiled_sql: told,
  relation_name: told,
  columns: bag,
});

const readUnitTest = objectReader({ ...described, model: told, tested_node_unique_id: toldKey });

type DataTest = ReturnType<typeof readDataTest>;

function severityFact({ config }: Pick<Described, 'config'>): BuildFacts {
  const severity = textOf(config?.severity);
  return severity === null ? {} : { severity: severity.toLowerCase() };
}

function dataTestFacts(uniqueId: string, found: DataTest, context: ManifestContext): DefinitionFacts {
  const { test_metadata: metadata, column_name: columnName, attached_node: attachedNode } = found;
  const { kwargs } = metadata ?? {};
  return {
    ...describedFacts(uniqueId, found),
    tags: tagsOf(found, context),
    materialization: 'test',
    ...groupFact(found, context),
    rawCode: found.raw_code ?? found.raw_sql ?? null,
    testType: metadata == null ? 'singular' : 'generic',
    columnName: columnName ?? textOf(kwargs?.column_name),
    testedUniqueId: testedNode({
      attachedNode: attachedNode || null,
      fileKeyName: found.file_key_name ?? null,
      model: textOf(kwargs?.model),
      packageName: found.package_name ?? packageOf(uniqueId),
      parents: parentsOf(found),
    }),
  };
}

/** Tests have a relation only where they store their failures. */
function dataTestBuild(found: DataTest, { version }: ManifestContext): BuildFacts {
  const { test_metadata: metadata } = found;
  const compiledCode = found.compiled_code ?? found.compiled_sql;
  return {
    ...configFact(found),
    ...severityFact(found),
    ...(compiledCode == null ? {} : { compiledCode }),
    ...(version > 0 ? { relationName: found.relation_name ?? null } : {}),
    testName: metadata?.name ?? null,
    testNamespace: metadata?.namespace ?? null,
    arguments: metadata?.kwargs ?? null,
  };
}

/** A data test, generic or singular. */
export const testElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readDataTest(raw);
  const facts = { ...dataTestFacts(uniqueId, found, context), ...details(raw, ['patch_path']) };
  const { columns, rejects } = declaredColumns({ uniqueId, resourceType: 'test' }, found.columns);
  return {
    records: [
      definition({ uniqueId, resourceType: 'test', facts, parents: parentsOf(found), columns }, context),
      ...build(uniqueId, dataTestBuild(found, context), context),
    ],
    rejects,
  };
};

const UNIT_TEST_DETAILS = ['given', 'expect', 'overrides', 'versions', 'version'];

/** A unit test, which is a test to readers; it has neither code nor a column. */
export const unitTestElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readUnitTest(raw);
  const parents = parentsOf(found);
  const target = { attachedNode: found.tested_node_unique_id || null, fileKeyName: null, model: found.model ?? null };
  const packageName = found.package_name ?? packageOf(uniqueId);
  const facts: DefinitionFacts = {
    ...describedFacts(uniqueId, found),
    materialization: 'test',
    rawCode: null,
    testType: 'unit',
    columnName: null,
    testedUniqueId: testedNode({ ...target, packageName, parents }),
    ...details(raw, UNIT_TEST_DETAILS),
  };
  const how = { ...configFact(found), ...severityFact(found), testName: null, testNamespace: null, arguments: null };
  return {
    records: [
      definition({ uniqueId, resourceType: 'test', facts, parents }, context),
      ...build(uniqueId, isBag(found.config) ? how : {}, context),
    ],
  };
};
