import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { generate, PostgresDialect } from 'kysely-codegen';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../src/store/embedded/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { createPool } from '../src/store/pool.ts';
import { dictionaryOf } from './generate-dictionary.ts';

/** Writes the database types and the data dictionary from the migrations; with `--check` only says whether they still fit. */

const TYPES = 'src/generated/database.ts';
const DICTIONARY = 'docs/dictionary.md';
const fileOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Table types of both schemas, keyed as `dbt.models`. Intervals are text, so that no further package is needed. */
async function typesOf(url: string): Promise<string> {
  const dialect = new PostgresDialect();
  const db = await dialect.introspector.connect({ connectionString: url, dialect });
  try {
    return await generate({
      db,
      dialect,
      includePattern: '{dbt,dbt_store}.*',
      outFile: null,
      typeMapping: { interval: 'string' },
      typeOnlyImports: true,
    });
  } finally {
    await db.destroy();
  }
}

/** A session ends a moment after it was told to; a server that stopped first would be an error to it. */
async function sessionsEnded(url: string): Promise<void> {
  const pool = createPool(url);
  const others = async () => {
    const { rows } = await pool.query(
      "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    return rows.length;
  };
  try {
    while ((await others()) > 0) await delay(20);
  } finally {
    await pool.end();
  }
}

/** Runs work on a migrated database of its own that leaves nothing behind. */
async function withDatabase<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const parent = await mkdtemp(join(tmpdir(), 'database-types-'));
  // As root the server runs as another user, who must be able to pass through.
  await chmod(parent, 0o711);
  const directory = join(parent, '.dbt-observer');
  try {
    const { url } = await startEmbedded({ directory, durable: false });
    const pool = createPool(url);
    try {
      await migrate(pool);
    } finally {
      await pool.end();
    }
    const result = await work(url);
    await sessionsEnded(url);
    return result;
  } finally {
    const { dataDirectory } = await embeddedStatus({ directory });
    await stopEmbedded({ directory });
    await rm(dirname(dirname(dataDirectory)), { recursive: true, force: true });
    await rm(parent, { recursive: true, force: true });
  }
}

const written = await withDatabase(async (url) => ({
  [TYPES]: await typesOf(url),
  [DICTIONARY]: await dictionaryOf(url),
}));
for (const [name, text] of Object.entries(written)) {
  if (!process.argv.includes('--check')) {
    await writeFile(fileOf(name), text);
  } else if (text !== (await readFile(fileOf(name), 'utf8').catch(() => ''))) {
    process.stderr.write(`${name} does not fit migrations/: run npm run codegen and commit the result.\n`);
    process.exitCode = 1;
  }
}
