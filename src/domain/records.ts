/** Resource types of dbt, as `dbt.nodes.resource_type` shows them. Unit tests are tests. */
export const RESOURCE_TYPES = [
  'model',
  'seed',
  'snapshot',
  'source',
  'test',
  'exposure',
  'metric',
  'semantic_model',
  'saved_query',
  'group',
  'macro',
  'analysis',
  'operation',
  'function',
] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** Any JSON value, as meta, config and the like hold it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An instant as an RFC 3339 string, with whatever precision was sent; never a JavaScript Date, which ends at milliseconds. */
export type Instant = string;

/**
 * What the project says of a node. A key that is missing was not stated and leaves what is stored;
 * null and the empty list are statements.
 */
export interface DefinitionFacts {
  readonly name?: string | null;
  readonly packageName?: string | null;
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly meta?: Json;
  readonly databaseName?: string | null;
  readonly schemaName?: string | null;
  readonly identifier?: string | null;
  readonly materialization?: string | null;
  readonly access?: string | null;
  readonly groupName?: string | null;
  /** The node's own owner: an exposure's or a group's, else `meta.owner`. */
  readonly ownerName?: string | null;
  readonly ownerEmail?: string | null;
  readonly filePath?: string | null;
  readonly version?: string | null;
  readonly latestVersion?: string | null;
  readonly deprecationDate?: Instant | null;
  readonly contractEnforced?: boolean | null;
  readonly rawCode?: string | null;
  readonly label?: string | null;
  readonly testType?: string | null;
  readonly columnName?: string | null;
  readonly testedUniqueId?: string | null;
  readonly sourceName?: string | null;
  readonly loader?: string | null;
  /** What only nodes of this type have, by the names of the reader views (exposure_type, type_params, entities …). */
  readonly properties?: { readonly [key: string]: Json };
  /** What else is worth keeping of a node and has no column, under dbt's own keys; bounded in size. Artifacts alone state it. */
  readonly details?: { readonly [key: string]: Json };
}

/** What dbt resolved when it last built the node, in the same absent-is-not-empty manner. */
export interface BuildFacts {
  readonly config?: Json;
  /** The code that the node was built with. */
  readonly compiledCode?: string | null;
  readonly relationName?: string | null;
  readonly testName?: string | null;
  readonly testNamespace?: string | null;
  readonly arguments?: Json;
  readonly severity?: string | null;
  /** Seconds after which a source's freshness warns, by its criteria. */
  readonly warnAfterS?: number | null;
  readonly errorAfterS?: number | null;
}

/**
 * The code that an invocation compiled of a node. It has a time of its own beside the build group, for no invocation
 * compiles everything. Where one record tells both, it may be among the {@link BuildFacts}.
 */
export interface CompiledRecord {
  readonly kind: 'compiled';
  readonly uniqueId: string;
  /** Null: the time of the node's build counts. */
  readonly at: Instant | null;
  readonly code: string;
  /** The node was built with it; what was only compiled never takes the place of such code, however new it is. */
  readonly isBuilt: boolean;
}

/** A column as the catalog shows it, with what the project says of it where the source tells both at once. */
export interface ColumnFacts {
  readonly name: string;
  readonly position: number | null;
  readonly dataType: string | null;
  readonly comment: string | null;
  /** These three are missing from the catalog of artifacts: there the definition states them. */
  readonly description?: string | null;
  readonly tags?: readonly string[];
  readonly meta?: Json;
}

/** A column as the project declares it. Only artifacts state these. */
export interface DeclaredColumn {
  /** In the case in which it was written, which may differ from the catalog's. */
  readonly name: string;
  readonly declaredType: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly meta: Json;
}

/** The definition group of one node, with its direct parents (a set of unique ids, no macros). */
export interface DefinitionRecord {
  readonly kind: 'definition';
  readonly uniqueId: string;
  readonly resourceType: ResourceType;
  /** `external`: a model of another project, known only as somebody's parent. */
  readonly state: 'defined' | 'external';
  /** When the manifest that says so was generated; null when the source does not tell (the pass's time is taken). */
  readonly at: Instant | null;
  readonly runId: string | null;
  readonly facts: DefinitionFacts;
  readonly parents: readonly string[];
  /** The whole list of declared columns, in their order; missing when the source states none. */
  readonly columns?: readonly DeclaredColumn[];
}

/** The build group of one node. `at` null: the time of the node's definition counts. */
export interface BuildRecord {
  readonly kind: 'build';
  readonly uniqueId: string;
  readonly at: Instant | null;
  readonly facts: BuildFacts;
}

/** The catalog group of one node; `columns` is the whole list. */
export interface CatalogRecord {
  readonly kind: 'catalog';
  readonly uniqueId: string;
  /** When the catalog was generated; null when the source does not tell (the pass's time is taken). */
  readonly at: Instant | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly columns: readonly ColumnFacts[];
}

/** One result of one node in one run. Step 0 is the last attempt and step -1 the last success, as Discovery tells them. */
export interface ResultRecord {
  readonly kind: 'result';
  readonly uniqueId: string;
  readonly runId: string;
  readonly step: number;
  readonly jobId: number | null;
  /** dbt's own word in lower case, whatever it is. */
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  /** When the invocation's results were generated: this orders results. */
  readonly executedAt: Instant;
  readonly startedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly executionTimeS: number | null;
  /** From here on what only artifacts state, of results with a step above 0. */
  readonly invocationId?: string | null;
  readonly threadId?: string | null;
  /** What the adapter answered, as it said it; bounded in size. */
  readonly adapterResponse?: Json;
  /** Null where the adapter does not know it (many say -1). Of a table that was created it is no row count. */
  readonly rowsAffected?: number | null;
  /** How many batches of a microbatch model were built and how many were not. */
  readonly batches?: { readonly successful: number; readonly failed: number };
}

/** One freshness check of one source. */
export interface FreshnessRecord {
  readonly kind: 'freshness';
  readonly uniqueId: string;
  readonly snapshottedAt: Instant;
  readonly status: string | null;
  readonly maxLoadedAt: Instant | null;
  readonly ageS: number | null;
  readonly warnAfterS: number | null;
  readonly errorAfterS: number | null;
  readonly runId: string | null;
  readonly jobId: number | null;
}

/** A node is there although it could not be read: it keeps what is stored of it and is not closed. */
export interface SeenRecord {
  readonly kind: 'seen';
  readonly uniqueId: string;
}

/** Everything a source can tell. Discovery and artifacts yield the same records: two ways of asking, one result. */
export type StoreRecord =
  | DefinitionRecord
  | BuildRecord
  | CompiledRecord
  | CatalogRecord
  | ResultRecord
  | FreshnessRecord
  | SeenRecord;

/** A job of the dbt platform. */
export interface JobRecord {
  readonly kind: 'job';
  readonly jobId: number;
  readonly name: string | null;
  readonly jobType: string | null;
  readonly environmentId: number | null;
  /** Cron of 5 fields. */
  readonly schedule: string | null;
  readonly steps: readonly string[];
  readonly deactivated: boolean;
}

/** A run of a job, or an invocation of dbt Core, whose id then takes the place of the run's. */
export interface RunRecord {
  readonly kind: 'run';
  readonly runId: string;
  readonly jobId: number | null;
  readonly environmentId: number | null;
  /** queued, starting, running, success, error or cancelled; an invocation of dbt Core is error if any of its results is. */
  readonly status: string | null;
  /** The trigger's category. */
  readonly cause: string | null;
  /** Who or what triggered it, free text; e-mail addresses are masked. */
  readonly reason: string | null;
  readonly gitSha: string | null;
  readonly gitBranch: string | null;
  readonly dbtVersion: string | null;
  readonly createdAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly retryOfRunId: string | null;
  readonly url: string | null;
  readonly errorMessage: string | null;
  /** Whether its results are the environment's state: not those of CI runs and of other schemas. */
  readonly setsState: boolean;
  /** Every result of every step was read: no provisional row of this run is taken any more. */
  readonly resultsComplete: boolean;
  readonly resultsMissingReason: string | null;
}

/** A step of a run: one invocation of dbt. Steps of the platform that invoke nothing have no invocation. */
export interface StepRecord {
  readonly kind: 'step';
  readonly runId: string;
  readonly step: number;
  readonly name: string | null;
  readonly command: string | null;
  /** dbt's name of the command (run, build, test, generate …). */
  readonly which: string | null;
  /** Unique within a run: a second step that shows the same one left a file of the first. */
  readonly invocationId: string | null;
  readonly status: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** What a source tells of jobs and runs, beside the records of nodes. */
export type HistoryRecord = JobRecord | RunRecord | StepRecord;

/** A piece of an answer that failed validation, kept with its reason. */
export interface Reject {
  readonly resourceType: ResourceType | null;
  readonly uniqueId: string | null;
  readonly reason: string;
  readonly raw: unknown;
}
