import { z } from 'zod';
import type { Reject, ResourceType, ResultRecord } from '../domain/records.ts';
import { count, nullableId, nullableInstant, nullableText, seconds } from './scalars.ts';

/**
 * `executionInfo` of the Discovery API, which mixes two clocks: `lastRun*` tell the last attempt; `execute*`,
 * `executionTime`, `runGeneratedAt` and `lastSuccess*` the last success. After a failure they are different runs.
 */
export const executionInfo = z.object({
  lastRunId: nullableId,
  lastRunStatus: nullableText,
  lastRunError: nullableText,
  lastRunGeneratedAt: nullableInstant,
  lastJobDefinitionId: nullableId,
  lastRunFailures: count.nullable().optional(),
  runGeneratedAt: nullableInstant,
  executeStartedAt: nullableInstant,
  executeCompletedAt: nullableInstant,
  executionTime: seconds,
  lastSuccessRunId: nullableId,
  lastSuccessJobDefinitionId: nullableId,
});

type ExecutionInfo = z.output<typeof executionInfo>;

const sameInstant = (left: string | null, right: string | null) =>
  left !== null && right !== null && Date.parse(left) === Date.parse(right);

/** Whether the last attempt is itself the last success. */
function isOneResult(info: ExecutionInfo): boolean {
  return info.lastRunId === info.lastSuccessRunId && sameInstant(info.lastRunGeneratedAt, info.runGeneratedAt);
}

const SUCCESS_TIMES = (info: ExecutionInfo) => ({
  startedAt: info.executeStartedAt,
  completedAt: info.executeCompletedAt,
  executionTimeS: info.executionTime,
});

const NO_TIMES = { startedAt: null, completedAt: null, executionTimeS: null };

interface Owner {
  readonly uniqueId: string;
  readonly resourceType: ResourceType;
}

/** Results that cannot be placed in time or in a run are told, not dropped. */
function unplaced(owner: Owner, info: ExecutionInfo): Reject[] {
  const { lastRunId, lastRunStatus, lastRunGeneratedAt, lastSuccessRunId, runGeneratedAt } = info;
  const reasons = [
    lastRunStatus !== null && (lastRunId === null || lastRunGeneratedAt === null)
      ? 'executionInfo: the last attempt has a status, but no run or no time'
      : null,
    lastSuccessRunId !== null && runGeneratedAt === null
      ? 'executionInfo: the last success has a run, but no time'
      : null,
  ];
  return reasons.filter((reason) => reason !== null).map((reason) => ({ ...owner, reason, raw: info }));
}

/** The last attempt as step 0 and, when that is another result, the last success as step -1: never a mixed row. */
export function results(owner: Owner, info: ExecutionInfo | null): { records: ResultRecord[]; rejects: Reject[] } {
  if (info === null) return { records: [], rejects: [] };
  const { uniqueId } = owner;
  const found: ResultRecord[] = [];
  const { lastRunId, lastRunStatus, lastRunGeneratedAt, lastSuccessRunId, runGeneratedAt } = info;
  if (lastRunId !== null && lastRunStatus !== null && lastRunGeneratedAt !== null) {
    found.push({
      kind: 'result',
      uniqueId,
      runId: String(lastRunId),
      step: 0,
      jobId: info.lastJobDefinitionId,
      status: lastRunStatus.toLowerCase(),
      message: info.lastRunError,
      failures: info.lastRunFailures ?? null,
      executedAt: lastRunGeneratedAt,
      ...(isOneResult(info) ? SUCCESS_TIMES(info) : NO_TIMES),
    });
  }
  if (lastSuccessRunId !== null && runGeneratedAt !== null && !isOneResult(info)) {
    found.push({
      kind: 'result',
      uniqueId,
      runId: String(lastSuccessRunId),
      step: -1,
      jobId: info.lastSuccessJobDefinitionId,
      status: 'success',
      message: null,
      failures: null,
      executedAt: runGeneratedAt,
      ...SUCCESS_TIMES(info),
    });
  }
  return { records: found, rejects: unplaced(owner, info) };
}

/** When dbt last built the node, else when it last tried. */
export function builtAt(info: ExecutionInfo | null): string | null {
  return info?.runGeneratedAt ?? info?.lastRunGeneratedAt ?? null;
}
