-- What tables, views and columns mean, for whoever meets them in a BI tool: storage in a sentence each, then the nodes.

comment on table dbt_store.integration is 'One row per configured integration: its scope, what dbt says of the environment, and the last whole pass.';
comment on table dbt_store.run is 'One row per dbt run that a result or a freshness check speaks of.';
comment on table dbt_store.node is 'One row per node ever seen, whichever source stated it; a node that is gone keeps its row and has removed_at.';
comment on table dbt_store.node_column is 'One row per column of a node, from the catalog or as declared in the project.';
comment on table dbt_store.edge is 'One row per direct lineage edge that holds now, parent to child.';
comment on table dbt_store.node_change is 'One row per change of one aspect of one node; item is the column, tag or parent where the aspect has several.';
comment on table dbt_store.run_result is 'One row per result of a node in a step of a run; everything about statuses is derived from here.';
comment on table dbt_store.node_status is 'One row per node that has a result: its current state, derived from run_result; can be rebuilt from it at any time.';
comment on table dbt_store.freshness_result is 'One row per freshness check of a source.';
comment on table dbt_store.sync_run is 'One row per pass of dbt-observer over an integration, with what it asked, wrote and could not do.';
comment on table dbt_store.reject is 'One row per piece of an answer that could not be read, raw and with the reason.';

-- Views repeat columns of each other with the same meaning: those are described once.
create function dbt_store.repeat_comments(model regclass, target regclass) returns void
language plpgsql as $$
declare
  known record;
begin
  for known in
    select t.attname as name, col_description(m.attrelid, m.attnum) as text
    from pg_attribute t
    join pg_attribute m on m.attrelid = model and m.attname = t.attname and m.attnum > 0
    where t.attrelid = target and t.attnum > 0 and not t.attisdropped
      and col_description(t.attrelid, t.attnum) is null and col_description(m.attrelid, m.attnum) is not null
  loop
    execute format('comment on column %s.%I is %L', target, known.name, known.text);
  end loop;
end
$$;
comment on function dbt_store.repeat_comments(regclass, regclass) is
  'Gives the columns of target that have no comment the comments of the columns of the same name in model.';

comment on view dbt.nodes is 'Everything a dbt project consists of, one row per node that is there now. Start here to look up a unique_id.';
comment on column dbt.nodes.integration is 'Name of the integration, as configured. Together with unique_id it identifies a node.';
comment on column dbt.nodes.unique_id is 'dbt''s id of the node, such as model.shop.orders. Unique within an integration.';
comment on column dbt.nodes.resource_type is 'Kind of node: model, seed, snapshot, source, test (unit tests too), exposure, metric, semantic_model, saved_query, group, macro, analysis, operation or function.';
comment on column dbt.nodes.name is 'Name of the node in the project. Not unique: use unique_id for joins. Null when nobody stated it.';
comment on column dbt.nodes.package_name is 'dbt package that defines the node: the project itself or an installed one. Null when nobody stated it.';
comment on column dbt.nodes.description is 'Description from the project''s YAML files; never a comment of the warehouse. Empty or null when there is none.';
comment on column dbt.nodes.tags is 'Tags of the node. Empty when it has none, never null.';
comment on column dbt.nodes.meta is 'The meta dictionary of the node. Null when nobody stated it.';
comment on column dbt.nodes.config is 'Configuration as dbt resolved it at the last build. Null for a node that was never built and for types whose configuration the Discovery API does not tell (sources and exposures among them).';
comment on column dbt.nodes.database_name is 'Database (or project, or catalog) of the relation in the warehouse. Null for nodes without a relation.';
comment on column dbt.nodes.schema_name is 'Schema (or dataset) of the relation in the warehouse. Null for nodes without a relation.';
comment on column dbt.nodes.identifier is 'Name of the relation in the warehouse: the alias of a model, the identifier of a source. Null for nodes without a relation.';
comment on column dbt.nodes.relation_name is 'The full relation name, quoted as the warehouse needs it. Stated by artifacts only, so null when the Discovery API alone was read.';
comment on column dbt.nodes.materialization is 'How dbt builds the node: table, view, incremental, ephemeral and so on. For seeds, snapshots and tests the type''s own name; null for types that are not built and for models of other projects.';
comment on column dbt.nodes.access is 'Who may refer to a model: private, protected or public. Null for other types when only the Discovery API was read.';
comment on column dbt.nodes.group_name is 'dbt group that the node belongs to. Null when it belongs to none.';
comment on column dbt.nodes.layer is 'Modeling layer of a model: staging, intermediate, mart or other. Told by the name''s prefix (stg_, int_, fct_, dim_), else by its folder. Null for everything but models.';
comment on column dbt.nodes.owner_name is 'Owner: what an exposure or a group says itself, else the owner of the node''s group, else meta.owner. A test without one has the owner of the node it tests. Null when nobody is named; the warehouse''s owner is never used.';
comment on column dbt.nodes.owner_email is 'E-mail address of the owner, from the same place as owner_name. Null when that place gives none.';
comment on column dbt.nodes.file_path is 'File that defines the node, relative to the root of its package.';
comment on column dbt.nodes.version is 'Version of a versioned model. Null for everything else.';
comment on column dbt.nodes.latest_version is 'The version that a reference without a version gets. Null unless the model is versioned.';
comment on column dbt.nodes.deprecation_date is 'When the model is, or was, to be deprecated. Null when no date is set.';
comment on column dbt.nodes.contract_enforced is 'Whether dbt checks the model''s columns against its contract at build time. Null where nobody stated it.';
comment on column dbt.nodes.state is 'applied: a model, seed or snapshot that was built, or a test that was executed. defined: in the project and not (yet) that. external: a model of another project. placeholder: only referred to, by a result or a child; nobody defined it.';
comment on column dbt.nodes.definition_at is 'When dbt generated the manifest that the definition is from. Null for placeholders.';
comment on column dbt.nodes.catalog_at is 'When the columns, row count and size were read from the warehouse. Null when no catalog had the node.';
comment on column dbt.nodes.dbt_url is 'Address of the node in dbt''s web interface. Null for nodes the project does not define, and while access URL, account or project is unknown.';
comment on column dbt.nodes.first_seen_at is 'The earliest time at which dbt is known to have had the node: of a manifest or of a result.';
comment on column dbt.nodes.changed_at is 'Time of the manifest that last changed the node in a way dbt.changes shows. The first sight counts as a change.';
comment on column dbt.nodes.details is 'Anything else that was stated of the node and has no column of its own. Null when there is nothing; not part of the contract.';

comment on view dbt.removed_nodes is 'Nodes that were there once and are no longer in the project, with what was last known of them.';
comment on column dbt.removed_nodes.removed_at is 'Time of the first complete state of the project without the node.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.removed_nodes');

comment on view dbt.models is 'Models that are there now, with their last run, their size, their documentation and their tests. Includes ephemeral models, and models of other projects (state external).';
comment on view dbt.seeds is 'Seeds (files loaded into the warehouse) that are there now, with the same columns as models.';
comment on view dbt.snapshots is 'Snapshots (tables that keep history) that are there now, with the same columns as models.';
comment on column dbt.models.raw_code is 'The code as written, with Jinja. Null when the source leaves it out, as for most seeds.';
comment on column dbt.models.compiled_code is 'The SQL that the code last compiled to. Null when it was never compiled or the source leaves it out.';
comment on column dbt.models.last_run_id is 'Run of the last attempt, whatever came of it. Null when there has been none.';
comment on column dbt.models.last_job_id is 'dbt job of the last attempt. Null when there has been none, or dbt does not name the job.';
comment on column dbt.models.last_run_status is 'Status of the last attempt in dbt''s own words, in lower case: success, error, skipped and so on. Null when there has been none.';
comment on column dbt.models.last_run_at is 'When the results of the last attempt were generated. Null when there has been none.';
comment on column dbt.models.last_run_error is 'Message of the last attempt if its status is error or fail, else null.';
comment on column dbt.models.last_executed_at is 'When it was last really executed: skipped, no-op and reused attempts do not count. Null when it never was.';
comment on column dbt.models.last_success_run_id is 'Run of the last success (warnings included). Null when none is known.';
comment on column dbt.models.last_success_at is 'When the results of the last success (warnings included) were generated. Null when none is known.';
comment on column dbt.models.status_since is 'Execution time of the first result of the current unbroken series of equal outcomes. Null when nothing was executed.';
comment on column dbt.models.consecutive_failures is 'Failed or errored executions since the last good or warning one. 0 when it is not failing; the Discovery API alone shows at most one.';
comment on column dbt.models.execution_time_s is 'How long the last success took, in seconds. Null when none is known.';
comment on column dbt.models.row_count is 'Rows in the warehouse at catalog_at. Null when the warehouse does not tell, as for most views, or no catalog was made.';
comment on column dbt.models.bytes is 'Size in the warehouse at catalog_at, in bytes. Null when the warehouse does not tell or no catalog was made.';
comment on column dbt.models.columns is 'Number of known columns. 0 when no catalog was made and none are known.';
comment on column dbt.models.documented_columns is 'Number of known columns that have a description.';
comment on column dbt.models.tests is 'Number of tests about this node now, whether or not they have run. A relationships test counts for the node it is declared on.';
comment on column dbt.models.tests_passed is 'Tests about this node whose latest executed result passed.';
comment on column dbt.models.tests_warned is 'Tests about this node whose latest executed result warned.';
comment on column dbt.models.tests_failed is 'Tests about this node whose latest executed result failed: they found bad rows.';
comment on column dbt.models.tests_errored is 'Tests about this node whose latest executed result is an error: they could not run.';
comment on column dbt.models.test_status is 'The worst of the tests'' latest executed results: error, fail, warn or pass. Null when no test has been executed.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.models');
select dbt_store.repeat_comments('dbt.models', view) from unnest(array['dbt.seeds', 'dbt.snapshots']::regclass[]) view;

comment on view dbt.sources is 'Source tables that are there now: tables that something other than dbt loads, with their last freshness check and their tests.';
comment on column dbt.sources.source_name is 'Name of the source that the table belongs to; name is the table''s own.';
comment on column dbt.sources.loader is 'Who loads the table, as the project says. Empty or null when it does not say.';
comment on column dbt.sources.freshness_status is 'Outcome of the last freshness check: pass, warn, error (too old), runtime error (could not be checked), or dbt''s word. Null when it was never checked.';
comment on column dbt.sources.max_loaded_at is 'Time of the newest row, as of the last check. Null when it was never checked or the check failed.';
comment on column dbt.sources.snapshotted_at is 'When the last check was made. Null when there has been none.';
comment on column dbt.sources.age_s is 'Age of the newest row at the check, in seconds. Null when it was never checked or the check failed.';
comment on column dbt.sources.age_now_s is 'Seconds from the newest row known of to this moment; rows loaded since the check are not known of. Null when max_loaded_at is.';
comment on column dbt.sources.warn_after_s is 'Age in seconds from which freshness warns. Null when the project sets none.';
comment on column dbt.sources.error_after_s is 'Age in seconds from which freshness is an error. Null when the project sets none.';
select dbt_store.repeat_comments(model, 'dbt.sources') from unnest(array['dbt.nodes', 'dbt.models']::regclass[]) model;

comment on view dbt.columns is 'Columns of models, seeds, snapshots and sources that are there now. From the catalog; from artifacts also those that are only declared.';
comment on column dbt.columns.name is 'Name of the node that has the column.';
comment on column dbt.columns.column_name is 'Name of the column, spelled as the warehouse does where the catalog has it.';
comment on column dbt.columns.position is 'Place of the column in the relation, as the catalog counts. Null for a column that is only declared.';
comment on column dbt.columns.data_type is 'Type in the warehouse, in the warehouse''s words. Null for a column that is only declared.';
comment on column dbt.columns.declared_type is 'Type declared in the project. Null when none is, and always when the Discovery API alone was read.';
comment on column dbt.columns.description is 'Description from the project''s YAML files. Empty or null when there is none.';
comment on column dbt.columns.comment is 'Comment on the column in the warehouse. Null when there is none.';
comment on column dbt.columns.tags is 'Tags of the column. Empty when it has none, never null.';
comment on column dbt.columns.meta is 'The meta dictionary of the column. Null when nobody stated it.';
comment on column dbt.columns.tests is 'Number of tests about this column now. Names are compared without regard to case.';
comment on column dbt.columns.test_status is 'The worst of these tests'' latest executed results: error, fail, warn or pass. Null when none has been executed.';

comment on view dbt.metrics is 'Metrics of the semantic layer that are there now.';
comment on column dbt.metrics.label is 'Label for people. Null when the Discovery API alone was read: it does not tell.';
comment on column dbt.metrics.metric_type is 'Kind of metric: simple, ratio, derived, cumulative or conversion.';
comment on column dbt.metrics.type_params is 'What the kind needs: measure, numerator, expression and so on, as in the manifest. Null when nobody stated it.';
comment on column dbt.metrics.filter is 'Filter on every query of the metric, as in the manifest. Null when there is none.';

comment on view dbt.semantic_models is 'Semantic models that are there now: how a model''s columns become entities, dimensions and measures.';
comment on column dbt.semantic_models.label is 'Label for people. Null when there is none or the source does not tell.';
comment on column dbt.semantic_models.model_unique_id is 'unique_id of the model it describes. Null when it is not stated.';
comment on column dbt.semantic_models.entities is 'List of entities (join keys), each with name, type and description.';
comment on column dbt.semantic_models.dimensions is 'List of dimensions, each with name, type, description and type_params.';
comment on column dbt.semantic_models.measures is 'List of measures, each with name, agg, expr, description and create_metric.';

comment on view dbt.saved_queries is 'Saved queries of the semantic layer that are there now.';
comment on column dbt.saved_queries.label is 'Label for people. Null when there is none or the source does not tell.';
comment on column dbt.saved_queries.query_params is 'What is asked: metrics, group_by, where, order_by and limit.';
comment on column dbt.saved_queries.exports is 'Relations that the query can be written to, each with name and config. Empty list when none.';

comment on view dbt.groups is 'dbt groups that are there now, with their owner.';
comment on column dbt.groups.owner_name is 'Owner that the group names. Null when it gives only an e-mail address.';
comment on column dbt.groups.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on column dbt.groups.models is 'Number of models now that name this group.';

comment on view dbt.macros is 'Macros that are there now, those of packages included.';
comment on column dbt.macros.arguments is 'Documented arguments, a list with name, type and description each. Empty list when none are documented.';
select dbt_store.repeat_comments('dbt.nodes', view) from unnest(array['dbt.columns', 'dbt.metrics', 'dbt.semantic_models',
  'dbt.saved_queries', 'dbt.groups', 'dbt.macros']::regclass[]) view;
