import type {
  BuildFacts,
  DefinitionFacts,
  HistoryRecord,
  Instant,
  Reject,
  RunRecord,
  StepRecord,
  StoreRecord,
} from './records.ts';
import type { Page, Traffic } from './source.ts';

/** What set a run off. */
export interface RunTrigger {
  /** `api`, `ci`, `scheduled`, `ui`, `merge` … in dbt's own words. */
  readonly category: string | null;
  /** Free text, its e-mail addresses masked. */
  readonly cause: string | null;
  readonly gitSha: string | null;
  readonly gitBranch: string | null;
  /** Number of the pull or merge request, whichever git provider it is of. */
  readonly pullRequestId: string | null;
  /** The schema a check of a proposal builds into, in place of the environment's own. */
  readonly schemaOverride: string | null;
}

/** One run of a job, with what tells whether and how its results are read; {@link runRecord} is what the store keeps of it. */
export interface Run {
  readonly id: number;
  readonly accountId: number | null;
  readonly projectId: number | null;
  readonly environmentId: number | null;
  readonly jobId: number | null;
  readonly jobName: string | null;
  readonly jobType: string | null;
  /** queued, starting, running, success, error, cancelled; a word unknown to us is kept as it is. */
  readonly status: string;
  /** Nothing more will happen to it. */
  readonly isFinished: boolean;
  /** Why it ended as it did, its e-mail addresses masked. */
  readonly message: string | null;
  /** Null when the source was not asked for it. */
  readonly trigger: RunTrigger | null;
  readonly gitSha: string | null;
  readonly gitBranch: string | null;
  readonly dbtVersion: string | null;
  readonly createdAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Seconds from its start to its end. */
  readonly durationS: number | null;
  /** Seconds from its creation to its start. */
  readonly queuedS: number | null;
  readonly retryOfRunId: number | null;
  /** False when the run kept no artifacts, so that none need be asked for; null when it is not told. */
  readonly hasArtifacts: boolean | null;
  readonly url: string | null;
}

/** One step of a run; built-in ones such as cloning the repository count too. */
export interface RunStep {
  /** From 1, in the numbering that artifacts are asked by. */
  readonly index: number;
  readonly name: string;
  /** The dbt command it invokes, such as `dbt build`; null for built-in steps. */
  readonly command: string | null;
  /** In the words of {@link Run.status}. */
  readonly status: string;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly durationS: number | null;
}

/** Runs that finished within these times, both included. */
export interface RunWindow {
  readonly from: Date;
  readonly to: Date;
}

/** Some runs, and those that could not be read. */
export interface RunPage {
  readonly runs: readonly Run[];
  readonly rejects: readonly Reject[];
}

/** What a run left behind, and the run, its job and its steps themselves. */
export interface RunResults {
  readonly history: readonly HistoryRecord[];
  readonly records: readonly StoreRecord[];
  readonly rejects: readonly Reject[];
  /** Why there are no results although none is missing, in a few words; null when there are some. */
  readonly emptyReason: string | null;
}

/**
 * What tells a node from others, as a manifest of its time has it. Nothing of its state and of what it depends on, which
 * may be another one today.
 */
export interface NodeIdentity {
  readonly uniqueId: string;
  readonly facts: Pick<
    DefinitionFacts & BuildFacts,
    'name' | 'packageName' | 'version' | 'sourceName' | 'testType' | 'testName' | 'testNamespace' | 'columnName'
  >;
}

/** Nodes of which nobody has said more than their results, and a run that has one of each. */
export interface NamelessNodes {
  readonly runId: string;
  /** The step that told of them; null of freshness checks. */
  readonly step: number | null;
  readonly uniqueIds: readonly string[];
}

/** A way of asking for the past of one environment. No writes, no clock. */
export interface RunSource {
  /** The jobs that the runs are of, and what is known of the environment. */
  surroundings(signal: AbortSignal): Promise<Page>;
  /** How many runs ended within the window; null when nobody counts them. @throws FatalError when there is no such environment. */
  count(window: RunWindow, signal: AbortSignal): Promise<number | null>;
  /** The runs that ended within the window, in the order of their ids, each of them once. */
  runs(window: RunWindow, signal: AbortSignal): AsyncIterable<RunPage>;
  /**
   * The results of a finished run, step by step, with its own record. Artifacts that are not there are data: the run's
   * record says why. @throws FatalError when a person must act first, SyncError when they cannot be had now.
   */
  results(run: Run, signal: AbortSignal): Promise<RunResults>;
  /**
   * What the manifest of the step that told of these nodes says of them, by one request; null when there is none that
   * can be read. @throws as {@link results}.
   */
  identities(nodes: NamelessNodes, signal: AbortSignal): Promise<readonly NodeIdentity[] | null>;
  traffic(): Traffic;
  /** Gives back what reading needed. */
  close(): Promise<void>;
}

/** The environment whose state is asked for. */
export interface StateScope {
  readonly environmentId: number;
}

/**
 * Whether a run's results are the environment's state: it ran there, and was no check of a proposal. Merge jobs count.
 * A run whose job and trigger are not told counts, for a check would have had one of them.
 */
export function setsState(run: Run, { environmentId }: StateScope): boolean {
  if (run.environmentId !== environmentId) return false;
  if (run.jobType === 'ci' || run.trigger?.category === 'ci') return false;
  return !run.trigger?.schemaOverride;
}

/** Whether all results of a run were had. */
export interface ResultsState extends StateScope {
  readonly complete: boolean;
  /** Why there are none, or not all, in one sentence. */
  readonly missingReason: string | null;
}

/** What the store keeps of a run. */
export function runRecord(run: Run, { environmentId, complete, missingReason }: ResultsState): RunRecord {
  const { trigger } = run;
  return {
    kind: 'run',
    runId: String(run.id),
    jobId: run.jobId,
    environmentId: run.environmentId,
    status: run.status,
    cause: trigger?.category ?? null,
    reason: trigger?.cause ?? null,
    gitSha: run.gitSha ?? trigger?.gitSha ?? null,
    gitBranch: run.gitBranch ?? trigger?.gitBranch ?? null,
    dbtVersion: run.dbtVersion,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    retryOfRunId: run.retryOfRunId === null ? null : String(run.retryOfRunId),
    url: run.url,
    errorMessage: run.isFinished && run.status !== 'success' ? run.message : null,
    setsState: setsState(run, { environmentId }),
    resultsComplete: complete,
    resultsMissingReason: missingReason,
  };
}

/** What the artifacts of a step say of its invocation; both are null when it left none. */
export interface Invocation {
  readonly which: string | null;
  readonly invocationId: string | null;
}

/** What the store keeps of a step. */
export function stepRecord(runId: number, step: RunStep, { which, invocationId }: Invocation): StepRecord {
  const { index, name, command, status, startedAt, finishedAt } = step;
  return {
    kind: 'step',
    runId: String(runId),
    step: index,
    name,
    command,
    which,
    invocationId,
    status,
    startedAt,
    finishedAt,
  };
}
