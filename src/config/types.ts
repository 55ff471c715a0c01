import type { Secret } from '../domain/secret.ts';

/** Levels of the log, least to most severe. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `auto` is pretty on a terminal and JSON lines elsewhere. */
export type LogFormat = 'auto' | 'pretty' | 'json';

/** How lines are logged. */
export type LogConfig = { readonly level: LogLevel; readonly format: LogFormat };

/** Where the store lives: a PostgreSQL of the user's (the URL may hold a password), or ours under an absolute folder. */
export type DatabaseConfig =
  | { readonly kind: 'url'; readonly url: Secret }
  | { readonly kind: 'embedded'; readonly directory: string };

/** What integrations of every kind have. */
type AnyIntegration = {
  /** Matches `^[a-z0-9][a-z0-9_-]*$`, unique within a configuration. */
  readonly name: string;
  /** Five-field cron expression; left out, nothing is scheduled. */
  readonly schedule?: string | undefined;
  /** IANA name the schedule is read in; `UTC` unless told. */
  readonly timeZone: string;
  /** From 0 to 1; 0.5 unless told: a pass that misses a larger share of the nodes closes none of them. */
  readonly maxRemovalRatio: number;
};

/** How an environment of the dbt platform is asked; `auto` goes over to artifacts when the Discovery API cannot serve. */
export type PlatformSource = 'auto' | 'discovery' | 'artifacts';

/** One environment of the dbt platform, checked: whatever its source needs to be asked is there. */
export type PlatformIntegration = AnyIntegration & {
  /** The account's access URL, always with its scheme; which hosts follow from it is decided elsewhere. */
  readonly accessUrl?: string | undefined;
  /** The whole Discovery endpoint, when it is given rather than derived. */
  readonly discoveryUrl?: string | undefined;
  /** Host of the Admin API with its scheme, when it is given rather than that of the access URL. */
  readonly adminUrl?: string | undefined;
  /** This id and the others: positive integers that a JavaScript number holds exactly. */
  readonly accountId?: number | undefined;
  readonly projectId?: number | undefined;
  /** Left out: the production environment, which the Admin API tells. */
  readonly environmentId?: number | undefined;
  readonly jobId?: number | undefined;
  /** Never empty, printable ASCII only, so it fits a header as it is. */
  readonly token: Secret;
  readonly source: PlatformSource;
  /** How long after its end a run may be missing in the Discovery API before `auto` goes over to artifacts, in seconds. */
  readonly discoveryLagS: number;
  /** Every run's results are taken through the Admin API, where its host is known, and not the last state alone. */
  readonly runHistory: boolean;
  /** Webhooks are taken that any of these signed; left out or empty: none are. */
  readonly webhookSecrets?: readonly Secret[] | undefined;
};

/** A folder with the artifacts of dbt Core, checked for its form alone: whether it is there is found when it is read. */
export type FilesIntegration = AnyIntegration & {
  readonly source: 'files';
  /** Absolute. */
  readonly artifactsDir: string;
};

export type IntegrationConfig = PlatformIntegration | FilesIntegration;

/** Where webhooks, health and metrics are served. */
export type ServerConfig = { readonly host: string; readonly port: number };

/** What holds for all integrations together. */
export type Limits = {
  /** Requests to the Admin API of one host; its own limit is 5,000 per account. */
  readonly requestsPerMinute: number;
  /** Larger artifacts are refused, in MB of 2^20 bytes. */
  readonly maxArtifactMb: number;
};

/** How long is kept what only grows, in seconds; null: for ever. */
export type Retention = {
  /** By when they were executed. */
  readonly runResultsS: number | null;
  readonly syncRunsS: number | null;
  readonly rejectsS: number | null;
  readonly webhookEventsS: number | null;
};

/** A checked configuration. */
export type Config = {
  /** Absolute path of the file it was read from; left out when there is none. */
  readonly file?: string | undefined;
  readonly database: DatabaseConfig;
  /** In the order of the file; empty without one. */
  readonly integrations: readonly IntegrationConfig[];
  readonly limits: Limits;
  readonly retention: Retention;
  readonly server: ServerConfig;
  readonly log: LogConfig;
  /** The file itself states `log.level`, be it the one that holds anyway. */
  readonly logLevelIsStated: boolean;
};
