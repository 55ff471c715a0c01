import type { BuildFacts, DefinitionFacts, ResourceType } from '../domain/records.ts';

/** How one fact of a record becomes one column of `dbt_store.node`. */
export interface Field<Facts> {
  readonly fact: keyof Facts & string;
  readonly column: string;
  readonly type: 'text' | 'text[]' | 'jsonb' | 'boolean' | 'double precision' | 'timestamptz';
}

/** The definition group. Everything that copies it (staging, insert, merge) is made from this list. */
export const DEFINITION_FIELDS: readonly Field<DefinitionFacts>[] = [
  { fact: 'name', column: 'name', type: 'text' },
  { fact: 'packageName', column: 'package_name', type: 'text' },
  { fact: 'description', column: 'description', type: 'text' },
  { fact: 'tags', column: 'tags', type: 'text[]' },
  { fact: 'meta', column: 'meta', type: 'jsonb' },
  { fact: 'databaseName', column: 'database_name', type: 'text' },
  { fact: 'schemaName', column: 'schema_name', type: 'text' },
  { fact: 'identifier', column: 'identifier', type: 'text' },
  { fact: 'materialization', column: 'materialization', type: 'text' },
  { fact: 'access', column: 'access', type: 'text' },
  { fact: 'groupName', column: 'group_name', type: 'text' },
  { fact: 'ownerName', column: 'owner_name', type: 'text' },
  { fact: 'ownerEmail', column: 'owner_email', type: 'text' },
  { fact: 'filePath', column: 'file_path', type: 'text' },
  { fact: 'version', column: 'version', type: 'text' },
  { fact: 'latestVersion', column: 'latest_version', type: 'text' },
  { fact: 'deprecationDate', column: 'deprecation_date', type: 'timestamptz' },
  { fact: 'contractEnforced', column: 'contract_enforced', type: 'boolean' },
  { fact: 'rawCode', column: 'raw_code', type: 'text' },
  { fact: 'label', column: 'label', type: 'text' },
  { fact: 'testType', column: 'test_type', type: 'text' },
  { fact: 'columnName', column: 'column_name', type: 'text' },
  { fact: 'testedUniqueId', column: 'tested_unique_id', type: 'text' },
  { fact: 'sourceName', column: 'source_name', type: 'text' },
  { fact: 'loader', column: 'loader', type: 'text' },
  { fact: 'details', column: 'details', type: 'jsonb' },
];

/** The build group, but for compiled code, which has a time of its own. */
export const BUILD_FIELDS: readonly Field<BuildFacts>[] = [
  { fact: 'config', column: 'config', type: 'jsonb' },
  { fact: 'relationName', column: 'relation_name', type: 'text' },
  { fact: 'testName', column: 'test_name', type: 'text' },
  { fact: 'testNamespace', column: 'test_namespace', type: 'text' },
  { fact: 'arguments', column: 'arguments', type: 'jsonb' },
  { fact: 'severity', column: 'severity', type: 'text' },
  { fact: 'warnAfterS', column: 'warn_after_s', type: 'double precision' },
  { fact: 'errorAfterS', column: 'error_after_s', type: 'double precision' },
];

/**
 * dbt lists these among the results of a build, and the Discovery API tells no results of them: when they were first
 * there is not for results to say.
 */
export const LISTED_TYPES: readonly string[] = ['exposure', 'saved_query'] satisfies ResourceType[];

/** Whether what a row says of its type is that its results do not say when it was first there, as SQL. */
export const isListed = (row: string): string =>
  `${row}.resource_type in (${LISTED_TYPES.map((type) => `'${type}'`).join(', ')})`;
