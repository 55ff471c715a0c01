import { RejectError } from '../../domain/errors.ts';
import type { CompiledRecord, Json, Reject, ResultRecord } from '../../domain/records.ts';
import { MAX_DEPTH, TOO_DEEP } from '../depth.ts';
import type { Normalized } from '../normalized.ts';
import { count, text, uniqueId as uniqueIdField } from '../scalars.ts';
import { type Bag, finite, isBag, json, textOf, told, toldInstant } from './fields.ts';
import { objectReader, parsed, toldObject } from './shape.ts';
import { typeOfId } from './type-of-id.ts';

/** Where a result belongs: what a file of results does not say in its rows. */
export interface ResultContext {
  readonly runId: string;
  /** Counts from 1. */
  readonly step: number;
  readonly jobId: number | null;
  readonly invocationId: string | null;
  /** When the invocation's results were generated. */
  readonly executedAt: string;
}

const phase = toldObject({ name: told, started_at: toldInstant, completed_at: toldInstant });

const readResult = objectReader({
  unique_id: uniqueIdField,
  status: text,
  message: json,
  failures: json,
  execution_time: json,
  thread_id: told,
  timing: json,
  adapter_response: json,
  batch_results: json,
  compiled_code: told,
});

type Row = ReturnType<typeof readResult>;

/** Characters of JSON text that one answer of an adapter may take. */
const MAX_RESPONSE = 8_192;

function boundedResponse(response: Json | undefined): Json {
  if (!isBag(response)) return null;
  if (JSON.stringify(response).length <= MAX_RESPONSE) return response;
  const scalars = Object.entries(response).filter(([, value]) => value === null || typeof value !== 'object');
  const short = scalars.filter(([, value]) => typeof value !== 'string' || value.length <= 500);
  return Object.fromEntries(short.slice(0, 50));
}

/** Adapters that do not know the number say -1. */
function rowsAffected(response: Json | undefined): number | null {
  const rows = isBag(response) ? response.rows_affected : null;
  return typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0 ? rows : null;
}

/** When the node was executed; what was only compiled, or skipped, has no such time. */
function executionTimes(found: Json | undefined): { startedAt: string | null; completedAt: string | null } {
  const phases = Array.isArray(found) ? found : [];
  const execute = phases.find((one) => isBag(one) && one.name === 'execute');
  const said = parsed(phase, execute);
  return { startedAt: said?.started_at ?? null, completedAt: said?.completed_at ?? null };
}

function batchesOf(found: Json | undefined): Pick<ResultRecord, 'batches'> {
  if (!isBag(found)) return {};
  const { successful, failed } = found;
  const size = (list: Json | undefined) => (Array.isArray(list) ? list.length : 0);
  return { batches: { successful: size(successful), failed: size(failed) } };
}

/** Before dbt 0.19 a row held the whole node, and flags instead of a word; `status` was what the warehouse said. */
function fromBeforeVersions(row: Bag): Bag {
  const node = isBag(row.node) ? row.node : {};
  const isTest = node.resource_type === 'test';
  const flagged = [
    ['skipped', row.skip === true || row.skipped === true],
    ['error', row.error != null],
    ['fail', row.fail === true],
    ['warn', row.warn === true],
  ] as const;
  const [word] = flagged.find(([, isSet]) => isSet) ?? [isTest ? 'pass' : 'success'];
  const failures = isTest && typeof row.status === 'number' ? row.status : null;
  return { ...row, unique_id: node.unique_id ?? null, status: word, message: row.error ?? null, failures };
}

/** A count that is there and is none; the result itself is kept. */
function failuresOf(found: Json | undefined): { failures: number | null; reason: string | null } {
  if (found === null || found === undefined) return { failures: null, reason: null };
  const data = parsed(count, found);
  return data === undefined
    ? { failures: null, reason: `failures: ${JSON.stringify(found).slice(0, 100)} is not a count` }
    : { failures: data, reason: null };
}

function messageOf(found: Json | undefined): string | null {
  return found === null || found === undefined ? null : typeof found === 'string' ? found : JSON.stringify(found);
}

/**
 * From dbt 1.7 on a row has the code that was compiled for it, which manifests hold of their own invocation alone.
 * Nothing came of the code of an error.
 */
function compiledRecords({ unique_id: uniqueId, compiled_code: code, status }: Row, at: string): CompiledRecord[] {
  if (!code || typeOfId(uniqueId) === 'seed') return [];
  return [{ kind: 'compiled', uniqueId, at, code, isBuilt: status.toLowerCase() !== 'error' }];
}

function resultRecord(row: Bag, context: ResultContext) {
  const found = readResult(row);
  const { failures, reason } = failuresOf(found.failures);
  const { execution_time: seconds, adapter_response: response } = found;
  const { runId, step, jobId, invocationId, executedAt } = context;
  const { startedAt, completedAt } = executionTimes(found.timing);
  const record: ResultRecord = {
    kind: 'result',
    uniqueId: found.unique_id,
    runId,
    step,
    jobId,
    invocationId,
    executedAt,
    status: found.status.toLowerCase(),
    message: messageOf(found.message),
    failures,
    startedAt,
    completedAt,
    executionTimeS: finite(seconds),
    threadId: found.thread_id ?? null,
    adapterResponse: boundedResponse(response),
    rowsAffected: rowsAffected(response),
    ...batchesOf(found.batch_results),
  };
  return { records: [record, ...compiledRecords(found, context.executedAt)], reason };
}

/** One row of run_results, of any version; `depth` is how deeply it is nested. Never throws for bad data. */
export function resultRow(raw: unknown, depth: number, context: ResultContext): Normalized {
  const row = isBag(raw) && raw.unique_id === undefined && isBag(raw.node) ? fromBeforeVersions(raw) : raw;
  const uniqueId = isBag(row) ? textOf(row.unique_id) || null : null;
  const reject = (reason: string): Reject => ({
    resourceType: uniqueId === null ? null : typeOfId(uniqueId),
    uniqueId,
    reason: `result: ${reason}`,
    raw,
  });
  try {
    if (depth > MAX_DEPTH) throw new RejectError(TOO_DEEP);
    if (!isBag(row)) throw new RejectError('is not an object');
    const { records, reason } = resultRecord(row, context);
    return { records, rejects: reason === null ? [] : [reject(reason)] };
  } catch (error) {
    if (!(error instanceof RejectError)) throw error;
    return { records: [], rejects: [reject(error.message)] };
  }
}

/**
 * Whether a row shows that the invocation only compiled: a test that was executed passes and is no success, and before
 * dbt 0.19 what was executed had a status.
 */
export function isCompiledOnly(raw: unknown): boolean {
  if (!isBag(raw)) return false;
  const { unique_id: uniqueId, status, error, fail, skip } = raw;
  if (uniqueId === undefined) return isBag(raw.node) && status == null && error == null && !fail && !skip;
  return status === 'success' && typeof uniqueId === 'string' && uniqueId.startsWith('test.');
}
