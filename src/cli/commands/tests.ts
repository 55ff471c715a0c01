import type { Command } from 'commander';
import { findTests, integrationNames, type TestAnswer, type TestRow } from '../../store/read/tests.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { instant } from '../format.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, readConfig, requireKnown, withStore } from '../session.ts';
import { type Cell, table } from '../table.ts';

interface TestsFlags extends CommonOptions {
  readonly failing?: true;
  readonly integration?: string;
}

const NOTHING: TestAnswer = { tests: [], integrations: 0, defined: 0, executed: 0 };

/** The command `tests`. */
export function addTests(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('tests')
    .description('tests with their current status, the worst first')
    .option('--failing', 'only those whose last executed result is a failure or an error')
    .option('--integration <name>', 'only those of one integration')
    .action(async (flags: TestsFlags) => exit(await runTests(io, flags)));
  common(command, 'tests --failing');
}

async function runTests(io: Io, flags: TestsFlags): Promise<ExitCode> {
  const config = await readConfig(io, flags);
  const { integration } = flags;
  const failing = flags.failing === true;
  const found = await withStore(io, config, async (reader) => {
    const configured = config.integrations.map(({ name }) => name);
    if (integration !== undefined)
      requireKnown(integration, [...new Set([...configured, ...(await integrationNames(reader))])]);
    return findTests(reader, { integration, failing });
  });
  const tests = found ?? NOTHING;
  const reason = explanation(tests, failing);
  answer(
    io,
    { tests: tests.tests, reason },
    () => testsText(tests.tests, io.columns) + (reason === null ? '' : `${reason}\n`),
  );
  return EXIT.done;
}

/** Why there is nothing to see, or nothing but definitions; null when there is something. */
export function explanation({ tests, integrations, defined, executed }: TestAnswer, failing: boolean): string | null {
  if (integrations === 0) return 'No integration was synced yet: run "dbt-observer sync" first.';
  if (defined === 0) return 'The environment has no tests.';
  if (executed === 0) {
    return 'Tests are defined but none has an executed result: no job of this environment runs tests, or its results are older than the API keeps.';
  }
  return failing && tests.length === 0 ? 'No test is failing.' : null;
}

/** Tests as a table; nothing at all when there are none. */
export function testsText(tests: readonly TestRow[], width: number | undefined): string {
  if (tests.length === 0) return '';
  const several = new Set(tests.map(({ integration }) => integration)).size > 1;
  const headers = ['test', 'tested', 'column', 'status', 'since (UTC)', 'failures', 'owner'];
  const rows = tests.map((test): Cell[] => [
    ...(several ? [test.integration] : []),
    test.name,
    test.tested_name,
    test.column_name,
    test.status,
    since(test),
    test.failures === null ? null : Number(test.failures),
    test.owner_name,
  ]);
  return table({
    headers: several ? ['integration', ...headers] : headers,
    rows,
    width,
    whole: ['status', 'since (UTC)', 'failures'],
  });
}

/** With the last state alone, the beginning of a streak may not have been seen: then it is told as a bound. */
function since(test: TestRow): string | null {
  const start = test.failing_since ?? test.status_since;
  if (start === null) return null;
  return `${test.since_is_exact === false ? '≤ ' : ''}${instant(start).replace(' UTC', '')}`;
}
