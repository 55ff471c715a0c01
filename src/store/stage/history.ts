import type { HistoryRecord, JobRecord, RunRecord, StepRecord } from '../../domain/records.ts';
import type { Cell } from '../copy-text.ts';
import { addLine } from './lines.ts';
import type { Staging } from './records.ts';

function jobCells({ jobId, name, jobType, environmentId, schedule, steps, deactivated }: JobRecord): Cell[] {
  return [jobId, name, jobType, environmentId, schedule, steps, deactivated];
}

function runCells(run: RunRecord): Cell[] {
  const { runId, jobId, environmentId, status, cause, reason, gitSha, gitBranch, dbtVersion } = run;
  const { createdAt, startedAt, finishedAt, retryOfRunId, url, errorMessage } = run;
  const { setsState, resultsComplete, resultsMissingReason } = run;
  return [
    ...[runId, jobId, environmentId, status, cause, reason, gitSha, gitBranch, dbtVersion],
    ...[createdAt, startedAt, finishedAt, retryOfRunId, url, errorMessage],
    ...[setsState, resultsComplete, resultsMissingReason],
  ];
}

function stepCells(record: StepRecord): Cell[] {
  const { runId, step, name, command, which, invocationId, status, startedAt, finishedAt } = record;
  return [runId, step, name, command, which, invocationId, status, startedAt, finishedAt];
}

/** Adds what is staged of a job, a run or a step. */
export function addHistory({ lines, tally }: Staging, record: HistoryRecord): void {
  tally.addUnknown('runs');
  if (record.kind === 'job') addLine(lines, 'stage_job', jobCells(record));
  else if (record.kind === 'run') addLine(lines, 'stage_run', runCells(record));
  else addLine(lines, 'stage_step', stepCells(record));
}
