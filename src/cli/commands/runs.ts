import { type Command, InvalidArgumentError } from 'commander';
import { findRuns, type RunAnswer, type RunRow } from '../../store/read/runs.ts';
import type { BigIntValue } from '../../store/read/snapshot.ts';
import { integrationNames } from '../../store/read/tests.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { duration, instant } from '../format.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, readConfig, requireKnown, withStore } from '../session.ts';
import { type Cell, table } from '../table.ts';

interface RunsFlags extends CommonOptions {
  readonly integration?: string;
  readonly limit: number;
}

const LIMIT = 20;
const NOTHING: RunAnswer = { runs: [], integrations: 0 };

/** The command `runs`. */
export function addRuns(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('runs')
    .description('the last runs with what came of them, the newest first')
    .option('--integration <name>', 'only those of one integration')
    .option('--limit <count>', 'at most so many', limitOf, LIMIT)
    .action(async (flags: RunsFlags) => exit(await runRuns(io, flags)));
  common(command, 'runs --limit 5');
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of runs, at least 1.');
}

async function runRuns(io: Io, flags: RunsFlags): Promise<ExitCode> {
  const config = await readConfig(io, flags);
  const { integration, limit } = flags;
  const found = await withStore(io, config, async (reader) => {
    const configured = config.integrations.map(({ name }) => name);
    if (integration !== undefined)
      requireKnown(integration, [...new Set([...configured, ...(await integrationNames(reader))])]);
    return findRuns(reader, { integration, limit });
  });
  const { runs, integrations } = found ?? NOTHING;
  const reason = runs.length > 0 ? null : emptiness(integrations);
  answer(io, { runs, reason }, () => (reason === null ? runsText(runs, io.columns) : `${reason}\n`));
  return EXIT.done;
}

/** Why no run is known. */
export function emptiness(integrations: number): string {
  if (integrations === 0) return 'No integration was synced yet: run "dbt-observer sync" first.';
  return 'No run is known: nothing has run in the environment yet, or its results are older than the API keeps, or a job filter (job_id) leaves all of them out.';
}

/** Runs as a table. */
export function runsText(runs: readonly RunRow[], width: number | undefined): string {
  const several = new Set(runs.map(({ integration }) => integration)).size > 1;
  const ran = 'finished (UTC)';
  const headers = ['run', 'job', 'status', 'cause', ran, 'took', 'models', 'tests', 'missing'];
  const rows = runs.map((run): Cell[] => [
    ...(several ? [run.integration] : []),
    run.run_id,
    run.job_name ?? (run.job_id === null ? null : String(run.job_id)),
    run.status,
    run.cause,
    run.finished_at === null ? null : instant(run.finished_at).replace(' UTC', ''),
    run.duration_s === null ? null : duration(run.duration_s),
    counts([
      [run.models_ok, 'ok'],
      [run.models_failed, 'failed'],
    ]),
    counts([
      [run.tests_passed, 'passed'],
      [run.tests_warned, 'warned'],
      [run.tests_failed, 'failed'],
    ]),
    run.results_missing_reason,
  ]);
  return table({
    headers: several ? ['integration', ...headers] : headers,
    rows,
    width,
    whole: ['run', 'status', ran, 'took'],
  });
}

/** `12 ok, 1 failed`; null where nothing is known, or where there was nothing of the kind. */
function counts(parts: readonly (readonly [BigIntValue | null, string])[]): string | null {
  const some = parts.filter(([count]) => count !== null && Number(count) > 0);
  return some.length === 0 ? null : some.map(([count, word]) => `${count} ${word}`).join(', ');
}
