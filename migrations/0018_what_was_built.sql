-- Code that a node was built with goes before what was only compiled of it, and counts nobody made are unknown.

alter table dbt_store.node add column compiled_by_build boolean default true;
alter table dbt_store.node alter column compiled_by_build drop default;
comment on column dbt_store.node.compiled_by_build is
  'Whether the compiled code is what the node was last built or tested with; what was only compiled since leaves it.';
comment on column dbt.models.compiled_code is
  'The SQL that the model was last built with; of one that was never built, what it was last compiled to. Null when neither is told.';
comment on column dbt.snapshots.compiled_code is
  'The SQL that the snapshot was last taken with; of one that was never taken, what it was last compiled to. Null when neither is told.';
comment on column dbt.tests.compiled_code is
  'The SQL that the test was last executed with; of one that was never executed, what it was last compiled to. Null when neither is told.';

comment on column dbt.nodes.first_seen_at is
  'The earliest time at which dbt is known to have had the node: of a manifest, of a result (of what dbt builds or tests) or of a freshness check.';
