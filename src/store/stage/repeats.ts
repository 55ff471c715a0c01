import type { Client } from '../pool.ts';
import type { Tally } from './tally.ts';

/**
 * What one statement is, and which of several is taken. Edges are a set and may repeat. What was told twice at the same
 * time with different content is decided by the content: the order in which rows arrive depends on what is stored.
 * Of equal content the row is taken that holds it: heads have no list of what is absent.
 */
const REPEATS: { readonly [table: string]: { readonly key: string; readonly first: string } } = {
  stage_definition: { key: 'unique_id', first: "(state = 'defined') desc, at desc nulls last, digest, absent is null" },
  stage_build: { key: 'unique_id', first: 'at desc nulls last, digest, absent is null' },
  stage_code: { key: 'unique_id', first: 'at desc nulls last, digest' },
  stage_catalog: { key: 'unique_id', first: 'at desc nulls last, digest' },
  stage_column: { key: 'unique_id, name', first: 'position' },
  stage_described: { key: 'unique_id', first: 'is_declared desc, digest nulls last' },
  stage_declared: { key: 'unique_id, name', first: 'declared_type' },
  stage_result: { key: 'unique_id, run_id, step', first: 'executed_at desc' },
  stage_step_result: { key: 'unique_id, run_id, step', first: 'executed_at desc' },
  stage_freshness: {
    key: "unique_id, date_trunc('milliseconds', snapshotted_at)",
    first: 'max_loaded_at desc nulls last',
  },
};

/** Leaves one row of what was told more than once: an external model comes with each of its children. */
export async function dropRepeats(client: Client, tally: Tally): Promise<void> {
  for (const [table, { key, first }] of Object.entries(REPEATS)) {
    if (!tally.mayRepeat(table)) continue;
    await client.query(
      `delete from ${table} where ctid = any (array(
        select row_id from (select ctid as row_id, row_number() over (partition by ${key} order by ${first}, ctid desc) as rank
          from ${table}) ranked
        where rank > 1))`,
    );
  }
}
