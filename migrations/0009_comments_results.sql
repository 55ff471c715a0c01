-- What views and columns mean, continued: tests, lineage, results, verdicts, and dbt-observer's own passes.

comment on schema dbt is
  'What dbt-observer knows of your dbt environments, for reading: columns are added, never renamed or dropped. Begin with models, tests, sources, relations and lineage.';
comment on schema dbt_store is 'Storage of dbt-observer. Not a contract: read schema dbt instead.';

comment on view dbt.tests is 'Tests that are there now, with their current status. Unit tests included.';
comment on column dbt.tests.test_type is 'generic (a reusable check with arguments), singular (one SQL query) or unit (a check of a model''s logic). Null when it is not stated.';
comment on column dbt.tests.test_name is 'Which check a generic test makes, such as not_null or relationships. Null for other tests, and with the Discovery API alone until the test has run.';
comment on column dbt.tests.test_namespace is 'Package that the check comes from. Null for checks built into dbt and where test_name is null.';
comment on column dbt.tests.arguments is 'Arguments of a generic test, as in the manifest. Null where test_name is null.';
comment on column dbt.tests.severity is 'warn or error: what a failing test counts as. Null with the Discovery API alone until the test has run.';
comment on column dbt.tests.column_name is 'Column that the test is about. Null when it is about the whole relation.';
comment on column dbt.tests.tested_unique_id is 'unique_id of the node that the test is about. Null when dbt does not tell and it has more than one parent, or none.';
comment on column dbt.tests.tested_name is 'Name of the node that the test is about. Null when that node is not known.';
comment on column dbt.tests.tested_resource_type is 'Kind of the node that the test is about. Null when that node is not known.';
comment on column dbt.tests.status is 'Status of the last attempt in dbt''s own words, in lower case: pass, warn, fail (found bad rows), error (could not run), skipped and so on. Null when there has been none.';
comment on column dbt.tests.failures is 'Number of failures that the last attempt counted, usually rows. Null when it did not get so far or there has been none.';
comment on column dbt.tests.message is 'dbt''s message about the last attempt. Null when it had none.';
comment on column dbt.tests.last_pass_at is 'When the results of the last pass were generated. Null when none is known.';
comment on column dbt.tests.failing_since is 'Execution time of the first failure or error since the last pass or warning. Null when it is not failing.';
comment on column dbt.tests.since_is_exact is 'Whether status_since is the true beginning. False when the beginning was not seen, as with the Discovery API alone. Null when there has been no attempt.';
comment on column dbt.tests.raw_code is 'The code as written, with Jinja. Null when the source leaves it out.';
select dbt_store.repeat_comments(model, 'dbt.tests') from unnest(array['dbt.nodes', 'dbt.models']::regclass[]) model;

comment on view dbt.lineage is 'Direct lineage, one row per edge between nodes that are there now. A test is a child of everything it reads. For all distances use dbt.upstream and dbt.downstream.';
comment on column dbt.lineage.parent_unique_id is 'unique_id of the node that is read.';
comment on column dbt.lineage.parent_resource_type is 'Kind of the node that is read.';
comment on column dbt.lineage.parent_name is 'Name of the node that is read. Null when nobody stated it.';
comment on column dbt.lineage.child_unique_id is 'unique_id of the node that reads.';
comment on column dbt.lineage.child_resource_type is 'Kind of the node that reads.';
comment on column dbt.lineage.child_name is 'Name of the node that reads. Null when nobody stated it.';

comment on view dbt.relation_lineage is 'Lineage between relations of the warehouse: as lineage, but only models, seeds, snapshots and sources, and through ephemeral models, which leave no relation.';
comment on column dbt.relation_lineage.parent_unique_id is 'unique_id of the node whose relation is read.';
comment on column dbt.relation_lineage.parent_database is 'Database of the relation that is read. Null when it is not stated.';
comment on column dbt.relation_lineage.parent_schema is 'Schema of the relation that is read. Null when it is not stated.';
comment on column dbt.relation_lineage.parent_identifier is 'Name of the relation that is read. Null when it is not stated.';
comment on column dbt.relation_lineage.child_unique_id is 'unique_id of the node whose relation is built from it.';
comment on column dbt.relation_lineage.child_database is 'Database of the relation that is built. Null when it is not stated.';
comment on column dbt.relation_lineage.child_schema is 'Schema of the relation that is built. Null when it is not stated.';
comment on column dbt.relation_lineage.child_identifier is 'Name of the relation that is built. Null when it is not stated.';

select dbt_store.repeat_comments('dbt.nodes', view) from unnest(array['dbt.lineage', 'dbt.relation_lineage']::regclass[]) view;

comment on type dbt.lineage_step is 'A node reached by dbt.upstream or dbt.downstream.';
comment on column dbt.lineage_step.unique_id is 'dbt''s id of the node that was reached.';
comment on column dbt.lineage_step.resource_type is 'Kind of the node that was reached.';
comment on column dbt.lineage_step.name is 'Name of the node that was reached. Null when nobody stated it.';
comment on column dbt.lineage_step.distance is 'Edges on the shortest way from the start; direct neighbours are at 1.';
comment on function dbt.upstream(text, text, integer) is
  'Everything a node depends on, each node once with its shortest distance. Arguments: integration, unique_id, and how far to go (all the way when left out). No rows for an unknown node.';
comment on function dbt.downstream(text, text, integer) is
  'Everything that depends on a node, each node once with its shortest distance. Arguments: integration, unique_id, and how far to go (all the way when left out). No rows for an unknown node.';

comment on view dbt.run_results is 'Every stored result of every node, removed nodes included. Results read from artifacts are complete; the Discovery API alone gives the last attempt and the last success seen at each sync.';
comment on column dbt.run_results.run_id is 'dbt run that the result is from. Text, because an invocation of dbt Core has no number.';
comment on column dbt.run_results.step is 'Step of the run, from 1. 0 and -1 are results told by the Discovery API, which names no step: the last attempt and the last success.';
comment on column dbt.run_results.invocation_id is 'dbt''s id of the invocation. Null when the Discovery API told the result.';
comment on column dbt.run_results.status is 'Status in dbt''s own words, in lower case: success, pass, warn, fail, error, skipped and so on.';
comment on column dbt.run_results.message is 'dbt''s message about the result. Null when there was none.';
comment on column dbt.run_results.failures is 'Number of failures that a test counted, usually rows. Null for other nodes and when the test did not get so far.';
comment on column dbt.run_results.executed_at is 'When the results of the invocation were generated. Results are ordered by this time.';
comment on column dbt.run_results.started_at is 'When the execution of the node began. Null when dbt does not tell.';
comment on column dbt.run_results.completed_at is 'When the execution of the node ended. Null when dbt does not tell.';
comment on column dbt.run_results.execution_time_s is 'How long the node took, in seconds. Null when dbt does not tell.';
comment on column dbt.run_results.rows_affected is 'Rows written, as the warehouse counts. Null when it does not tell or the Discovery API told the result.';
comment on column dbt.run_results.thread_id is 'Thread of the invocation that ran the node. Null when the Discovery API told the result.';
comment on column dbt.run_results.adapter_response is 'What the warehouse answered, such as bytes processed or a query id. Null when the Discovery API told the result.';
comment on column dbt.run_results.results_source is 'artifacts or discovery: who told the result.';
comment on column dbt.run_results.sets_state is 'Whether the result counts for current statuses. False for runs of CI jobs and the like.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.run_results');

comment on view dbt.test_results is 'The rows of run_results that are results of tests, with what each test is about.';
select dbt_store.repeat_comments(model, 'dbt.test_results')
from unnest(array['dbt.run_results', 'dbt.tests']::regclass[]) model;

comment on view dbt.freshness_results is 'Every stored freshness check of every source, removed sources included.';
comment on column dbt.freshness_results.status is 'Outcome: pass, warn, error (too old), runtime error (could not be checked), or dbt''s word. Null when dbt does not tell.';
comment on column dbt.freshness_results.max_loaded_at is 'Time of the newest row at the check. Null when it could not be checked.';
comment on column dbt.freshness_results.snapshotted_at is 'When the check was made.';
comment on column dbt.freshness_results.age_s is 'Age of the newest row at the check, in seconds. Null when it could not be checked.';
comment on column dbt.freshness_results.warn_after_s is 'Age in seconds from which this check would warn. Null when none was set or it is not told.';
comment on column dbt.freshness_results.error_after_s is 'Age in seconds from which this check would be an error. Null when none was set or it is not told.';
comment on column dbt.freshness_results.run_id is 'dbt run that made the check. Null when dbt does not tell.';
select dbt_store.repeat_comments(model, 'dbt.freshness_results') from unnest(array['dbt.nodes', 'dbt.sources']::regclass[]) model;

comment on view dbt.changes is 'What changed in the project and when, one row per aspect of a node (per column, tag or parent where it has several). The first state of an integration is not logged.';
comment on column dbt.changes.changed_at is 'When dbt generated the manifest or catalog that shows the change.';
comment on column dbt.changes.aspect is 'What changed: added, removed, restored, renamed, code, description, column, tag, meta, materialization, access, group, owner, contract, parent or relation.';
comment on column dbt.changes.item is 'Which column, tag or parent changed. Null for aspects that a node has one of.';
comment on column dbt.changes.before is 'The value before. Null when there was none. For renamed the earlier unique_id.';
comment on column dbt.changes.after is 'The value after. Null when there is none now.';
comment on column dbt.changes.git_sha is 'Commit that the run with the change was made from. Null when it is not known.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.changes');

comment on view dbt.status_changes is 'Each time a node went from one outcome to another: two consecutive executed results of different class (good, warning, fail, error). Only results that count for current statuses.';
comment on column dbt.status_changes.from_status is 'Status before, in dbt''s own words, in lower case.';
comment on column dbt.status_changes.to_status is 'Status after, in dbt''s own words, in lower case.';
comment on column dbt.status_changes.changed_at is 'When the results with the new status were generated.';
comment on column dbt.status_changes.run_id is 'dbt run with the new status.';
comment on column dbt.status_changes.owner_name is 'Owner of the node now: see dbt.nodes. Null when nobody is named.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.status_changes');

comment on view dbt.relations is 'Can I trust this table? One verdict per relation of a model, seed, snapshot or source. Join on database_name, schema_name and identifier.';
comment on column dbt.relations.last_built_at is 'When it was last built with success (warnings included). Null for sources and when no success is known.';
comment on column dbt.relations.last_tested_at is 'When one of its tests was last executed. Null when none was.';
comment on column dbt.relations.freshness_status is 'Outcome of a source''s last freshness check. Null for other nodes and when it was never checked.';
comment on column dbt.relations.verdict is 'fail: a test of it fails or errors, or its last build failed. warn: one of these warned. stale: an upstream source is too old, or its own last build is older than twice the usual interval. ok: something was executed and nothing is wrong. unknown: nothing was executed.';
comment on column dbt.relations.reason is 'Why the verdict is what it is, in a few words.';
select dbt_store.repeat_comments(model, 'dbt.relations') from unnest(array['dbt.nodes', 'dbt.models']::regclass[]) model;

comment on view dbt.exposures is 'Exposures (dashboards, applications and other uses of the data) that are there now, with the health of everything upstream at any distance.';
comment on column dbt.exposures.label is 'Label for people. Null when there is none.';
comment on column dbt.exposures.exposure_type is 'Kind of use: dashboard, notebook, analysis, ml or application.';
comment on column dbt.exposures.maturity is 'How much its owner relies on it: low, medium or high. Null when it is not said.';
comment on column dbt.exposures.url is 'Where to find it. Null when none is given.';
comment on column dbt.exposures.owner_name is 'Owner that the exposure names. Null when it gives only an e-mail address.';
comment on column dbt.exposures.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on column dbt.exposures.upstream_models is 'Number of models it depends on, directly or not.';
comment on column dbt.exposures.upstream_sources is 'Number of source tables it depends on, directly or not.';
comment on column dbt.exposures.failing_tests is 'Number of tests on anything upstream whose latest executed result failed or errored.';
comment on column dbt.exposures.errored_models is 'Number of upstream models whose last executed build failed.';
comment on column dbt.exposures.stale_sources is 'Number of upstream source tables whose last freshness check warned or was an error.';
comment on column dbt.exposures.reason is 'What makes the health fail or warn: the node upstream with the worst verdict, and its reason. Null otherwise.';
comment on column dbt.exposures.health is 'The worst verdict of everything upstream: fail, warn (stale relations included), pass, or unknown when nothing was executed.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.exposures');

comment on view dbt.integrations is 'The configured dbt environments, and how recently and how well each was read.';
comment on column dbt.integrations.integration is 'Name of the integration, as configured.';
comment on column dbt.integrations.account_id is 'dbt''s id of the account. Null until it is known.';
comment on column dbt.integrations.project_id is 'dbt''s id of the project. Null until it is known.';
comment on column dbt.integrations.environment_id is 'dbt''s id of the environment that is read.';
comment on column dbt.integrations.job_id is 'The one dbt job that runs and results are taken of. Null when all jobs count.';
comment on column dbt.integrations.project_name is 'Name of the dbt project. Null until it is known.';
comment on column dbt.integrations.environment_name is 'Name of the environment. Null unless the Admin API was asked.';
comment on column dbt.integrations.adapter_type is 'Warehouse that dbt works with, such as snowflake, bigquery or postgres. Null until it is known.';
comment on column dbt.integrations.dbt_version is 'Version of dbt as the nodes tell it. Null until it is known.';
comment on column dbt.integrations.schedule is 'When the integration is read, as a cron expression. Null when it has no schedule.';
comment on column dbt.integrations.time_zone is 'Time zone of the schedule.';
comment on column dbt.integrations.git_sha is 'Commit of the project that the environment''s current state is from. Null until it is known.';
comment on column dbt.integrations.dbt_updated_at is 'When dbt itself last took in a run for the environment. Null until it is known.';
comment on column dbt.integrations.last_sync_at is 'End of the last pass, whatever came of it. Null when there has been none.';
comment on column dbt.integrations.last_sync_outcome is 'done, unchanged, partial, failed or interrupted: what came of the last pass. Null when there has been none.';
comment on column dbt.integrations.last_sync_source is 'discovery or artifacts: who was asked in the last pass. Null when there has been none.';
comment on column dbt.integrations.last_sync_error is 'What went wrong in the last pass, or made it partial. Null when nothing did.';
comment on column dbt.integrations.last_success_at is 'End of the last pass that was done or found nothing new. Null when there has been none.';
comment on column dbt.integrations.nodes is 'Number of nodes that are there now, of all types.';
comment on column dbt.integrations.is_stale is 'True when two scheduled passes have come due since the last success. Null without a schedule or before the first success.';

comment on view dbt.sync_runs is 'The passes of dbt-observer: when it read which integration, and what came of it.';
comment on column dbt.sync_runs.sync_run_id is 'Number of the pass.';
comment on column dbt.sync_runs.kind is 'sync (the current state) or backfill (runs of a period in the past).';
comment on column dbt.sync_runs.reason is 'Why the pass was made: a command, the schedule, a webhook.';
comment on column dbt.sync_runs.source is 'discovery or artifacts: who was asked.';
comment on column dbt.sync_runs.fallback_reason is 'Why the first choice of source could not serve. Null when it did.';
comment on column dbt.sync_runs.outcome is 'done, unchanged (nothing new, nothing read), partial (something is missing: see error and rejects), failed or interrupted. Null while the pass goes on.';
comment on column dbt.sync_runs.started_at is 'When the pass began.';
comment on column dbt.sync_runs.finished_at is 'When the pass ended. Null while it goes on.';
comment on column dbt.sync_runs.duration_s is 'How long the pass took, in seconds. Null while it goes on.';
comment on column dbt.sync_runs.requests is 'Number of HTTP requests made.';
comment on column dbt.sync_runs.bytes is 'Size of the answers received, in bytes.';
comment on column dbt.sync_runs.rows_written is 'Rows inserted, updated or deleted in the store. 0 when nothing had changed.';
comment on column dbt.sync_runs.nodes is 'Number of nodes received, of all types.';
comment on column dbt.sync_runs.results is 'Number of results written, new or corrected.';
comment on column dbt.sync_runs.rejects is 'Number of rejected pieces: see dbt.rejects.';
comment on column dbt.sync_runs.error is 'What went wrong, or made the pass partial. Null when nothing did.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.sync_runs');

comment on view dbt.rejects is 'Pieces of dbt''s answers that could not be read. They were left out; everything else of the pass was kept.';
comment on column dbt.rejects.reject_id is 'Number of the reject.';
comment on column dbt.rejects.sync_run_id is 'Pass that met it: see dbt.sync_runs.';
comment on column dbt.rejects.seen_at is 'When it was met.';
comment on column dbt.rejects.resource_type is 'Kind of node it belongs to. Null when it cannot be told.';
comment on column dbt.rejects.unique_id is 'dbt''s id of the node it belongs to. Null when it cannot be told.';
comment on column dbt.rejects.reason is 'Which fields do not fit, and how.';
comment on column dbt.rejects.raw is 'The piece as it was received, with e-mail addresses masked; cut short when it is very long. Null when there was nothing to keep.';
select dbt_store.repeat_comments('dbt.nodes', 'dbt.rejects');
