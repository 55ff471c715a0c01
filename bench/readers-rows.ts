/** How large the environment is whose views are read. */
export interface PastSize {
  readonly models: number;
  readonly tests: number;
  readonly sources: number;
  /** Results of a year of daily runs, at the least. */
  readonly results: number;
}

/** Seven of ten tests run each day. */
const TESTS_RUN = 7;

/** Daily runs that it takes to have so many results. */
export const daysOf = ({ models, tests, results }: PastSize): number =>
  Math.max(1, Math.ceil(results / (models + Math.floor((tests * TESTS_RUN) / 10))));

const INTEGRATION = `
  insert into dbt_store.integration (name, environment_id, account_id, project_id, access_url, definition_at, schedule, time_zone)
  values ('shop', 1, 1, 1, 'https://ab123.us1.dbt.com', now(), '0 * * * *', 'UTC')`;

/** Two models have the names that the documented queries ask for. */
const named = (k: string, { models }: PastSize) => `case ${k}
    when ${Math.ceil(models / 2)} then 'fct_orders' when ${Math.ceil(models / 5)} then 'stg_shop__orders'
    else (array['stg_', 'int_', 'fct_', ''])[1 + ${k} % 4] || 'm' || ${k} end`;

function nodes(size: PastSize): string {
  const model = (k: string) => `'model.roastery.' || ${named(k, size)}`;
  const tested = `1 + k % ${size.models}`;
  return `
  create temporary table made as
  select 'group' as type, k, 'group.roastery.team' || k as id, 'team' || k as name, null::text as description,
    null::text as team, 'Team ' || k as owner, null::text as tested, null::text as col from generate_series(1, 50) k
  union all select 'source', k, 'source.roastery.raw.s' || k, 's' || k, 'Raw', null, null, null, null
    from generate_series(1, ${size.sources}) k
  union all select 'model', k, ${model('k')}, ${named('k', size)}, case when k % 3 > 0 then 'About it' end,
    case when k % 5 > 0 then 'team' || (1 + k % 50) end, null, null, null from generate_series(1, ${size.models}) k
  union all select 'test', k, 'test.roastery.t' || k || '.' || md5(k::text), 't' || k, null, null, null,
    ${model(`(${tested})`)}, 'c' || k % 20 from generate_series(1, ${size.tests}) k
  union all select 'exposure', k, 'exposure.roastery.e' || k, 'e' || k, 'Board', null, 'Owner ' || k % 20, null, null
    from generate_series(1, ${Math.ceil(size.models / 33)}) k;
  insert into dbt_store.node (integration_id, unique_id, resource_type, state, name, package_name, description, database_name,
    schema_name, identifier, materialization, group_name, owner_name, file_path, raw_code, tested_unique_id, column_name,
    test_type, test_name, source_name, error_after_s, definition_source, definition_normalizer, definition_at, first_seen_at,
    changed_at, meta)
  select 1, id, type, 'defined', name, 'roastery', description, 'db', 'schema' || k % 40, name,
    case type when 'model' then 'table' when 'test' then 'test' end, team, owner, type || 's/' || name, repeat('x', 200),
    tested, col, case type when 'test' then 'generic' end, case type when 'test' then 'not_null' end,
    case type when 'source' then 'raw' end, case type when 'source' then 86400 end, 'discovery', 4, now(),
    now() - interval '1 year', now() - interval '1 year', '{}'
  from made;
  alter table made add column node_id bigint;
  update made set node_id = n.node_id from dbt_store.node n where n.unique_id = made.id;
  create index on made (type, k);
  analyze made;`;
}

/** Ten layers; each model has two parents near its place in the layer before. */
function lineage({ models, sources }: PastSize): string {
  const layer = Math.max(1, Math.floor(models / 10));
  const edges = (from: string) => `insert into dbt_store.edge select distinct 1, p.node_id, c.node_id from ${from}`;
  return `
  ${edges(`made c cross join generate_series(0, 1) j
    join made p on p.type = 'model' and p.k = c.k - ${layer} + (c.k * 7919 + j * 104729) % 11 - 5
    where c.type = 'model' and c.k > ${layer}`)};
  ${edges(`made c join made p on p.type = 'source' and p.k = 1 + c.k % ${sources} where c.type = 'model' and c.k <= ${layer}`)};
  ${edges(`made c join made p on p.type = 'model' and p.k = 1 + c.k % ${models} where c.type = 'test'`)};
  ${edges(`made c cross join generate_series(1, 3) j
    join made p on p.type = 'model' and p.k = ${models - layer} + (c.k * 31 + j * 97) % ${layer} where c.type = 'exposure'`)};
  insert into dbt_store.node_column (integration_id, node_id, name, position, data_type, description)
  select 1, node_id, 'c' || c, c, 'text', case when (k + c) % 2 = 0 then 'told' end
  from made cross join generate_series(0, 19) c where type = 'model';`;
}

function runs(size: PastSize): string {
  return `
  insert into dbt_store.job (integration_id, job_id, name) values (1, 1, 'Daily');
  insert into dbt_store.run (integration_id, run_id, job_id, status, created_at, started_at, finished_at, sets_state,
    results_complete, git_sha, cause)
  select 1, (1000000 + d)::text, 1, 'success', at, at + interval '20 seconds', at + interval '50 minutes', true, true,
    md5(d::text), 'scheduled'
  from generate_series(1, ${daysOf(size)}) d
  cross join lateral (select date_trunc('day', now()) - interval '20 hours' - (${daysOf(size)} - d) * interval '1 day' as at) b;
  insert into dbt_store.run_step (integration_id, run_id, step, name, command, status)
  select integration_id, run_id, 1, 'Build', 'dbt build', 'success' from dbt_store.run;`;
}

/** Outcomes that last some days, so that there are incidents as well as single failures. */
const RESULTS = `
  insert into dbt_store.run_result (integration_id, run_id, step, node_id, status, message, failures, executed_at, started_at,
    completed_at, execution_time_s, thread_id, invocation_id)
  select 1, r.run_id, 1, m.node_id,
    case when m.type = 'model' then case when luck < 20 then 'error' else 'success' end
      when luck < 60 then 'fail' when luck < 90 then 'warn' when luck < 92 then 'error' else 'pass' end,
    case when luck < 92 then 'Got 3 results, configured to fail if != 0' end,
    case when m.type = 'test' then case when luck < 90 then 3 else 0 end end,
    r.finished_at, r.started_at + m.k % 2000 * interval '1 second', r.started_at + (m.k % 2000 + 3) * interval '1 second',
    m.k % 50 * 0.3 + r.run_id::integer % 30 * 0.01 + 0.1, 'Thread-1', 'i' || r.run_id
  from dbt_store.run r
  cross join made m
  cross join lateral (select
    (hashint8(m.node_id * 7 + (r.run_id::bigint / (1 + m.k % 3)) * 1000003) & 2147483647) % 10000 as luck) b
  where m.type = 'model' or m.type = 'test' and m.k % 10 < ${TESTS_RUN}`;

const CHECKS = `
  insert into dbt_store.freshness_result (integration_id, node_id, snapshotted_at, status, max_loaded_at, age_s, warn_after_s,
    error_after_s, run_id)
  select 1, m.node_id, r.finished_at, case when (m.k + r.run_id::integer) % 40 = 0 then 'error' else 'pass' end,
    r.finished_at - interval '1 hour', 3600, 7200, 86400, r.run_id
  from dbt_store.run r cross join made m where m.type = 'source'`;

/** Columns of a table but those that every copy has of its own, and those that are told of others. */
const copied = (table: string, own: string) => `(
    select string_agg(quote_ident(column_name), ', ') from information_schema.columns
    where table_schema = 'dbt_store' and table_name = '${table}' and column_name <> all ('{${own}}') and is_generated = 'NEVER')`;

/** Other projects in the same store, as large, without results: they are what readers of one must not wait for. */
export const othersStatement = (others: number): string => `
  do $$
  begin
    insert into dbt_store.integration (name, environment_id, access_url, definition_at)
    select 'other' || k, 100 + k, access_url, definition_at from dbt_store.integration, generate_series(1, ${others}) k;
    create temporary table copy on commit drop as
    select i.integration_id, n.node_id as old_id, nextval(pg_get_serial_sequence('dbt_store.node', 'node_id')) as new_id
    from dbt_store.integration i join dbt_store.node n on n.integration_id = 1 where i.integration_id > 1;
    create index on copy (old_id);
    analyze copy;
    execute format('insert into dbt_store.node (integration_id, node_id, %1$s) overriding system value
      select c.integration_id, c.new_id, %1$s from copy c join dbt_store.node n on n.node_id = c.old_id',
      ${copied('node', 'integration_id,node_id')});
    execute format('insert into dbt_store.node_column (integration_id, node_id, %1$s)
      select c.integration_id, c.new_id, %1$s from copy c join dbt_store.node_column n on n.integration_id = 1 and n.node_id = c.old_id',
      ${copied('node_column', 'integration_id,node_id')});
    execute format('insert into dbt_store.node_status (integration_id, node_id, %1$s)
      select c.integration_id, c.new_id, %1$s from copy c join dbt_store.node_status n on n.integration_id = 1 and n.node_id = c.old_id',
      ${copied('node_status', 'integration_id,node_id')});
    insert into dbt_store.edge (integration_id, parent_id, child_id)
    select p.integration_id, p.new_id, c.new_id
    from copy p join dbt_store.edge e on e.integration_id = 1 and e.parent_id = p.old_id
    join copy c on c.integration_id = p.integration_id and c.old_id = e.child_id;
  end $$`;

/** Statements that make a project and its past, of one session: they share a temporary table. */
export const pastStatements = (size: PastSize): readonly string[] => [
  INTEGRATION,
  nodes(size),
  lineage(size),
  runs(size),
  RESULTS,
  CHECKS,
];
