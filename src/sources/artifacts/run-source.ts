import { createHash } from 'node:crypto';
import type { Instant, ResourceType } from '../../domain/records.ts';
import type { Run } from '../../domain/runs.ts';
import { NOTHING_STORED, type Page, type Probe, type Source, type Stored } from '../../domain/source.ts';
import { runsNewestFirst } from '../admin/run-list.ts';
import { newestTime, tellsState, timeOf } from './run-choice.ts';
import { type RunLog, runLog } from './run-log.ts';
import { historyPages } from './run-past.ts';
import { newReading, type RunReading, type RunSourceOptions } from './run-reading.ts';
import { statePages } from './run-state.ts';
import { createScratch } from './scratch.ts';

export type { RunSourceOptions } from './run-reading.ts';

function tokenOf(runs: readonly Run[]): string {
  const hash = createHash('sha256');
  for (const { id, status, finishedAt } of runs) hash.update(`${id} ${status} ${finishedAt}\n`);
  return `artifacts ${hash.digest('base64')}`;
}

/** When the last of these runs ended. */
function lastEnd(runs: readonly Run[]): Instant | null {
  const finished = runs.filter(({ isFinished, finishedAt }) => isFinished && finishedAt !== null);
  const last = newestTime(finished);
  return finished.find((run) => timeOf(run) === last)?.finishedAt ?? null;
}

const tells = ({ received, rejects, incomplete, history = [], project }: Page) =>
  received + rejects.length + incomplete.length + history.length > 0 || project !== undefined;

/** What one reading found, beside its pages. */
interface Found {
  states: readonly ResourceType[];
  limits: ReadonlySet<string>;
  warnings: ReadonlySet<string>;
}

/** What a source over the runs of an environment needs, whatever it tells of them. */
function sourceOf(
  options: RunSourceOptions,
  read: (reading: RunReading, log: RunLog, stored: Stored) => AsyncGenerator<Page>,
): Source {
  const { api, accountId, environmentId } = options;
  let found: Found = { states: [], limits: new Set(), warnings: new Set() };

  /** What the probe listed, for the pages that follow it. */
  let listed: RunLog | undefined;
  const list = (signal: AbortSignal) => runLog(runsNewestFirst(api, { accountId, environmentId }, signal));

  /** The newest hundred tell whether anything moved: runs are added at that end, and those that go on are there. */
  async function probe(signal: AbortSignal): Promise<Probe> {
    const log = list(signal);
    const runs = await log.latest();
    listed = log;
    // A run that left nothing told nothing new, as the Discovery API has it.
    const updatedAt = lastEnd(runs.filter((run) => tellsState(run, options) && run.hasArtifacts !== false));
    return {
      token: tokenOf(runs),
      environment: { adapterType: null, projectName: null, gitSha: null, updatedAt },
      runsUntil: lastEnd(runs),
    };
  }

  async function* pages(signal: AbortSignal, stored: Stored): AsyncGenerator<Page> {
    const log = listed ?? list(signal);
    listed = undefined;
    const scratch = await createScratch();
    const reading = newReading(options, { signal, project: stored.projectName, scratch });
    found = reading;
    try {
      for await (const page of read(reading, log, stored)) {
        signal.throwIfAborted();
        if (tells(page)) yield page;
      }
    } finally {
      await scratch.remove();
    }
  }

  return {
    name: 'artifacts',
    isFixed: true,
    get states() {
      return found.states;
    },
    get limits() {
      return [...found.limits];
    },
    get warnings() {
      return [...found.warnings];
    },
    probe,
    pages: (signal, stored = NOTHING_STORED) => pages(signal, stored),
    traffic: () => api.traffic(),
  };
}

/**
 * Reads the state of one environment of the dbt platform from the artifacts of its runs, through the Admin API.
 * @throws FatalError and SyncError as the Admin API's failures, and when no run has a manifest that can be read.
 */
export const createRunSource = (options: RunSourceOptions): Source => sourceOf(options, statePages);

/**
 * Reads the runs of one environment alone, with their results: beside a source that tells its state. A first pass takes
 * the newest ones.
 * @throws FatalError and SyncError as the Admin API's failures.
 */
export const createHistorySource = (options: RunSourceOptions): Source => sourceOf(options, historyPages);
