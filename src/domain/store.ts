import type { ResourceType } from './records.ts';
import type { EnvironmentFacts, Page, ProjectFacts, SourceName, Stored } from './source.ts';

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

/** What the pass knows at its end; the store adds what it wrote. */
export interface PassReport {
  /** Every page came whole and the counts reconciled. Only then nodes that were not seen are closed. */
  readonly complete: boolean;
  /** Complete, and nothing was rejected: the next probe may be compared with this pass. */
  readonly whole: boolean;
  readonly token: string | null;
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

/** The Postgres store as the pass sees it. */
export interface Store {
  /**
   * Takes the integration's lock and starts a sync_run.
   * @throws FatalError when the name belongs to another environment; SyncError when another process is syncing it.
   */
  begin(scope: IntegrationScope, start: PassStart): Promise<Pass>;
}
