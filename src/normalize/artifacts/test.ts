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
  groupOf,
  onlyCompiled,
  parentsOf,
  type Stated,
  statesGroups,
  tagsOf,
} from './described.ts';
import { details, detailsOf } from './details.ts';
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

const DATA_TEST_DETAILS = ['patch_path'];

type DataTest = ReturnType<typeof readDataTest>;

interface Place {
  readonly uniqueId: string;
  readonly context: ManifestContext;
}

function stateSeverity(facts: Stated<BuildFacts>, { config }: Pick<Described, 'config'>): void {
  const severity = textOf(config?.severity);
  if (severity !== null) facts.severity = severity.toLowerCase();
}

function dataTestFacts(found: DataTest, parents: readonly string[], { uniqueId, context }: Place) {
  const { test_metadata: metadata, column_name: columnName, attached_node: attachedNode } = found;
  const { kwargs } = metadata ?? {};
  const facts = describedFacts(uniqueId, found);
  facts.tags = tagsOf(found, context);
  facts.materialization = 'test';
  if (statesGroups(context)) facts.groupName = groupOf(found);
  facts.rawCode = found.raw_code ?? found.raw_sql ?? null;
  facts.testType = metadata == null ? 'singular' : 'generic';
  facts.columnName = columnName ?? textOf(kwargs?.column_name);
  facts.testedUniqueId = testedNode({
    attachedNode: attachedNode || null,
    fileKeyName: found.file_key_name ?? null,
    model: textOf(kwargs?.model),
    packageName: found.package_name ?? packageOf(uniqueId),
    parents,
  });
  return facts;
}

/** Tests have a relation only where they store their failures. */
function dataTestBuild(found: DataTest, { version, isBuild }: ManifestContext): BuildFacts {
  const { test_metadata: metadata } = found;
  const compiledCode = found.compiled_code ?? found.compiled_sql;
  const facts: Stated<BuildFacts> = configFact(found);
  stateSeverity(facts, found);
  if (compiledCode != null && isBuild) facts.compiledCode = compiledCode;
  if (version > 0) facts.relationName = found.relation_name ?? null;
  facts.testName = metadata?.name ?? null;
  facts.testNamespace = metadata?.namespace ?? null;
  facts.arguments = metadata?.kwargs ?? null;
  return facts;
}

/** A data test, generic or singular. */
export const testElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readDataTest(raw);
  const parents = parentsOf(found);
  const facts = dataTestFacts(found, parents, { uniqueId, context });
  facts.details = detailsOf(raw, DATA_TEST_DETAILS);
  const { columns, rejects } = declaredColumns({ uniqueId, resourceType: 'test' }, found.columns);
  return {
    records: [
      definition({ uniqueId, resourceType: 'test', facts, parents, columns }, context),
      ...build(uniqueId, dataTestBuild(found, context), context),
      ...onlyCompiled(uniqueId, found.compiled_code ?? found.compiled_sql, context),
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
  const how: Stated<BuildFacts> = configFact(found);
  stateSeverity(how, found);
  Object.assign(how, { testName: null, testNamespace: null, arguments: null });
  return {
    records: [
      definition({ uniqueId, resourceType: 'test', facts, parents }, context),
      ...build(uniqueId, isBag(found.config) ? how : {}, context),
    ],
  };
};
