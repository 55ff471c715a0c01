import type { DatabaseConfig } from '../config/types.ts';
import { FatalError, SyncError } from '../domain/errors.ts';
import { embeddedStatus, startEmbedded } from '../store/embedded/embedded.ts';
import type { SchemaState } from '../store/migrate.ts';
import { type Client, connect, createPool, databaseError, type Pool } from '../store/pool.ts';
import {
  isPooledByTransaction,
  isTimeout,
  type ServerFacts,
  schemaOf,
  serverFacts,
  tryWriting,
} from '../store/read/health.ts';
import { readSnapshot } from '../store/read/snapshot.ts';
import { type IntegrationStatus, integrationStatus } from '../store/read/status.ts';
import { type CheckName, failed, ok, skipped, type Verdict, warning } from './check.ts';
import { poolerMend } from './pooler.ts';

/** The oldest PostgreSQL whose features the schema uses. */
const OLDEST = 14;

/** Where the database is said to be, or why nothing usable is said of it. */
export type DatabaseSubject =
  | DatabaseConfig
  | { readonly kind: 'problem'; readonly message: string; readonly mend: string };

type DatabaseCheck = Extract<CheckName, 'database' | 'schema' | 'writable' | 'pooler'>;

export interface DatabaseFinding {
  readonly verdicts: { readonly [check in DatabaseCheck]: Verdict };
  /** By how many milliseconds the server's clock is ahead of ours. */
  readonly aheadMs?: number;
  /** Every integration of the store; undefined when it cannot be read. */
  readonly synced?: readonly IntegrationStatus[];
}

const all = (database: Verdict, others: Verdict): DatabaseFinding => ({
  verdicts: { database, schema: others, writable: others, pooler: others },
});

interface Examining {
  /** Receives single lines about the embedded PostgreSQL that a person should read. */
  readonly onNotice: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Examines the database. Writes nothing that stays; starts an embedded one that was stopped, which then stays up as
 * after every command, and makes none.
 * @throws the signal's reason as soon as it is aborted, even while a server does not answer; nothing else.
 */
export async function examineDatabase(
  subject: DatabaseSubject,
  { onNotice, signal }: Examining,
): Promise<DatabaseFinding> {
  signal.throwIfAborted();
  const isOver = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: isOver.signal });
  });
  try {
    return await Promise.race([examineSubject(subject, onNotice), stopped]);
  } finally {
    isOver.abort();
  }
}

async function examineSubject(subject: DatabaseSubject, onNotice: (line: string) => void): Promise<DatabaseFinding> {
  if (subject.kind === 'problem') return all(failed(subject.message, subject.mend), UNREACHABLE);
  let pool: Pool | undefined;
  try {
    if (subject.kind === 'url') {
      pool = createPool(subject.url.reveal());
      return await examine(pool);
    }
    if ((await embeddedStatus(subject)).state === 'absent') {
      const none = ok(`none yet: the first sync makes an embedded PostgreSQL in ${subject.directory}`);
      return { ...all(none, skipped('there is no database yet')), synced: [] };
    }
    const { url, started } = await startEmbedded({ ...subject, onNotice });
    pool = createPool(url);
    const finding = await examine(pool);
    return started ? startedFor(finding) : finding;
  } catch (error) {
    return all(refusal(error, pool), UNREACHABLE);
  } finally {
    await pool?.end();
  }
}

/** Somebody else may use the server by now, so it is not stopped again. */
function startedFor(finding: DatabaseFinding): DatabaseFinding {
  const { database, ...others } = finding.verdicts;
  const message = `${database.message}; it was stopped, and stays up now until "dbt-observer db stop"`;
  return { ...finding, verdicts: { ...others, database: database.status === 'ok' ? ok(message) : database } };
}

const UNREACHABLE = skipped('the database cannot be reached');
/** What pg says when whoever answers does so in another protocol. */
const HUNG_UP = /Connection terminated unexpectedly|error establishing an SSL connection/;

/** The sentences of the store say both, what is wrong and what to do. */
function refusal(error: unknown, pool: Pool | undefined): Verdict {
  const url = pool?.options.connectionString ?? '';
  if (isTimeout(error))
    return failed('PostgreSQL takes connections, but does not answer in time.', 'See what it is busy with.');
  const clear = databaseError(error, url);
  // Only errors of a connection that never became one come with a cause.
  if (error instanceof Error && error.cause instanceof Error && HUNG_UP.test(error.cause.message)) {
    const place = URL.canParse(url) ? new URL(url).host : 'the configured address';
    return failed(
      `What answers at ${place} does not speak PostgreSQL, or hangs up before a session begins.`,
      'Correct host and port in database.url (a web server is none); if it is PostgreSQL, its log says why it hangs up.',
    );
  }
  const message = clear instanceof Error ? clear.message : String(clear);
  if (clear instanceof SyncError || clear instanceof FatalError) return { status: 'failed', message };
  return failed(`PostgreSQL refuses what a sync does: ${message}.`, 'The log of the server may say more.');
}

async function examine(pool: Pool): Promise<DatabaseFinding> {
  const client = await connect(pool);
  try {
    const server = await serverFacts(client);
    const database = serverVerdict(server);
    const { aheadMs } = server;
    if (database.status === 'failed') {
      return { ...all(database, skipped('this PostgreSQL is too old')), aheadMs };
    }
    const { state, verdict: schema } = await schemaVerdict(client, pool);
    const isReadable = state?.state === 'current' || state?.state === 'older';
    const isNew = state?.state === 'absent';
    return {
      verdicts: {
        database,
        schema,
        writable: await writableVerdict(client, { pool, state, server }),
        pooler: await poolerVerdict(pool),
      },
      aheadMs,
      ...(isNew && { synced: [] }),
      ...(isReadable && (await readSynced(pool))),
    };
  } finally {
    client.release(true);
  }
}

/** What cannot be read, as by a role that may only write, is left out. */
async function readSynced(pool: Pool): Promise<Pick<DatabaseFinding, 'synced'>> {
  try {
    return { synced: (await readSnapshot(pool, integrationStatus)) ?? [] };
  } catch {
    return {};
  }
}

function serverVerdict({ version, versionNumber, encoding, database, user }: ServerFacts): Verdict {
  if (versionNumber < OLDEST * 10_000) {
    const message = `The server is PostgreSQL ${version}.`;
    return failed(message, `Use PostgreSQL ${OLDEST} or later, or leave database.url out for an embedded one.`);
  }
  if (encoding !== 'UTF8') {
    const mend = `Give dbt-observer a database of its own: create database dbt_observer encoding 'UTF8' template template0.`;
    return warning(
      `The database ${database} is encoded in ${encoding}: names and texts outside it cannot be stored.`,
      mend,
    );
  }
  return ok(`PostgreSQL ${version}, database ${database}, as ${user}`);
}

async function schemaVerdict(client: Client, pool: Pool): Promise<{ state?: SchemaState; verdict: Verdict }> {
  try {
    const state = await schemaOf(client);
    return { state, verdict: judgedSchema(state) };
  } catch (error) {
    return { verdict: refusal(error, pool) };
  }
}

function judgedSchema(state: SchemaState): Verdict {
  switch (state.state) {
    case 'absent':
      return ok('not there yet: the first sync makes it');
    case 'foreign':
      return failed(
        `The database has a schema "${state.schema}" that is not dbt-observer's.`,
        'Give dbt-observer a database of its own: name another one in database.url.',
      );
    case 'newer':
      return failed(
        `The database was migrated by a newer dbt-observer (${state.version}).`,
        'Update dbt-observer on this machine.',
      );
    case 'older':
      return ok(`at ${state.version}: the next sync, or "dbt-observer migrate", brings it to this version`);
    case 'current':
      return ok(`at this version (${state.version})`);
  }
}

interface Written {
  readonly pool: Pool;
  readonly state: SchemaState | undefined;
  readonly server: ServerFacts;
}

async function writableVerdict(client: Client, { pool, state, server }: Written): Promise<Verdict> {
  if (server.isReadOnly) {
    const mend = 'Name the primary in database.url; a standby is good for readers only.';
    return failed('The server lets nobody write: it is a standby, or read-only.', mend);
  }
  if (state === undefined || state.state === 'foreign' || state.state === 'newer') {
    return skipped('the schema is not one that this version writes into');
  }
  try {
    await tryWriting(client, state);
    return ok('tried in a transaction that was taken back');
  } catch (error) {
    return refusal(error, pool);
  }
}

async function poolerVerdict(pool: Pool): Promise<Verdict> {
  try {
    if (!(await isPooledByTransaction(pool))) return ok('one session for as long as it is held');
  } catch (error) {
    return refusal(error, pool);
  }
  return failed(
    'A pooler gives each transaction another session, but a pass needs one session for its lock and its temporary tables.',
    poolerMend(pool.options.connectionString ?? ''),
  );
}
