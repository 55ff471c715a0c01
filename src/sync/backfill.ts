import { SyncError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/records.ts';
import type { Run, RunResults, RunSource, RunWindow } from '../domain/runs.ts';
import type { Page, Traffic } from '../domain/source.ts';
import type { Backfill, IntegrationScope, RunStore, TakenRuns } from '../domain/store.ts';
import { nameNodes } from './naming.ts';
import { addRun, isFull, nothingWaits, type Waiting } from './portion.ts';
import { NO_PROJECT } from './project.ts';

/** A host that fails for so many runs in a row is not asked for the rest. */
const FAILURES = 3;
/** A run is asked for once, and for the results of each of its steps; most have one or two that leave some. */
const REQUESTS_PER_RUN = 3;
const RUNS_PER_PAGE = 100;

export interface BackfillOptions {
  readonly store: RunStore;
  readonly source: RunSource;
  readonly scope: IntegrationScope;
  readonly window: RunWindow;
  /** Whose runs the source tells; null: those of every job. */
  readonly jobId: number | null;
  /** Runs that are read at once. */
  readonly concurrency: number;
  /** Says what there is to do, and does nothing. */
  readonly dryRun: boolean;
  /** Asks again for what could not be had the last time. */
  readonly retryMissing: boolean;
  readonly reason: string;
  readonly signal: AbortSignal;
  readonly onPlan?: (plan: BackfillPlan) => void;
  readonly onProgress?: (progress: BackfillProgress) => void;
  readonly onPhase?: (phase: 'run' | 'publish' | 'published') => void;
}

/** What there is to do. */
export interface BackfillPlan {
  /** Runs that ended within the window; null when the service does not count them. */
  readonly runs: number | null;
  /** Those of them that are stored and not asked for again. */
  readonly known: number;
  /** An estimate; null when the runs are not counted. */
  readonly requests: number | null;
}

export interface BackfillProgress {
  /** Runs that were looked at, of as many as the plan says. */
  readonly seen: number;
  readonly taken: number;
  readonly results: number;
}

/** A run that could not be read now. */
export interface FailedRun {
  readonly runId: number;
  readonly error: string;
}

/** What a backfill did. */
export interface BackfillResult extends Traffic {
  readonly integration: string;
  /** Null of a dry run. */
  readonly syncRunId: number | null;
  readonly outcome: 'done' | 'partial';
  readonly plan: BackfillPlan;
  readonly seen: number;
  /** Runs that were read, with all that they left. */
  readonly taken: number;
  /** Runs that were stored before. */
  readonly known: number;
  /** How many runs something is missing of, by the reason; those that are known to miss it among them. */
  readonly missing: ReadonlyMap<string, number>;
  /** How many of the runs that were read left no results and never had any, by the reason. */
  readonly empty: ReadonlyMap<string, number>;
  readonly failed: readonly FailedRun[];
  readonly rejects: number;
  readonly results: number;
  readonly rowsWritten: number;
}

interface Account {
  seen: number;
  taken: number;
  known: number;
  rejects: number;
  results: number;
  rowsWritten: number;
  failures: number;
  readonly missing: Map<string, number>;
  readonly empty: Map<string, number>;
  readonly failed: FailedRun[];
}

/** Reasons differ by the number of their run alone, which would make a line for each. */
function reasonOf(reason: string): string {
  const nameless = reason.replaceAll(/\b(run|step) \d+\b/gi, (_, word: string) => `a ${word.toLowerCase()}`);
  return nameless.replaceAll(/(?<=^|\. )a /g, 'A ');
}

function count(reasons: Map<string, number>, reason: string): void {
  const words = reasonOf(reason);
  reasons.set(words, (reasons.get(words) ?? 0) + 1);
}

async function planOf(options: BackfillOptions, { complete, missing }: TakenRuns): Promise<BackfillPlan> {
  const { source, window, retryMissing, signal } = options;
  const runs = await source.count(window, signal);
  const stored = complete.size + (retryMissing ? 0 : missing.size);
  // The store keeps runs that dbt has forgotten.
  const known = Math.min(stored, runs ?? stored);
  const requests = runs === null ? null : Math.ceil(runs / RUNS_PER_PAGE) + REQUESTS_PER_RUN * (runs - known);
  return { runs, known, requests };
}

/** One backfill under way. */
class Taking {
  readonly #options: BackfillOptions;
  readonly #backfill: Backfill;
  readonly #taken: TakenRuns;
  readonly #surroundings: Page;
  readonly #pending = new Set<Promise<void>>();
  readonly account: Account;
  #waiting: Waiting = nothingWaits(true);
  #publishing: Promise<void> = Promise.resolve();
  #stop: unknown;

  constructor(options: BackfillOptions, backfill: Backfill, known: { taken: TakenRuns; surroundings: Page }) {
    this.#options = options;
    this.#backfill = backfill;
    this.#taken = known.taken;
    this.#surroundings = known.surroundings;
    this.#waiting.history.push(...(known.surroundings.history ?? []));
    const counts = { seen: 0, taken: 0, known: 0, rejects: 0, results: 0, rowsWritten: 0, failures: 0 };
    this.account = { ...counts, missing: new Map(), empty: new Map(), failed: [] };
  }

  /** Goes through all runs of the window. @throws what ended it early, after what was read was published. */
  async all(): Promise<void> {
    const { source, window, signal } = this.#options;
    try {
      for await (const { runs, rejects } of source.runs(window, signal)) {
        this.#reject(rejects.length);
        this.#waiting.rejects.push(...rejects);
        for (const run of runs) await this.#look(run);
        if (this.#stop !== undefined) break;
      }
    } catch (error) {
      this.#stop ??= error;
    }
    await Promise.all(this.#pending);
    if (!signal.aborted) await this.#publish();
    await this.#publishing;
    if (this.#stop !== undefined) throw this.#stop;
  }

  #reject(count: number): void {
    this.account.rejects += count;
  }

  async #look(run: Run): Promise<void> {
    const { retryMissing, concurrency, onProgress } = this.#options;
    const { account } = this;
    if (this.#stop !== undefined) return;
    account.seen++;
    const id = String(run.id);
    const reason = this.#taken.missing.get(id);
    if (this.#taken.complete.has(id) || (reason !== undefined && !retryMissing)) {
      account.known++;
      if (reason !== undefined) count(account.missing, reason);
      return;
    }
    while (this.#pending.size >= concurrency) await Promise.race(this.#pending);
    const task = this.#take(run).finally(() => this.#pending.delete(task));
    this.#pending.add(task);
    onProgress?.(account);
    if (isFull(this.#waiting)) await this.#publish();
  }

  async #take(run: Run): Promise<void> {
    const { source, signal, onPhase } = this.#options;
    const { account } = this;
    try {
      const results = await source.results(run, signal);
      onPhase?.('run');
      account.failures = 0;
      this.#keep(results);
    } catch (error) {
      const isOfRun = error instanceof SyncError && !signal.aborted && ++account.failures < FAILURES;
      if (!isOfRun) this.#stop ??= signal.aborted ? signal.reason : error;
      else account.failed.push({ runId: run.id, error: error.message });
    }
  }

  #keep(results: RunResults): void {
    const { account } = this;
    addRun(this.#waiting, results, this.#backfill);
    this.#reject(results.rejects.length);
    const run = results.history.find((record): record is RunRecord => record.kind === 'run');
    if (run === undefined || run.resultsComplete) account.taken++;
    else count(account.missing, run.resultsMissingReason ?? 'Not all of its results could be had.');
    if (results.emptyReason !== null) count(account.empty, results.emptyReason);
  }

  /** Publishes what waits while the next runs are read; one portion at a time. */
  async #publish(): Promise<void> {
    await this.#publishing;
    if (this.#stop !== undefined && this.#options.signal.aborted) return;
    const waiting = this.#waiting;
    if (waiting.runs === 0 && waiting.rejects.length === 0) return;
    this.#waiting = nothingWaits();
    this.#publishing = this.#write(waiting).catch((error: unknown) => {
      this.#stop ??= error;
    });
  }

  async #write({ records, ready, history, rejects }: Waiting): Promise<void> {
    const { source, onPhase, onProgress } = this.#options;
    const { account } = this;
    const project = this.#surroundings.project ?? NO_PROJECT;
    onPhase?.('publish');
    const portion = { records, ready, history, rejects, project, ...source.traffic() };
    const written = await this.#backfill.publish(portion);
    onPhase?.('published');
    account.results += written.results;
    account.rowsWritten += written.rowsWritten;
    onProgress?.(account);
  }
}

function resultOf(options: BackfillOptions, plan: BackfillPlan, account: Account, syncRunId: number): BackfillResult {
  const { scope, source } = options;
  const { failures: _failures, ...told } = account;
  const isWhole = told.missing.size === 0 && told.failed.length === 0 && told.rejects === 0;
  const outcome = isWhole ? 'done' : 'partial';
  return { integration: scope.name, syncRunId, outcome, plan, ...told, ...source.traffic() };
}

/** What is missing after all, in the words of `dbt.sync_runs`. */
function errorOf({ missing, failed, rejects }: BackfillResult): string | null {
  const lines = [
    ...[...missing].map(([reason, runs]) => `${runs} × ${reason}`),
    ...(failed.length === 0 ? [] : [`${failed.length} runs failed: ${failed[0]?.error}`]),
    ...(rejects === 0 ? [] : [`${rejects} records were rejected (see dbt.rejects).`]),
  ];
  return lines.length === 0 ? null : lines.join(' ');
}

async function dryRunOf(options: BackfillOptions, backfill: Backfill): Promise<BackfillResult> {
  const plan = await planOf(options, await backfill.taken(options.window, options.jobId));
  options.onPlan?.(plan);
  const nothing = { seen: 0, taken: 0, known: plan.known, rejects: 0, results: 0 };
  const lists = { missing: new Map(), empty: new Map(), failed: [] };
  const { scope, source } = options;
  return {
    integration: scope.name,
    syncRunId: null,
    outcome: 'done',
    plan,
    ...nothing,
    ...lists,
    rowsWritten: 0,
    ...source.traffic(),
  };
}

async function takeAll(options: BackfillOptions, backfill: Backfill): Promise<BackfillResult> {
  const { source, window, jobId, signal, onPlan } = options;
  const taken = await backfill.taken(window, jobId);
  const plan = await planOf(options, taken);
  onPlan?.(plan);
  const taking = new Taking(options, backfill, { taken, surroundings: await source.surroundings(signal) });
  await taking.all();
  taking.account.rowsWritten += await nameNodes({ source, backfill, window, jobId, signal });
  const result = resultOf(options, plan, taking.account, backfill.syncRunId);
  await backfill.finish(result.outcome, errorOf(result), source.traffic());
  return result;
}

/**
 * Takes every run that ended within a window, the oldest first, with all that it left, and publishes them portion by
 * portion. What is stored is not asked for again, so that a backfill that was ended, in whatever way, goes on where it
 * was when it is begun again.
 * @throws what ended it, after that was recorded.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { store, source, scope, reason, dryRun, signal } = options;
  const started = await store.beginBackfill(scope, { reason, signal, dryRun });
  try {
    return await (dryRun ? dryRunOf(options, started) : takeAll(options, started));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const outcome = signal.aborted ? 'interrupted' : 'failed';
    if (!dryRun) await started.finish(outcome, message, source.traffic()).catch(() => undefined);
    throw error;
  } finally {
    await started.release().catch(() => undefined);
    await source.close();
  }
}
