import { columnsOf, type PublishContext, write } from './context.ts';

const COUNTS = ['models', 'tested_models', 'documented_models', 'columns', 'documented_columns', 'tests'];

/** Whether this pass can say nothing of columns, descriptions and tests that is not stored. */
export function saysNothingNew({ tally, written }: PublishContext): boolean {
  return (
    written.nodes === 0 && (['definitions', 'catalogs', 'columns'] as const).every((group) => tally.isKnown(group))
  );
}

/**
 * Keeps what was covered before anything of this pass is written, where it is the first one of a later day: it was so
 * at the end of each day until now. `plan_coverage` holds it; of a day that has been changed before it is empty.
 */
export async function keepCoverage({ client, integrationId }: PublishContext): Promise<void> {
  await client.query(
    `create temporary table if not exists plan_coverage on commit drop as
    select dimension, coalesce(value, '') as value, ${COUNTS.join(', ')} from dbt_store.coverage
    where integration_id = $1 and exists (
      select from dbt_store.integration i, plan_pass pass
      where i.integration_id = $1 and pass.is_current and i.covered_since < dbt_store.utc_day(pass.at))`,
    [integrationId],
  );
}

/** Writes what was kept: numbers that go on as they were are one row over all their days. */
export async function storeCoverage(context: PublishContext): Promise<number> {
  const same = `(${columnsOf('c', COUNTS)}) = (${columnsOf('p', COUNTS)})`;
  const stored = await write(
    context,
    `with of_days as (
      select i.covered_since as day, dbt_store.utc_day(pass.at) as until
      from dbt_store.integration i, plan_pass pass where i.integration_id = $1
    ), extended as (
      update dbt_store.coverage_day c set until = d.until
      from plan_coverage p, of_days d
      where c.integration_id = $1 and c.dimension = p.dimension and c.value = p.value and c.until = d.day and ${same}
      returning c.dimension, c.value
    )
    insert into dbt_store.coverage_day (integration_id, dimension, value, day, until, ${COUNTS.join(', ')})
    select $1, p.dimension, p.value, d.day, d.until, ${columnsOf('p', COUNTS)}
    from plan_coverage p, of_days d
    where (p.dimension, p.value) not in (select dimension, value from extended)`,
  );
  await write(
    context,
    `update dbt_store.integration i set covered_since = dbt_store.utc_day(pass.at)
    from plan_pass pass
    where i.integration_id = $1 and pass.is_current
      and (i.covered_since is null or i.covered_since < dbt_store.utc_day(pass.at))`,
  );
  return stored;
}
