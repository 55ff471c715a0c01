import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLogger } from '../../src/log.ts';
import { createTestDatabase, query, type TestDatabase } from '../store/database.ts';
import { folderOf, hasCorpus } from './sets.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever dbt wrote
type Any = any;

/** Sets whose results are those of `dbt docs generate`, with the code of each node and the number of nodes that have some. */
const SETS: readonly (readonly [string, number])[] = [
  ['docglow__docglow__v12-1.11.7-duckdb-examples_jaffle-shop-20bce60', 40],
  ['hsg09__AWS_DBT_Snowflake__v12-1.11.7-snowflake-1faee25', 76],
  ['typedef-ai__medallion-reference__v12-1.10.13-snowflake-fa6a74d', 57],
  ['yu-iskw__dbt-artifacts-parser__v12-1.11', 40],
  ['yu-iskw__dbt-artifacts-parser__v12-1.12', 40],
];

const load = (set: string, name: string): Any =>
  JSON.parse(gunzipSync(readFileSync(join(folderOf(set), `${name}.json.gz`))).toString('utf8'));

/** What was compiled last: by the invocation of the manifest, or by that of the results. */
function lastCompiled(set: string): Record<string, string> {
  const [manifest, results] = [load(set, 'manifest'), load(set, 'run_results')];
  const code = (all: Any[]) =>
    all.flatMap(({ unique_id: id, compiled_code }): [string, string][] => (compiled_code ? [[id, compiled_code]] : []));
  const byTime = [manifest, results].sort((one, other) =>
    one.metadata.generated_at < other.metadata.generated_at ? -1 : 1,
  );
  return Object.fromEntries(byTime.flatMap((one) => code(one.results ?? Object.values(one.nodes))));
}

describe.skipIf(!hasCorpus)('the code that documentation compiled', () => {
  let database: TestDatabase;
  let app: App;

  beforeAll(async () => {
    database = await createTestDatabase();
    const limits = { requestsPerMinute: 1_000, maxArtifactMb: 400 };
    const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
    app = await openApp({ database: { kind: 'url', url: new Secret(database.url) }, limits, logger });
  });

  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  it.each(SETS)('of %s is stored, and no result', async (set, count) => {
    const name = `set-${SETS.findIndex(([one]) => one === set)}`;
    const folder = {
      source: 'files',
      name,
      artifactsDir: folderOf(set),
      timeZone: 'UTC',
      maxRemovalRatio: 0.5,
    } as const;
    const signal = new AbortController().signal;
    const options = { reason: 'manual', full: false, dryRun: false, signal } as const;
    expect(await app.syncOne(folder, options)).toMatchObject({ outcome: 'done', rejects: 0 });
    const expected = lastCompiled(set);
    expect(Object.keys(expected)).toHaveLength(count);
    const stored = await query<{ id: string; code: string }>(
      database.url,
      `select unique_id as id, compiled_code as code from dbt_store.node n join dbt_store.integration i using (integration_id)
      where i.name = '${name}' and compiled_code is not null`,
    );
    expect(Object.fromEntries(stored.map(({ id, code }) => [id, code]))).toEqual(expected);
    const results = `select unique_id from dbt.run_results where integration = '${name}'`;
    expect(await query(database.url, results)).toEqual([]);
    expect(await app.syncOne(folder, { ...options, full: true })).toMatchObject({ rowsWritten: 0, changes: {} });
  });
});
