import { type Command, InvalidArgumentError, Option } from 'commander';
import type { IntegrationConfig, PlatformIntegration } from '../../config/types.ts';
import { FatalError } from '../../domain/errors.ts';
import type { BackfillPlan, BackfillProgress } from '../../sync/backfill.ts';
import { backfillJson, backfillText, planText, progressText } from '../backfill-text.ts';
import { retentionNote, type WindowFlags, windowOf } from '../backfill-window.ts';
import { enqueueBackfill } from '../enqueue-backfill.ts';
import { codeOfError, EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { errorJson, type Io, printError } from '../io.ts';
import { type CommonOptions, common, noticeTo, readConfig, requireKnown, withApp } from '../session.ts';
import { shortened } from '../table.ts';

interface BackfillFlags extends CommonOptions, WindowFlags {
  readonly job?: number;
  readonly concurrency: number;
  readonly dryRun?: boolean;
  readonly retryMissing?: boolean;
  readonly enqueue?: boolean;
}

/** The host is asked for so many things at once, not for more. */
const CONCURRENCY = 4;
const MOST_AT_ONCE = 32;

/** The command `backfill`. */
export function addBackfill(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('backfill')
    .description('take every run of a period with its results; what is stored is not asked for again')
    .argument('<name>', 'integration of the configuration')
    .option('--from <time>', 'runs that ended since: a date, a time, or an age such as 90d')
    .option('--to <time>', 'and until then (default: now)')
    .option('--all', 'every run that dbt still has')
    .option('--job <id>', 'only the runs of this job', wholeNumber(Number.MAX_SAFE_INTEGER))
    .option('--concurrency <runs>', 'runs that are read at once', wholeNumber(MOST_AT_ONCE), CONCURRENCY)
    .option('--retry-missing', 'ask again for what could not be had before')
    .option('--dry-run', 'say what there is to do, and take nothing')
    .addOption(
      new Option('--enqueue', 'leave it to the workers of serve, a week at a time').conflicts([
        'job',
        'retryMissing',
        'dryRun',
        'concurrency',
      ]),
    )
    .action(async (name: string, flags: BackfillFlags) => exit(await runBackfill(io, name, flags)));
  common(command, 'backfill analytics-prod --from 90d');
}

const wholeNumber = (most: number) => (text: string) => {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= most) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
};

/** @throws FatalError unless its runs can be asked for. */
function withRuns(integration: IntegrationConfig, job: number | undefined): PlatformIntegration {
  const { name } = integration;
  if (integration.source === 'files') {
    throw new FatalError(
      `"${name}" reads a folder (source: files), which has no runs but its own: sync takes it whole.`,
    );
  }
  if (integration.accessUrl === undefined && integration.adminUrl === undefined) {
    throw new FatalError(
      `backfill needs access_url or admin_url, and "${name}" has neither: runs come from the Admin API.`,
    );
  }
  if (job !== undefined && integration.jobId !== undefined && job !== integration.jobId) {
    throw new FatalError(
      `"${name}" is narrowed to job_id ${integration.jobId}, so that runs of job ${job} are none of it: leave --job out.`,
    );
  }
  return integration;
}

async function runBackfill(io: Io, name: string, flags: BackfillFlags): Promise<ExitCode> {
  const now = new Date();
  const window = windowOf(flags, now);
  const config = await readConfig(io, flags, { tokens: true });
  requireKnown(
    name,
    config.integrations.map((one) => one.name),
  );
  const found = config.integrations.find((one) => one.name === name);
  if (found === undefined) throw new FatalError(`There is no integration "${name}".`);
  const integration = withRuns(found, flags.job);
  const note = retentionNote(window, now);
  if (note !== null) noticeTo(io)(note);
  if (flags.enqueue === true) return enqueueBackfill(io, { config, name, window });
  const interruption = interruptible(io, 'what was taken stays, and the same command goes on where it was.');
  const start = performance.now();
  const { job: jobId, concurrency, dryRun = false, retryMissing = false } = flags;
  const shown = display(io, name, { perMinute: config.limits.requestsPerMinute, note, dryRun });
  const { signal } = interruption;
  try {
    return await withApp(io, config, async (app) => {
      await app.migrate();
      const asked = { window, jobId, concurrency, dryRun, retryMissing, signal };
      const result = await app
        .backfillOne(integration, { ...asked, reason: 'manual', ...shown.told })
        .finally(shown.clear);
      const done = { ...result, window, dryRun, durationS: (performance.now() - start) / 1_000 };
      if (io.json) io.out(`${JSON.stringify({ type: 'result', ...backfillJson(done) })}\n`);
      else if (!dryRun) io.out(backfillText(done));
      return done.outcome === 'partial' ? EXIT.partial : EXIT.done;
    });
  } catch (error) {
    printError(io, error);
    if (shown.hasBegun() && !signal.aborted && !dryRun && !io.json) io.err(GOES_ON);
    const outcome = signal.aborted ? 'interrupted' : 'failed';
    const told = { type: 'result', integration: name, outcome, error: errorJson(error) };
    if (io.json) io.out(`${JSON.stringify(told)}\n`);
    return signal.aborted ? EXIT.interrupted : codeOfError(error);
  } finally {
    interruption.release();
  }
}

const GOES_ON = 'What was taken stays, and the same command goes on where it was.\n';

/** Often enough for the eye; elsewhere a line now and then tells that it goes on. */
const REDRAW_MS = 200;
const LINE_MS = 10_000;

/** Tells how far a backfill is: on a terminal a line that is drawn again, elsewhere lines, for machines JSON. */
function display(
  io: Io,
  name: string,
  { perMinute, note, dryRun }: { readonly perMinute: number; readonly note: string | null; readonly dryRun: boolean },
) {
  const start = performance.now();
  const isDrawn = io.isTerminal && !io.json;
  let total: number | null = null;
  let toldAt = performance.now();
  let hasDrawn = false;
  let hasBegun = false;

  function onPlan(plan: BackfillPlan): void {
    total = plan.runs;
    hasBegun = true;
    if (io.json) {
      const { runs, known, requests } = plan;
      io.out(`${JSON.stringify({ type: 'plan', integration: name, runs, known, requests, note })}\n`);
    } else (dryRun ? io.out : io.err)(`${name}: ${planText(plan, perMinute)}\n`);
  }

  function onProgress(progress: BackfillProgress): void {
    if (performance.now() - toldAt < (isDrawn ? REDRAW_MS : LINE_MS)) return;
    toldAt = performance.now();
    const { seen, taken, results } = progress;
    const text = progressText(name, progress, { total, seconds: (toldAt - start) / 1_000 });
    if (io.json) io.out(`${JSON.stringify({ type: 'progress', integration: name, seen, taken, results })}\n`);
    else if (isDrawn) io.err(`\r\u001b[2K${shortened(text, io.errColumns - 1)}`);
    else io.err(`${text}\n`);
    hasDrawn ||= isDrawn;
  }

  const clear = () => {
    if (hasDrawn) io.err('\r\u001b[2K');
  };
  return { told: { onPlan, onProgress }, clear, hasBegun: () => hasBegun };
}
