import { expect, it } from 'vitest';
import { stepCommand } from '../../../../src/sources/admin/step-command.ts';

it.each([
  ['dbt build', 'build'],
  ['dbt run --select tag:docs', 'run'],
  ['dbt -q run', 'run'],
  ['dbt --no-partial-parse --log-level debug test', 'test'],
  ['dbt --target docs build', 'build'],
  ['dbt --target=docs seed', 'seed'],
  [`dbt --vars '{"docs": "generate all"}' snapshot`, 'snapshot'],
  ['dbtf build', 'build'],
  ['dbt \\\n  --warn-error \\\n  build \\\n  --select docs', 'build'],
  ['  dbt   RETRY ', 'retry'],
  ['dbt clone --state prod', 'clone'],
])('%s leaves the results of its nodes', (command, which) => {
  expect(stepCommand(command)).toEqual({ which, leaves: 'run_results', isCertain: true });
});

it.each([
  ['dbt run-operation grant_all', 'run-operation'],
  ['dbt something-new', null],
  ['dbt', null],
])('%s may leave results', (command, which) => {
  expect(stepCommand(command)).toEqual({ which, leaves: 'run_results', isCertain: false });
});

it.each([
  'dbt source freshness',
  'dbt source snapshot-freshness --select a',
  'dbt freshness',
])('%s leaves checks of freshness', (command) => {
  expect(stepCommand(command)).toMatchObject({ which: 'freshness', leaves: 'sources' });
});

it('dbt docs generate leaves a catalog', () => {
  expect(stepCommand('dbt --quiet docs generate --no-compile')).toMatchObject({ which: 'generate', leaves: 'catalog' });
});

it.each([
  ['dbt compile', 'compile'],
  ['dbt parse', 'parse'],
  ['dbt ls --resource-type test', 'list'],
  ['dbt deps', 'deps'],
  ['dbt docs serve', 'docs'],
])('%s leaves nothing that was built or tested', (command, which) => {
  expect(stepCommand(command)).toMatchObject({ which, leaves: null });
});
