import { z } from 'zod';
import type { BuildFacts, Json } from '../domain/records.ts';
import { builtAt, executionInfo, results } from './execution.ts';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import { type Normalized, packageOf } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { jsonObject, nullableJson, nullableKeyText, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  testType: nullableText,
  columnName: nullableText,
  testedNodeUniqueId: nullableKeyText,
  rawCode: nullableText,
  parents: z.array(parent),
});

const applied = z.object({
  ...identity,
  testMetadata: z.object({ name: nullableText, namespace: nullableText, kwargs: nullableJson }).nullable(),
  config: jsonObject.nullable(),
  compiledCode: nullableText,
  executionInfo: executionInfo.nullable(),
});

/** GENERIC_DATA_TEST, SINGULAR_DATA_TEST and UNIT_TEST in a reader's words; another word stays, in lower case. */
function testType(word: string | null): string | null {
  return word === null ? null : word.toLowerCase().replace(/_(data_)?test$/, '');
}

/** Of a singular test nobody knows more than its parents; of others a manifest may know what Discovery leaves out. */
function onlyParent(parents: readonly string[], type: string | null): string | null | undefined {
  return parents.length === 1 ? parents[0] : type === 'singular' ? null : undefined;
}

/** A test's definition. The tested node is the one that Discovery names, else the only parent, else not stated. */
export function testDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, description, tags, meta, filePath, columnName, rawCode } = node;
  const parents = parentIds(node.parents);
  const tested = node.testedNodeUniqueId ?? onlyParent(parents, testType(node.testType));
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'test',
        state: 'defined',
        ...datedAt(node),
        parents,
        facts: {
          name,
          packageName: packageOf(uniqueId),
          description,
          tags,
          meta,
          ...ownerFromMeta(meta),
          materialization: 'test',
          filePath,
          rawCode,
          testType: testType(node.testType),
          columnName,
          ...(tested === undefined ? {} : { testedUniqueId: tested }),
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}

function severityOf(config: Json | null): BuildFacts {
  const severity = (config as { severity?: unknown } | null)?.severity;
  return typeof severity === 'string' ? { severity: severity.toLowerCase() } : {};
}

/** A test of Discovery's applied state: how it was called and configured, and its results. */
export function testApplied(raw: unknown): Normalized {
  const node = read(applied, raw);
  const { uniqueId, config, compiledCode, testMetadata } = node;
  const ran = results({ uniqueId, resourceType: 'test' }, node.executionInfo);
  return {
    records: [
      {
        kind: 'build',
        uniqueId,
        at: builtAt(node.executionInfo),
        facts: {
          ...(config === null ? {} : { config, ...severityOf(config) }),
          ...(compiledCode === null ? {} : { compiledCode }),
          testName: testMetadata?.name ?? null,
          testNamespace: testMetadata?.namespace ?? null,
          arguments: testMetadata?.kwargs ?? null,
        },
      },
      ...ran.records,
    ],
    rejects: ran.rejects,
    project: projectOf(node),
  };
}
