/**
 * Stops `now()` in a test database: the statement that does it. The planner puts the body of a function of SQL in its
 * place wherever it is called, so that views are read as of that time; `current_date` and its like go on.
 */
export const stopClock = (at: string): string =>
  `create or replace function pg_catalog.now() returns timestamptz language sql stable as $$ select timestamptz '${at}' $$`;
