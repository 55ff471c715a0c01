import { RejectError } from '../../domain/errors.ts';
import type { Run } from '../../domain/runs.ts';
import type { Page } from '../../domain/source.ts';
import { stepCommand } from '../admin/step-command.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import { catalogPages } from './result-pages.ts';
import {
  type Download,
  detailsOf,
  opened,
  type RunReading,
  refusedFile,
  sentenceOf,
  type Wanted,
} from './run-reading.ts';
import { downloadIfGiven, given, Ungiven } from './ungiven.ts';

/** So many runs are looked at for a catalog. */
export const CATALOG_LOOK_BACK = 20;

/** The catalogs that a run may have left, the last one first. */
async function wantedOf(reading: RunReading, run: Run): Promise<Wanted[]> {
  try {
    const details = await given(reading, detailsOf(reading, run));
    if (details instanceof Ungiven) return [];
    return (details?.steps ?? [])
      .filter(
        ({ command, startedAt }) => command !== null && startedAt !== null && stepCommand(command).leaves === 'catalog',
      )
      .map(({ index }): Wanted => ({ kind: 'catalog', runId: run.id, step: index }))
      .toReversed();
  } catch (error) {
    // Reading the run's results tells what is wrong with it.
    if (error instanceof RejectError) return [];
    throw error;
  }
}

/** Yields the pages of a catalog, and tells whether there was one to read. */
async function* pagesOf(reading: RunReading, file: Download): AsyncGenerator<Page, boolean> {
  try {
    yield* catalogPages(await opened(reading, file), () => 0);
    return true;
  } catch (error) {
    reading.limits.add(sentenceOf(error));
    return false;
  }
}

/** The newest catalog of these runs, which have the newest first; one that cannot be had or read is passed over. */
export async function* newestCatalog(reading: RunReading, runs: readonly Run[]): AsyncGenerator<Page> {
  for (const run of runs.slice(0, CATALOG_LOOK_BACK)) {
    for (const wanted of await wantedOf(reading, run)) {
      const file = await downloadIfGiven(reading, wanted);
      if (file instanceof Ungiven) reading.limits.add(file.message);
      else if (file instanceof RejectError) yield { ...EMPTY_PAGE, rejects: [refusedFile(file, wanted)] };
      else if (file !== null && (yield* pagesOf(reading, file))) return;
    }
  }
}
