import type { HistoryRecord, Instant, ResourceType, ResultRecord } from './records.ts';
import type { NamelessNodes, NodeIdentity, RunWindow } from './runs.ts';
import type { EnvironmentFacts, Page, ProjectFacts, SourceName, Stored, Traffic } from './source.ts';

/** What identifies an integration to the store. */
export interface IntegrationScope {
  readonly name: string;
  readonly accountId: number | null;
  readonly projectId: number | null;
  /** Null for a folder of artifacts, which belongs to no environment of the dbt platform. */
  readonly environmentId: number | null;
  readonly jobId: number | null;
  readonly accessUrl: string | null;
  readonly schedule: string | null;
  readonly timeZone: string;
  /** When the store is stale if no pass succeeds after this one; null without a schedule. */
  readonly staleAfter: ((end: Date) => Date) | null;
  /** A pass that would close more than this share of the nodes closes none. From 0 to 1; 1 closes any. */
  readonly maxRemovalRatio: number;
  /** Hash of everything in the configuration that changes what a pass reads. */
  readonly configHash: string;
}

/** The last pass that was complete and whole, against which an unchanged probe lets a pass be skipped. */
export interface LastComplete {
  readonly token: string | null;
  readonly configHash: string;
  readonly normalizerVersion: number;
}

export type Outcome = 'done' | 'unchanged' | 'partial' | 'failed' | 'interrupted';

/** What a pass is called in `dbt.sync_runs` while it goes on. */
export interface PassStart {
  readonly source: SourceName;
  readonly reason: string;
  readonly normalizerVersion: number;
  /** Nothing is kept: publish tells what it would write. */
  readonly dryRun: boolean;
  /** Cancels what the database is doing for the pass, whose calls then reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Another source serves a pass than the one it began with. */
export interface Fallback {
  readonly source: SourceName;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** How far the runs of an environment were taken. */
export interface RunsTaken {
  /** What the newest runs were; null when that is told by the token of the state. */
  readonly token: string | null;
  /** Every run that ended up to then was taken; null when that cannot be said of any time. */
  readonly until: Instant | null;
}

/** What the pass knows at its end; the store adds what it wrote. */
export interface PassReport {
  /** Every page came whole and the counts reconciled. Only then nodes that were not seen are closed. */
  readonly complete: boolean;
  /** Complete, and nothing was rejected, or stored as such before: the next probe may be compared with this pass. */
  readonly whole: boolean;
  readonly token: string | null;
  /** How far runs were taken; null when nobody looked, or they could not be had. */
  readonly runs: RunsTaken | null;
  readonly environment: EnvironmentFacts;
  readonly project: ProjectFacts;
  /** Types that the source states and that may be closed. */
  readonly states: readonly ResourceType[];
  /** Why the outcome is partial, as far as the pass knows; the store may add to them. */
  readonly partialReasons: readonly string[];
  readonly counts: { readonly [resourceType: string]: number };
  readonly requests: number;
  readonly bytes: number;
}

/** What publishing did. */
export interface PassResult {
  readonly outcome: Outcome;
  readonly partialReasons: readonly string[];
  readonly rowsWritten: number;
  readonly changes: { readonly [aspect: string]: number };
  readonly results: number;
  readonly rejects: number;
}

/**
 * One pass over one integration. Holds the integration's lock and one database session.
 * Until publish commits, readers see the previous state whole; after it, the new one whole.
 */
export interface Pass {
  readonly syncRunId: number;
  readonly lastComplete: LastComplete | null;
  /** The token of {@link PassReport.runs} of the last pass that had one. */
  readonly lastHistory: string | null;
  /** Puts a page aside for publish. Order does not matter. */
  stage(page: Page): Promise<void>;
  /** What is stored of the environment now. */
  stored(): Promise<Stored>;
  /** Something will be staged: what that needs is made ready meanwhile. May be left out. */
  prepare(): void;
  /** Forgets what was staged, to take the pass again; `instead`, from another source and why. */
  restart(instead?: Fallback): Promise<void>;
  publish(report: PassReport): Promise<PassResult>;
  /** Ends a pass that found nothing new: writes only the sync_run. */
  unchanged(traffic: { requests: number; bytes: number }): Promise<void>;
  /** Ends a pass that could not go on; the previous state stays. */
  fail(outcome: 'failed' | 'interrupted', message: string, traffic: { requests: number; bytes: number }): Promise<void>;
  /** Gives the lock and the session back. Safe to call at any point, once. */
  release(): Promise<void>;
}

/** How a backfill is called in `dbt.sync_runs` while it goes on. */
export type BackfillStart = Pick<PassStart, 'reason' | 'signal' | 'dryRun'>;

/** Runs that are published together, and what was asked of dbt until then. */
export interface RunPortion extends Traffic, Pick<Page, 'records' | 'rejects'> {
  readonly ready: readonly ReadyRun[];
  readonly history: readonly HistoryRecord[];
  readonly project: ProjectFacts;
}

/** The results of one run as the store's own table takes them, which need less room than as they came. */
export interface ReadyRun {
  readonly runId: string;
  readonly jobId: number | null;
  readonly results: number;
  /** Each node has one result among them. */
  readonly isOnce: boolean;
  readonly rows: readonly Uint8Array[];
}

/** What publishing runs wrote. */
export interface PortionResult {
  readonly rowsWritten: number;
  readonly results: number;
}

/**
 * A backfill of one integration's runs. Syncs go on beside it: only while a portion is published does either wait for
 * the other. What was published stays, however the backfill ends.
 */
export interface Backfill {
  readonly syncRunId: number;
  /** The runs of a window that need not be read again, and the complete ones among them; of one job if it is given. */
  taken(window: RunWindow, jobId: number | null): Promise<TakenRuns>;
  /**
   * The nodes that results were taken of within a window and that nobody has named, by the last run that has them; `but`
   * these runs.
   */
  nameless(asked: NamelessAsked): Promise<readonly NamelessNodes[]>;
  /** Names nodes of the past. Those that are `settled` are not asked for again, be they named or not. */
  name(identities: readonly NodeIdentity[], settled: readonly string[]): Promise<number>;
  /** Makes the results of a run ready, without a look at the store; undefined when they are to be published as they came. */
  ready(results: readonly ResultRecord[]): ReadyRun | undefined;
  /** Makes runs and their results part of the store, all of the portion or nothing. */
  publish(portion: RunPortion): Promise<PortionResult>;
  /** Ends it. */
  finish(outcome: Exclude<Outcome, 'unchanged'>, error: string | null, traffic: Traffic): Promise<void>;
  /** Gives its session back. Safe to call at any point, once. */
  release(): Promise<void>;
}

export interface NamelessAsked {
  readonly window: RunWindow;
  readonly jobId: number | null;
  readonly but: readonly string[];
}

/** Finished runs that are stored. */
export interface TakenRuns {
  readonly complete: ReadonlySet<string>;
  /** Those of which something could not be had, with the reason. */
  readonly missing: ReadonlyMap<string, string>;
}

/** The Postgres store as the pass sees it. */
export interface Store {
  /**
   * Takes the integration's lock and starts a sync_run.
   * @throws FatalError when the name belongs to another environment; BusyError when another process is syncing it.
   */
  begin(scope: IntegrationScope, start: PassStart): Promise<Pass>;
}

/** The Postgres store as a backfill sees it. */
export interface RunStore {
  /** Starts a backfill. @throws FatalError when the name belongs to another environment. */
  beginBackfill(scope: IntegrationScope, start: BackfillStart): Promise<Backfill>;
}
