import type { HistoryRecord, Instant, Reject, ResourceType, StoreRecord } from './records.ts';

export type SourceName = 'discovery' | 'artifacts';

/** What a source says of the environment as a whole. */
export interface EnvironmentFacts {
  readonly adapterType: string | null;
  readonly projectName: string | null;
  readonly gitSha: string | null;
  /** When dbt last took in a run for this environment (Discovery's `applied.lastUpdatedAt`). */
  readonly updatedAt: Instant | null;
}

/** The answer to "has anything changed?". Equal tokens mean that nothing moved; null means that nobody can tell. */
export interface Probe {
  readonly token: string | null;
  readonly environment: EnvironmentFacts;
  /** Runs that ended up to then are told by the pages that follow; left out by a source that tells none. */
  readonly runsUntil?: Instant | null;
}

/** One page of one connection, already normalized. */
export interface Page {
  readonly resourceType: ResourceType;
  /** Nodes received with the page, rejected ones included. */
  readonly received: number;
  /** Nodes of the whole connection, as the source counts them. */
  readonly total: number;
  readonly records: readonly StoreRecord[];
  readonly rejects: readonly Reject[];
  /** Why the connection is not whole, one sentence each; a pass with any closes nothing. */
  readonly incomplete: readonly string[];
  /** Account, project and dbt version, where the nodes say so. */
  readonly project?: ProjectFacts;
  /** Jobs, runs and steps that the records of this page or of others refer to. */
  readonly history?: readonly HistoryRecord[];
}

export interface ProjectFacts {
  readonly accountId: number | null;
  readonly projectId: number | null;
  readonly dbtVersion: string | null;
  /** These are for sources whose probe does not tell them; what it does tell goes first. */
  readonly projectName?: string | null;
  readonly adapterType?: string | null;
  readonly environmentName?: string | null;
  readonly gitSha?: string | null;
}

/** What the store holds of an environment before a pass, so that a source need not read it again. */
export interface Stored {
  /** The name of the dbt project; null when nobody has told it. */
  readonly projectName: string | null;
  /**
   * The packages of which there is any node, of a folder of artifacts, which nothing else tells apart from others; none
   * of an environment of the dbt platform. Macros do not count, and neither do models of other projects.
   */
  readonly packages: ReadonlySet<string>;
  /** Ids of the runs of which every result is stored. */
  readonly completeRuns: ReadonlySet<string>;
  /** Ids of those among them that made a catalog after the newest one that is stored: whoever took them left it. */
  readonly catalogRuns: ReadonlySet<string>;
  /** Every run that ended up to then was told, as far back as a first pass goes; null when none ever was. */
  readonly runsUntil: Instant | null;
  /** The time of the newest definitions; null when there are none. */
  readonly definedAt: Instant | null;
  /**
   * What is stored of the state is read again all the same, and of the runs that a first pass of every run
   * would take those that are not complete. What complete ones left does not change.
   */
  readonly again?: boolean;
}

/** What an empty store holds. */
export const NOTHING_STORED: Stored = {
  projectName: null,
  packages: new Set(),
  completeRuns: new Set(),
  catalogRuns: new Set(),
  runsUntil: null,
  definedAt: null,
};

/** Requests made and bytes received since the source was made. */
export interface Traffic {
  readonly requests: number;
  readonly bytes: number;
}

/** A way of asking for the state of one environment. No writes, no clock. */
export interface Source {
  readonly name: SourceName;
  /** What it reads is never changed once it is there: a reading need not be checked for a state that moved meanwhile. */
  readonly isFixed?: boolean;
  /** The resource types this source can state, and therefore close. Final once the pages were read. */
  readonly states: readonly ResourceType[];
  /**
   * What this source leaves out by its configuration or could not have, one sentence each; an outcome with any is
   * partial. Final once the pages were read.
   */
  readonly limits: readonly string[];
  /** The same, of what does not matter when all runs are taken beside it. */
  readonly limitsWithoutRuns?: readonly string[];
  /** What a person should know although nothing is missing, one sentence each. Final once the pages were read. */
  readonly warnings?: readonly string[];
  /** @throws FatalError when a person must act first (token, host, environment), SyncError when this pass cannot go on. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** Every page of the state. Pages of different connections interleave. Runs that are stored need not be read again. */
  pages(signal: AbortSignal, stored?: Stored): AsyncIterable<Page>;
  traffic(): Traffic;
}
