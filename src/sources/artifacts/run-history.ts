import type { Run, RunResults, RunSource, RunWindow } from '../../domain/runs.ts';
import type { Page } from '../../domain/source.ts';
import { countRuns, runsOldestFirst } from '../admin/run-list.ts';
import { emptyReasonOf } from './run-empty.ts';
import { environmentPage, requireEnvironment, requireJob } from './run-environment.ts';
import { fetchRuns } from './run-files.ts';
import { identitiesOf } from './run-identities.ts';
import { runPages } from './run-pages.ts';
import { newReading, type RunReading, type RunSourceOptions, runScope } from './run-reading.ts';
import { createScratch, type Scratch } from './scratch.ts';

const NO_TOTAL = () => 0;
const NOTHING: RunResults = { history: [], records: [], rejects: [], emptyReason: null };

/**
 * Reads the runs of one environment of the dbt platform through the Admin API, whatever they were: checks of proposals
 * and runs that failed are runs, too. Nothing of them is kept here, so that any number of them can be read.
 */
export function createRunHistory(options: RunSourceOptions): RunSource {
  const { api } = options;
  const scope = runScope(options);
  let opened: Promise<Scratch> | undefined;

  async function readingOf(signal: AbortSignal): Promise<RunReading> {
    opened ??= createScratch();
    return newReading(options, { signal, project: null, scratch: await opened });
  }

  /** No run may mean that there is no such environment or job, about which the list of runs says nothing. */
  async function count(window: RunWindow, signal: AbortSignal): Promise<number | null> {
    const runs = await countRuns(api, { ...scope, window }, signal);
    if (runs !== 0) return runs;
    const reading = await readingOf(signal);
    await requireEnvironment(reading);
    await requireJob(reading);
    return runs;
  }

  async function results(run: Run, signal: AbortSignal): Promise<RunResults> {
    const reading = await readingOf(signal);
    const [files] = await fetchRuns(reading, [run]);
    if (files === undefined) return NOTHING;
    if (files.ungiven !== undefined) throw files.ungiven.cause;
    const pages: Page[] = [];
    for await (const page of runPages(reading, files, NO_TOTAL)) pages.push(page);
    // Compiled code is no result, and a year of it would take the memory of everything else.
    const records = pages.flatMap((page) => page.records.filter(({ kind }) => kind !== 'compiled'));
    const history = pages.flatMap((page) => page.history ?? []);
    const isWhole = history.some((record) => record.kind === 'run' && record.resultsComplete);
    return {
      history,
      records,
      rejects: pages.flatMap(({ rejects }) => rejects),
      emptyReason: isWhole && records.length === 0 ? emptyReasonOf(files) : null,
    };
  }

  return {
    surroundings: async (signal) => environmentPage(await readingOf(signal), []),
    count,
    runs: (window: RunWindow, signal) => runsOldestFirst(api, { ...scope, window }, signal),
    results,
    identities: async (nodes, signal) => identitiesOf(await readingOf(signal), nodes),
    traffic: () => api.traffic(),
    async close() {
      await (await opened)?.remove();
    },
  };
}
