import { BusyError, FatalError } from '../domain/errors.ts';
import type { ProjectFacts, Stored } from '../domain/source.ts';
import type { IntegrationScope, LastComplete } from '../domain/store.ts';
import { type Client, databaseError, type Pool } from './pool.ts';

/** The first key of the lock under which a name's row is made ("dbtn" in ASCII). */
export const NAME_LOCK = 0x6462_746e;

interface IntegrationRow {
  readonly id: number;
  readonly account_id: string | null;
  /** Null for a folder of artifacts. */
  readonly environment_id: string | null;
  readonly project_name: string | null;
  readonly complete_token: string | null;
  readonly history_token: string | null;
  readonly complete_config_hash: string | null;
  readonly complete_normalizer: number | null;
  /** The last complete pass closed nothing because it would have closed too much: the next one must look again. */
  readonly is_guarded: boolean;
  /** Nodes are stored under the name; before that, a mistaken id can still be corrected. */
  readonly is_published: boolean;
}

/** The integration's row, made when its name is new. */
export interface StoredIntegration {
  readonly id: number;
  readonly projectName: string | null;
  readonly lastComplete: LastComplete | null;
  readonly lastHistory: string | null;
}

const placeOf = (environmentId: number | null, accountId: number | string | null) =>
  environmentId === null
    ? 'a folder of artifacts'
    : `environment ${environmentId}${accountId === null ? '' : ` of account ${accountId}`}`;

function refuseOther(scope: IntegrationScope, row: IntegrationRow): void {
  const isOtherAccount =
    scope.accountId !== null && row.account_id !== null && Number(row.account_id) !== scope.accountId;
  const environmentId = row.environment_id === null ? null : Number(row.environment_id);
  if (!row.is_published || (!isOtherAccount && environmentId === scope.environmentId)) return;
  throw new FatalError(
    `Integration "${scope.name}" holds ${placeOf(environmentId, row.account_id)}, ` +
      `but now points at ${placeOf(scope.environmentId, scope.accountId)}, ` +
      'which would close every node: choose another name for it (the key name, or --name), or remove what is stored with "dbt-observer forget".',
  );
}

/** Who made the row before the first pass may not have known it. A pass that has the row in hand says it itself. */
const NAME_ENVIRONMENT = `update dbt_store.integration i set environment_id = $2
  from (select integration_id from dbt_store.integration where integration_id = $1 for update skip locked) free
  where i.integration_id = free.integration_id and i.environment_id is null`;

/**
 * Finds the integration's row, or makes it. What is configured of a known one is not touched before a pass succeeds.
 * @throws FatalError when the name holds nodes of another environment; BusyError when another process has just made the
 * row and not committed it, as a dry run does: the lock lets us say so instead of waiting for its end.
 */
export async function findIntegration(client: Client, scope: IntegrationScope): Promise<StoredIntegration> {
  const { name, environmentId } = scope;
  await client.query(
    `insert into dbt_store.integration (name, environment_id)
    select $1, $2
    where not exists (select from dbt_store.integration where name = $1)
      and pg_try_advisory_xact_lock(${NAME_LOCK}, hashtext($1))
    on conflict (name) do nothing`,
    [name, environmentId],
  );
  const { rows } = await client.query<IntegrationRow>(
    `select integration_id as id, account_id, environment_id, project_name, complete_token, complete_config_hash, complete_normalizer,
      history_token, guarded_digest is not null as is_guarded,
      exists (select from dbt_store.node n where n.integration_id = i.integration_id) as is_published
    from dbt_store.integration i where name = $1`,
    [name],
  );
  const row = rows[0];
  if (row === undefined)
    throw new BusyError(`Another process has just begun to sync "${name}": this one did nothing. Wait for it to end.`);
  refuseOther(scope, row);
  if (!row.is_published && row.environment_id === null && environmentId !== null) {
    await client.query(NAME_ENVIRONMENT, [row.id, environmentId]);
  }
  const { complete_config_hash: configHash, complete_normalizer: normalizerVersion } = row;
  const isKnown = configHash !== null && normalizerVersion !== null;
  const isSettled = isKnown && !row.is_guarded;
  return {
    id: row.id,
    projectName: row.project_name,
    lastComplete: isSettled ? { token: row.complete_token, configHash, normalizerVersion } : null,
    lastHistory: row.history_token,
  };
}

/** Rows that are made in one statement, for each takes a lock. */
const STEP = 500;

/**
 * Notes that these integrations are there, unless that is known: from then on one that never succeeds is late. Nobody is
 * waited for, for whoever makes a row at the same time says the same.
 */
export async function noteIntegrations(pool: Pool, names: readonly string[]): Promise<void> {
  try {
    for (let first = 0; first < names.length; first += STEP) {
      await pool.query(
        `with missing as materialized (
          select name from unnest($1::text[]) as asked(name)
          where not exists (select from dbt_store.integration i where i.name = asked.name)
        )
        insert into dbt_store.integration (name)
        select name from missing where pg_try_advisory_xact_lock(${NAME_LOCK}, hashtext(name)) order by name
        on conflict (name) do nothing`,
        [names.slice(first, first + STEP)],
      );
    }
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

interface StoredRow {
  readonly packages: readonly string[];
  readonly complete: readonly string[];
  readonly catalogs: readonly string[];
  readonly until: string | null;
  readonly defined: string | null;
}

/**
 * What a source need not read again. Another job's runs are a history of their own. The step that made the stored
 * catalog began before it was made, so that only those that began later may have left a newer one.
 */
export async function storedRuns(
  client: Client,
  { id, projectName }: StoredIntegration,
  jobId: number | null,
): Promise<Stored> {
  const { rows } = await client.query<StoredRow>(
    `select (select coalesce(array_agg(run_id), '{}') from dbt_store.run r where r.integration_id = $1 and results_complete) as complete,
      (select coalesce(array_agg(distinct s.run_id), '{}') from dbt_store.run_step s
        join dbt_store.run r on r.integration_id = s.integration_id and r.run_id = s.run_id
        where s.integration_id = $1 and r.results_complete and s.which = 'generate' and s.status = 'success'
          and s.started_at > coalesce(i.catalog_at, '-infinity')) as catalogs,
      case when i.environment_id is null then array(select distinct n.package_name from dbt_store.node n
        where n.integration_id = $1 and n.resource_type <> 'macro' and n.state <> 'external' and n.package_name <> '')
        else '{}' end as packages,
      case when job_id is not distinct from $2::bigint then to_json(runs_until at time zone 'UTC') #>> '{}' end as until,
      to_json(definition_at at time zone 'UTC') #>> '{}' as defined
    from dbt_store.integration i where integration_id = $1`,
    [id, jobId],
  );
  const { packages = [], complete = [], catalogs = [], until = null, defined = null } = rows[0] ?? {};
  const instant = (text: string | null) => (text === null ? null : `${text}Z`);
  const runs = { completeRuns: new Set(complete), catalogRuns: new Set(catalogs) };
  return { projectName, packages: new Set(packages), ...runs, runsUntil: instant(until), definedAt: instant(defined) };
}

/**
 * Stores what is configured of an integration, once a pass has succeeded with it. What the API says of account and
 * project goes before what the configuration says.
 * @returns the rows written: 0 or 1.
 */
export async function applyScope(
  client: Client,
  integrationId: number,
  { scope, project }: { scope: IntegrationScope; project: ProjectFacts | null },
): Promise<number> {
  const { environmentId, jobId, accessUrl, schedule, timeZone } = scope;
  const accountId = project?.accountId ?? scope.accountId;
  const projectId = project?.projectId ?? scope.projectId;
  const { rowCount } = await client.query(
    `update dbt_store.integration set account_id = coalesce($2, account_id), project_id = coalesce($3, project_id),
      environment_id = $4, job_id = $5, access_url = $6, schedule = $7, time_zone = $8
    where integration_id = $1
      and (account_id, project_id, environment_id, job_id, access_url, schedule, time_zone) is distinct from
      (coalesce($2, account_id), coalesce($3, project_id), $4::bigint, $5::bigint, $6::text, $7::text, $8::text)`,
    [integrationId, accountId, projectId, environmentId, jobId, accessUrl, schedule, timeZone],
  );
  return rowCount ?? 0;
}
