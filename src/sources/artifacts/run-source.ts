import { createHash } from 'node:crypto';
import type { ResourceType } from '../../domain/records.ts';
import type { Run, RunPage } from '../../domain/runs.ts';
import type { Page, Probe, Source, Stored } from '../../domain/source.ts';
import { runsNewestFirst } from '../admin/run-list.ts';
import { newestTime, tellsState } from './run-choice.ts';
import { runLog } from './run-log.ts';
import type { RunReading, RunSourceOptions } from './run-reading.ts';
import { statePages } from './run-state.ts';
import { createScratch } from './scratch.ts';

export type { RunSourceOptions } from './run-reading.ts';

function tokenOf(runs: readonly Run[]): string {
  const hash = createHash('sha256');
  for (const { id, status, finishedAt } of runs) hash.update(`${id} ${status} ${finishedAt}\n`);
  return `artifacts ${hash.digest('base64')}`;
}

const tells = ({ received, rejects, incomplete, history = [], project }: Page) =>
  received + rejects.length + incomplete.length + history.length > 0 || project !== undefined;

/** What one reading found, beside its pages. */
interface Found {
  states: readonly ResourceType[];
  limits: ReadonlySet<string>;
  warnings: ReadonlySet<string>;
}

/**
 * Reads the state of one environment of the dbt platform from the artifacts of its runs, through the Admin API.
 * @throws FatalError and SyncError as the Admin API's failures, and when no run has a manifest that can be read.
 */
export function createRunSource(options: RunSourceOptions): Source {
  const { api, accountId, environmentId } = options;
  let found: Found = { states: [], limits: new Set(), warnings: new Set() };

  /** The newest hundred tell whether anything moved: runs are added at that end, and those that go on are there. */
  async function probe(signal: AbortSignal): Promise<Probe> {
    const pages: AsyncGenerator<RunPage> = runsNewestFirst(api, { accountId, environmentId }, signal);
    const runs = await runLog(pages).latest();
    const last = newestTime(runs.filter((run) => tellsState(run, options)));
    const updatedAt = runs.find((run) => tellsState(run, options) && Date.parse(run.finishedAt ?? '') === last);
    return {
      token: tokenOf(runs),
      environment: { adapterType: null, projectName: null, gitSha: null, updatedAt: updatedAt?.finishedAt ?? null },
    };
  }

  async function* pages(signal: AbortSignal, stored: Stored): AsyncGenerator<Page> {
    const scratch = await createScratch();
    const reading: RunReading = {
      ...options,
      signal,
      project: stored.projectName,
      scratch,
      limits: new Set(),
      warnings: new Set(),
      details: new Map(),
      states: [],
    };
    found = reading;
    try {
      for await (const page of statePages(reading, stored)) {
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
    pages,
    traffic: () => api.traffic(),
  };
}
