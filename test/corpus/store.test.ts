import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/program.ts';
import { createTestDatabase, query, type TestDatabase } from '../store/database.ts';
import { expectedAspects } from './expected-store.ts';
import { readSet } from './reading.ts';
import { INCOMPLETE, LEFT_OUT, REJECTS } from './rejects.ts';
import { allSets, folderOf, hasCorpus, sets } from './sets.ts';
import { storedAspects } from './stored.ts';

let database: TestDatabase;

/** Runs `sync` on the folder of a set, and gives its code and the one result. */
async function synced(set: string, ...flags: string[]) {
  let [out, err] = ['', ''];
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    json: true,
    isTerminal: false,
    columns: undefined,
    errColumns: 80,
    debug: false,
  };
  const place = ['--artifacts', folderOf(set), '--name', nameOf(set), '--database-url', database.url];
  const code = await run(['sync', ...place, '--json', ...flags], io);
  const [result] = JSON.parse(out);
  return { code, err, result };
}

/** Names of integrations are short and plain. */
const nameOf = (set: string) => `set-${allSets.indexOf(set)}`;

function rejectsOf(set: string): Promise<{ reason: string }[]> {
  return query(
    database.url,
    `select coalesce(unique_id, 'null') || ': ' || reason as reason from dbt.rejects where integration = $1
    and sync_run_id = (select min(sync_run_id) from dbt.sync_runs where integration = $1)`,
    [nameOf(set)],
  );
}

describe.skipIf(!hasCorpus)('the store of artifacts of real projects', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database?.drop();
  });

  it.each(sets)('%s', async (set) => {
    const isPartial = set in REJECTS || set in INCOMPLETE || set in LEFT_OUT;
    const { code, err, result } = await synced(set);
    expect([code, err, result]).toMatchObject([isPartial ? 3 : 0, '', { outcome: isPartial ? 'partial' : 'done' }]);
    expect((await rejectsOf(set)).map(({ reason }) => reason).sort()).toEqual([...(REJECTS[set] ?? [])].sort());
    const expected = expectedAspects(readSet(folderOf(set)));
    expect(await storedAspects(database.url, nameOf(set))).toEqual(expected);
    const again = await synced(set);
    expect([again.code, again.result]).toMatchObject([
      code,
      { outcome: isPartial ? 'partial' : 'unchanged', rows_written: 0 },
    ]);
    const full = await synced(set, '--full');
    expect([full.code, full.result]).toMatchObject([code, { outcome: result.outcome, rows_written: 0, changes: {} }]);
  });
});
