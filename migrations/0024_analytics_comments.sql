-- What the analytics mean: each view with the question it answers, each column with its unit and when it is null.

comment on view dbt.test_health_daily is 'How healthy are the tests, day by day? One row per day and package with executed tests. Each test counts once per run, by its latest executed result in it, on the day of that result; runs that do not set the state (checks of proposals, other schemas) are left out. Days are UTC.';
comment on column dbt.test_health_daily.integration is 'Name of the integration, as configured.';
comment on column dbt.test_health_daily.day is 'Day in UTC on which the tests were executed.';
comment on column dbt.test_health_daily.package_name is 'dbt package that defines the tests: the second part of their unique_id.';
comment on column dbt.test_health_daily.tests_executed is 'Executed tests, each once per run: passed, warned, failed and errored, and those whose status dbt-observer does not know.';
comment on column dbt.test_health_daily.passed is 'Of them, tests that passed.';
comment on column dbt.test_health_daily.warned is 'Of them, tests that warned.';
comment on column dbt.test_health_daily.failed is 'Of them, tests that found what they look for.';
comment on column dbt.test_health_daily.errored is 'Of them, tests that could not be carried out.';

comment on view dbt.model_timing_daily is 'How long does each model take, day by day? One row per model and day on which it was executed. Runs that do not set the state are left out. Days are UTC.';
comment on column dbt.model_timing_daily.integration is 'Name of the integration, as configured.';
comment on column dbt.model_timing_daily.day is 'Day in UTC on which the model was executed.';
comment on column dbt.model_timing_daily.unique_id is 'dbt''s id of the model.';
comment on column dbt.model_timing_daily.name is 'Name of the model.';
comment on column dbt.model_timing_daily.runs is 'How often the model was executed that day, with success or without.';
comment on column dbt.model_timing_daily.p50_s is 'Median seconds of that day''s successful executions, interpolated. Null when none succeeded or none is timed.';
comment on column dbt.model_timing_daily.p95_s is 'Seconds that 95 of 100 of that day''s successful executions stayed within, interpolated. Null when none succeeded or none is timed.';
comment on column dbt.model_timing_daily.max_s is 'Seconds of that day''s longest successful execution. Null when none succeeded or none is timed.';
comment on column dbt.model_timing_daily.total_s is 'Seconds of all its executions that day, failed ones included, unlike in dbt.slowest_models; a rough measure of cost. 0 when none is timed.';

comment on view dbt.slowest_models is 'Which models take longest, and do they get slower? One row per model with a successful execution in the last 30 days (today included, UTC), compared with the 30 days before. Sort by p50_s for the slowest, filter by change_ratio for those that got slower.';
comment on column dbt.slowest_models.integration is 'Name of the integration, as configured.';
comment on column dbt.slowest_models.unique_id is 'dbt''s id of the model.';
comment on column dbt.slowest_models.name is 'Name of the model.';
comment on column dbt.slowest_models.p50_s is 'Median seconds of the successful executions of the last 30 days, interpolated.';
comment on column dbt.slowest_models.p95_s is 'Seconds that 95 of 100 successful executions of the last 30 days stayed within, interpolated.';
comment on column dbt.slowest_models.previous_p50_s is 'Median seconds of the 30 days before those. Null when it had no success then.';
comment on column dbt.slowest_models.change_ratio is 'How much slower the median became: 0.2 is 20 % slower, -0.2 is 20 % faster. Null without a previous median, or when that is 0.';
comment on column dbt.slowest_models.total_s is 'Seconds of all successful executions of the last 30 days; with failed ones see dbt.model_timing_daily.';

comment on view dbt.flaky_tests is 'Which tests go back and forth? A test is flaky that changed at least twice between passing (pass, warn) and failing (fail, error) within the last 30 days, by executed results that set the state. Its rate is flips per execution.';
comment on column dbt.flaky_tests.integration is 'Name of the integration, as configured.';
comment on column dbt.flaky_tests.unique_id is 'dbt''s id of the test.';
comment on column dbt.flaky_tests.name is 'Name of the test.';
comment on column dbt.flaky_tests.tested_unique_id is 'The node that the test is about. Null when it cannot be told.';
comment on column dbt.flaky_tests.executions is 'How often the test was executed in the last 30 days.';
comment on column dbt.flaky_tests.flips is 'How often it changed between passing (pass, warn) and failing (fail, error) in the last 30 days.';
comment on column dbt.flaky_tests.flip_rate is 'Flips per execution, from 0 to 1. Where results are removed after a time (retention), both are counted from then on.';
comment on column dbt.flaky_tests.last_flip_at is 'When it changed last.';

comment on view dbt.test_incidents is 'When did tests fail, and how long until they recovered? One row per time in which a test failed, from the first failure to the next result that passes or warns.';
comment on column dbt.test_incidents.integration is 'Name of the integration, as configured.';
comment on column dbt.test_incidents.unique_id is 'dbt''s id of the test.';
comment on column dbt.test_incidents.name is 'Name of the test.';
comment on column dbt.test_incidents.tested_unique_id is 'The node that the test is about. Null when it cannot be told.';
comment on column dbt.test_incidents.owner_name is 'Owner of the test now, which is that of the tested node unless it has its own. Null when nobody is named.';
comment on column dbt.test_incidents.opened_at is 'When the first failing result was executed.';
comment on column dbt.test_incidents.resolved_at is 'When the next result that passes or warns was executed. Null while the incident is open, and where the test was removed before it recovered.';
comment on column dbt.test_incidents.duration_s is 'Seconds from its first failure to its recovery. Null while it is open, so that a mean is one of recoveries.';
comment on column dbt.test_incidents.results is 'Results that failed or errored in that time. Null where results of that time may have been removed (retention).';
comment on column dbt.test_incidents.is_open is 'Whether the test is there and fails still.';

comment on view dbt.coverage is 'How many models are tested and documented, by package, group, owner, schema and layer? One row per dimension and value, as the project is now. Models of other projects are left out.';
comment on column dbt.coverage.integration is 'Name of the integration, as configured.';
comment on column dbt.coverage.dimension is 'What the models are counted by: package, group, owner, schema or layer.';
comment on column dbt.coverage.value is 'The package, group, owner, schema or layer. Null stands for models that have none.';
comment on column dbt.coverage.models is 'Number of models.';
comment on column dbt.coverage.tested_models is 'Of them, models with at least one test.';
comment on column dbt.coverage.documented_models is 'Of them, models with a description.';
comment on column dbt.coverage.columns is 'Columns of these models, of the catalog or declared.';
comment on column dbt.coverage.documented_columns is 'Of them, columns with a description.';
comment on column dbt.coverage.tests is 'Tests of these models.';

comment on view dbt.coverage_daily is 'How did tests and documentation of models change over time? The rows of coverage for each day, as they were at its end; the last day is today. Days are UTC and begin with the first sync that was kept.';
comment on column dbt.coverage_daily.day is 'Day in UTC.';
select dbt_store.repeat_comments('dbt.coverage', 'dbt.coverage_daily');

comment on view dbt.stale_sources is 'Which sources are staler than their owners allow, since when and how often? One row per source whose latest freshness check is warn or error.';
comment on column dbt.stale_sources.integration is 'Name of the integration, as configured.';
comment on column dbt.stale_sources.unique_id is 'dbt''s id of the source.';
comment on column dbt.stale_sources.name is 'Name of the source table.';
comment on column dbt.stale_sources.freshness_status is 'Latest freshness check: warn or error.';
comment on column dbt.stale_sources.age_now_s is 'Seconds since the newest row that the latest check saw was loaded. Null when the check could not tell.';
comment on column dbt.stale_sources.stale_since is 'First check that warned or erred since the last one that passed.';
comment on column dbt.stale_sources.breaches_30d is 'Checks that warned or erred in the last 30 days.';
comment on column dbt.stale_sources.worst_age_s is 'Greatest age in seconds that such a check of the last 30 days found. Null when there is none or none could tell.';

comment on view dbt.failing_now is 'What is broken right now, since when, whose is it, what caused it and what does it hit? One row per node that is there and whose latest executed result is fail or error.';
comment on column dbt.failing_now.integration is 'Name of the integration, as configured.';
comment on column dbt.failing_now.unique_id is 'dbt''s id of the node that fails.';
comment on column dbt.failing_now.name is 'Name of the node.';
comment on column dbt.failing_now.resource_type is 'Kind of node: model, seed, snapshot or test.';
comment on column dbt.failing_now.status is 'Status of its latest executed result, in dbt''s words.';
comment on column dbt.failing_now.failing_since is 'When the first failing result in a row was executed. Earlier failures may have gone unseen where only the last state is known.';
comment on column dbt.failing_now.owner_name is 'Owner of the node; of a test without one, that of the tested node. Null when nobody is named.';
comment on column dbt.failing_now.dbt_url is 'Page of the node in dbt. Null when the address of the account is not known.';
comment on column dbt.failing_now.root_cause_unique_id is 'The failing node furthest upstream that this one follows from: of several the one that failed first. What began to fail later than this one is none of it. For a test that is the tested node where it fails to build. A node whose tests fail counts as failing, although its own build may have succeeded. Null when nothing upstream fails.';
comment on column dbt.failing_now.downstream_models is 'Models downstream over any distance; of a test, those downstream of the nodes it tests.';
comment on column dbt.failing_now.downstream_exposures is 'Exposures downstream over any distance; of a test, those downstream of the nodes it tests.';

comment on view dbt.run_critical_path is 'Which chain of nodes made a run take as long as it did? Of each run with timed results, from the node that completed last back: before each node comes, of its parents, the one that completed last before it began; what has no result in the run, like an ephemeral model, stands for its own parents. Tests that dbt build runs in between are left out. Lineage is that of now: a chain ends at a node that was removed since. Filter by run_id.';
comment on column dbt.run_critical_path.integration is 'Name of the integration, as configured.';
comment on column dbt.run_critical_path.run_id is 'dbt''s id of the run; for dbt Core the id of the invocation.';
comment on column dbt.run_critical_path.position is 'Place in the chain; 1 began first, the greatest completed last.';
comment on column dbt.run_critical_path.unique_id is 'dbt''s id of the node.';
comment on column dbt.run_critical_path.name is 'Name of the node.';
comment on column dbt.run_critical_path.started_at is 'When the node began in the run.';
comment on column dbt.run_critical_path.completed_at is 'When the node ended in the run.';
comment on column dbt.run_critical_path.execution_time_s is 'Seconds that dbt counts for the node. Null when it is not told.';
