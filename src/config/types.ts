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

/** One dbt environment, checked: at least one of `accessUrl` and `discoveryUrl` is there. */
export type IntegrationConfig = {
  /** Matches `^[a-z0-9][a-z0-9_-]*$`, unique within a configuration. */
  readonly name: string;
  /** The account's access URL, always with its scheme; which hosts follow from it is decided elsewhere. */
  readonly accessUrl?: string | undefined;
  /** The whole Discovery endpoint, when it is given rather than derived. */
  readonly discoveryUrl?: string | undefined;
  /** This id and the others: positive integers that a JavaScript number holds exactly. */
  readonly accountId?: number | undefined;
  readonly projectId?: number | undefined;
  readonly environmentId: number;
  readonly jobId?: number | undefined;
  /** Never empty, printable ASCII only, so it fits a header as it is. */
  readonly token: Secret;
  readonly source: 'auto' | 'discovery';
  /** Five-field cron expression; left out, nothing is scheduled. */
  readonly schedule?: string | undefined;
  /** IANA name the schedule is read in; `UTC` unless told. */
  readonly timeZone: string;
  /** From 0 to 1; 0.5 unless told: a pass that misses a larger share of the nodes closes none of them. */
  readonly maxRemovalRatio: number;
};

/** A checked configuration. */
export type Config = {
  /** Absolute path of the file it was read from; left out when there is none. */
  readonly file?: string | undefined;
  readonly database: DatabaseConfig;
  /** In the order of the file; empty without one. */
  readonly integrations: readonly IntegrationConfig[];
  readonly log: LogConfig;
  /** The file itself states `log.level`, be it the one that holds anyway. */
  readonly logLevelIsStated: boolean;
};
