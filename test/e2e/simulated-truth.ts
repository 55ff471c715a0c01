import { ERROR_AFTER, type SimInvocation, WARN_AFTER } from './simulated-invocations.ts';
import { commitOf, fileOf, jobName, responseOf, statusMessage, threadOf } from './simulated-json.ts';
import { iso, type Micros } from './simulated-project.ts';
import { ENVIRONMENT, type Kind, type SimRun } from './simulated-runs.ts';
import { latestOf, type Seen, seenIn, statusLines } from './simulated-status.ts';

/** One line per row that a store must hold, in no order that matters. */
export type Truth = string[];

/** Kinds of runs of which something cannot be had. */
const MISSING: ReadonlySet<Kind> = new Set(['gone', 'lost', 'unsaved', 'crashed']);
/** Kinds of runs of which nothing is told but that they were. */
const WITHOUT_STEPS: ReadonlySet<Kind> = new Set(['gone']);
/** Kinds of runs of which no file can be had. */
const WITHOUT_FILES: ReadonlySet<Kind> = new Set(['lost', 'unsaved']);

export const isMissing = ({ kind }: SimRun): boolean => MISSING.has(kind);

/** Checks of proposals and other schemas say nothing of the environment. */
export const setsState = ({ kind }: SimRun): boolean => kind !== 'check' && kind !== 'other schema';

/** The runs of the environment that ended, within these times if they are given. */
export function ended(
  runs: readonly SimRun[],
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): SimRun[] {
  return runs.filter(
    ({ environmentId, finishedAt }) =>
      environmentId === ENVIRONMENT && finishedAt !== null && finishedAt >= from && finishedAt <= to,
  );
}

const when = (at: Micros | null) => (at === null ? null : iso(at));
/** Of freshness checks milliseconds are kept. */
const whenMs = (at: Micros | null) => (at === null ? null : iso(Math.floor(at / 1_000) * 1_000));
const line = (table: string, ...cells: unknown[]) => `${table} ${JSON.stringify(cells)}`;

/** What can be had of a run: its steps, and the file of each. */
function toldSteps(run: SimRun): { step: SimRun['steps'][number]; left: SimInvocation | null }[] {
  if (WITHOUT_STEPS.has(run.kind)) return [];
  return run.steps.map((step) => ({ step, left: WITHOUT_FILES.has(run.kind) ? null : step.left }));
}

/** Nodes by their latest executed result in the run; nobody knows them of one of which no result can be had. */
function countsOf(run: SimRun, seen: readonly Seen[]): (number | null)[] {
  if (isMissing(run) && seen.length === 0) return Array(5).fill(null);
  const latest = [...latestOf(seen.filter(({ isExecuted }) => isExecuted)).values()];
  const count = (isOfType: (type: string) => boolean, ...classes: string[]) =>
    latest.filter(({ row, class: own }) => isOfType(row.node.type) && classes.includes(own)).length;
  const [isModel, isTest] = [(type: string) => type === 'model', (type: string) => type === 'test'];
  return [
    ...[count(isModel, 'ok', 'warn'), count(isModel, 'fail', 'error')],
    ...[count(isTest, 'ok'), count(isTest, 'fail', 'error'), count(isTest, 'warn')],
  ];
}

function runLine(run: SimRun): string {
  const { id, jobId, status, cause, retryOf } = run;
  const seen = toldSteps(run).some(({ left }) => left !== null) ? seenIn(run) : [];
  return line(
    'run',
    ...[String(id), jobId, jobName(jobId), ENVIRONMENT, status, cause, commitOf(run), 'main', '1.10.1'],
    ...[when(run.createdAt), when(run.startedAt), when(run.finishedAt), retryOf === null ? null : String(retryOf)],
    ...[
      setsState(run),
      ...countsOf(run, seen),
      seen.length === 0 ? null : 'artifacts',
      isMissing(run),
      statusMessage(run),
    ],
  );
}

function stepLines(run: SimRun): string[] {
  return toldSteps(run).map(({ step, left }) => {
    const { index, name, command, status, startedAt, finishedAt } = step;
    const told = [command, left?.id ?? null, status, when(startedAt), when(finishedAt), left?.rows.length ?? 0];
    return line('step', String(run.id), index, name, ...told);
  });
}

const typeOf = (uniqueId: string) => (uniqueId.startsWith('unit_test.') ? 'test' : uniqueId.split('.')[0]);

function resultLines(run: SimRun): string[] {
  return toldSteps(run).flatMap(({ step, left }) =>
    (left?.rows ?? []).map((row) => {
      const { node, status, message, failures, startedAt, completedAt, seconds, rowsAffected, batches } = row;
      return line(
        'result',
        ...[String(run.id), step.index, left?.id, node.id, typeOf(node.id), status, message, failures],
        ...[when(left?.generatedAt ?? null), when(startedAt), when(completedAt), seconds, rowsAffected, threadOf(row)],
        ...[responseOf(row), 'artifacts', setsState(run), batches?.successful ?? null, batches?.failed ?? null],
      );
    }),
  );
}

function checkLines(run: SimRun): string[] {
  return toldSteps(run).flatMap(({ left }) =>
    (left !== null && fileOf(left) === 'sources.json' ? left.checks : []).map((check) => {
      const { node, status, snapshottedAt, maxLoadedAt } = check;
      const isMade = snapshottedAt !== null && maxLoadedAt !== null;
      const age = isMade ? (snapshottedAt - maxLoadedAt) / 1_000_000 : null;
      const limits = isMade ? [WARN_AFTER * 3_600, ERROR_AFTER * 3_600] : [null, null];
      const at = snapshottedAt ?? left?.generatedAt ?? null;
      return line('check', node.id, status, whenMs(maxLoadedAt), whenMs(at), age, ...limits, String(run.id));
    }),
  );
}

/** What a store must hold of these runs, and of these alone: themselves, their steps, results and checks. */
export function runLines(runs: readonly SimRun[]): Truth {
  return runs.flatMap((run) => [runLine(run), ...stepLines(run), ...resultLines(run), ...checkLines(run)]);
}

/** The same, and what follows of the state of each node. */
export function truthOf(runs: readonly SimRun[]): Truth {
  const telling = runs.filter((run) => setsState(run) && toldSteps(run).some(({ left }) => left !== null));
  return [...runLines(runs), ...statusLines(telling.flatMap(seenIn))].sort();
}
