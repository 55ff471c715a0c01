import type { StoreRecord } from '../../../src/domain/records.ts';

type Check = (value: unknown) => boolean;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether Postgres takes a text as `timestamptz`, read digit by digit rather than by a date library. */
export function isTimestamp(value: unknown): boolean {
  const match = /^(\d+)-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d{1,60})?(?:Z|[+-](\d\d):?(\d\d))$/.exec(
    String(value),
  );
  if (typeof value !== 'string' || match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0, rest = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  const isDate = year >= 1 && year <= 9999 && day >= 1 && day <= days;
  return isDate && hour <= 23 && minute <= 59 && second <= 59 && offset <= 15 && rest <= 59;
}

const text: Check = (value) => typeof value === 'string';
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const bigint: Check = (value) => Number.isSafeInteger(value);
const integer: Check = (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
const double: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const boolean: Check = (value) => typeof value === 'boolean';
const object: Check = (value) => typeof value === 'object' && value !== null && JSON.stringify(value) !== undefined;
const or =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const nothing: Check = (value) => value === null;
const absent: Check = (value) => value === undefined;
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

type Shape = { readonly [field: string]: Check };

function shaped(shape: Shape): Check {
  return (value) => {
    const record = value as { [field: string]: unknown };
    const fields = new Set([...Object.keys(shape), ...Object.keys(record)]);
    return [...fields].every((field) => (shape[field] ?? absent)(record[field]));
  };
}

const named = (fields: string, check: Check): Shape =>
  Object.fromEntries(fields.split(' ').map((field) => [field, check]));

const DEFINITION_FACTS: Shape = {
  ...named(
    'name packageName description databaseName schemaName identifier materialization access groupName ownerName ' +
      'ownerEmail filePath version latestVersion rawCode label testType columnName testedUniqueId sourceName loader',
    or(absent, nothing, text),
  ),
  tags: or(absent, texts),
  meta: or(absent, nothing, object),
  deprecationDate: or(absent, nothing, isTimestamp),
  contractEnforced: or(absent, nothing, boolean),
  properties: or(absent, object),
  details: or(absent, object),
};

const BUILD_FACTS: Shape = {
  ...named('compiledCode relationName testName testNamespace severity', or(absent, nothing, text)),
  ...named('config arguments', or(absent, nothing, object)),
  ...named('warnAfterS errorAfterS', or(absent, nothing, double)),
};

const COLUMN: Shape = {
  name: text,
  position: or(nothing, integer),
  ...named('dataType comment', or(nothing, text)),
  description: or(absent, nothing, text),
  tags: or(absent, texts),
  meta: or(absent, nothing, object),
};

const DECLARED_COLUMN: Shape = {
  name: text,
  ...named('declaredType description', or(nothing, text)),
  tags: texts,
  meta: or(nothing, object),
};

const SHAPES: { readonly [kind in StoreRecord['kind']]: Shape } = {
  definition: {
    ...named('resourceType state', text),
    at: or(nothing, isTimestamp),
    runId: or(nothing, text),
    facts: shaped(DEFINITION_FACTS),
    parents: texts,
    columns: or(absent, list(shaped(DECLARED_COLUMN))),
  },
  compiled: { at: or(nothing, isTimestamp), code: text, isBuilt: boolean },
  build: { at: or(nothing, isTimestamp), facts: shaped(BUILD_FACTS) },
  catalog: {
    at: or(nothing, isTimestamp),
    ...named('rowCount bytes', or(nothing, bigint)),
    columns: list(shaped(COLUMN)),
  },
  result: {
    ...named('runId status', text),
    step: integer,
    ...named('jobId failures', or(nothing, bigint)),
    message: or(nothing, text),
    executedAt: isTimestamp,
    ...named('startedAt completedAt', or(nothing, isTimestamp)),
    executionTimeS: or(nothing, double),
    ...named('invocationId threadId', or(absent, nothing, text)),
    adapterResponse: or(absent, nothing, object),
    rowsAffected: or(absent, nothing, bigint),
    batches: or(absent, shaped({ successful: integer, failed: integer })),
  },
  freshness: {
    snapshottedAt: isTimestamp,
    ...named('status runId', or(nothing, text)),
    maxLoadedAt: or(nothing, isTimestamp),
    ...named('ageS warnAfterS errorAfterS', or(nothing, double)),
    jobId: or(nothing, bigint),
  },
  seen: {},
};

/** Fields of a record that the columns of the store would refuse. */
export function refusals(record: StoreRecord): string[] {
  const shape: Shape = { kind: text, uniqueId: (id) => text(id) && id !== '', ...SHAPES[record.kind] };
  const fields = record as unknown as { [field: string]: unknown };
  return [...new Set([...Object.keys(shape), ...Object.keys(fields)])].filter(
    (field) => !(shape[field] ?? absent)(fields[field]),
  );
}
