import type { Client } from '../pool.ts';
import type { Tally } from './tally.ts';

interface Repeat {
  readonly key: string;
  readonly first: string;
  /** Conditions on the rows, by table, that belong to a statement (`s`) and go with it. */
  readonly parts?: { readonly [table: string]: string };
}

/**
 * What one statement is, and which of several is taken. What was told twice at the same time with different content is
 * decided by the content, in the end by the whole row: the order in which rows arrive depends on what is stored. Of
 * equal content the row is taken that holds it: heads have no list of what is absent.
 */
const REPEATS: { readonly [table: string]: Repeat } = {
  stage_definition: {
    key: 'unique_id',
    first: "(state = 'defined') desc, at desc nulls last, digest, absent is null, telling",
    parts: {
      stage_edge: 'child = s.unique_id',
      stage_declared: 'p.unique_id = s.unique_id',
      stage_described: 'is_declared and p.unique_id = s.unique_id',
    },
  },
  stage_build: { key: 'unique_id', first: 'at desc nulls last, digest, absent is null' },
  stage_code: { key: 'unique_id', first: 'is_built desc, at desc nulls last, digest' },
  stage_catalog: {
    key: 'unique_id',
    first: 'at desc nulls last, digest, described, telling',
    parts: {
      stage_column: 'p.unique_id = s.unique_id',
      stage_described: 'not is_declared and p.unique_id = s.unique_id',
    },
  },
  stage_column: { key: 'unique_id, name', first: 'position' },
  stage_described: { key: 'unique_id', first: 'is_declared desc, digest nulls last' },
  stage_declared: { key: 'unique_id, name', first: 'declared_type' },
  stage_result: { key: 'unique_id, run_id, step', first: 'executed_at desc, completed_at desc nulls last' },
  // dbt writes one result of a node, be it built in batches or passed over in haste; files that tools merged may have two.
  stage_step_result: { key: 'unique_id, run_id, step', first: 'executed_at desc, completed_at desc nulls last' },
  stage_freshness: {
    key: "unique_id, date_trunc('milliseconds', snapshotted_at)",
    first: 'max_loaded_at desc nulls last',
  },
};

/** Leaves one row of what was told more than once: an external model comes with each of its children. */
export async function dropRepeats(client: Client, tally: Tally): Promise<void> {
  for (const [table, { key, first, parts = {} }] of Object.entries(REPEATS)) {
    if (!tally.mayRepeat(table)) continue;
    await client.query(
      `delete from ${table} where ctid = any (array(
        select row_id from (select ctid as row_id, row_number() over (partition by ${key} order by ${first}, ${table}::text) as rank
          from ${table}) ranked
        where rank > 1))`,
    );
    for (const [part, belongs] of Object.entries(parts)) {
      await client.query(`delete from ${part} p using ${table} s where ${belongs} and p.telling <> s.telling`);
    }
  }
}
