import type { ResourceType } from '../../domain/records.ts';
import type { Run } from '../../domain/runs.ts';
import type { Page, Stored } from '../../domain/source.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { countByType, manifestContext, manifestPages, statedTypes } from './manifest-pages.ts';
import { CATALOG_LOOK_BACK, newestCatalog } from './run-catalog.ts';
import { readFrom, tellsState, timeOf } from './run-choice.ts';
import { environmentPage, withoutRuns } from './run-environment.ts';
import type { RunLog } from './run-log.ts';
import { newestManifest } from './run-manifest.ts';
import { type Past, pastPages } from './run-past.ts';
import { type RunReading, sentenceOf } from './run-reading.ts';

/** What is known of the state once its manifest was read. */
interface Defined {
  readonly inventory: Inventory;
  readonly counts: Map<ResourceType, number>;
  readonly invocations: Set<string>;
}

/** Where not every run is wanted, a first pass goes back until every node is known, and what is checked of sources. */
function pastOf({ everyRun, jobId }: RunReading, { inventory, invocations, counts }: Defined, stored: Stored): Past {
  const isEnough = (read: number) =>
    !everyRun && inventory.withoutSuccess === 0 && (!inventory.lacksFreshness || read >= CATALOG_LOOK_BACK);
  const totals: Past['totals'] = (type) => counts.get(type) ?? 0;
  return { stored, inventory, invocations, totals, isOfState: true, isOfScope: jobId === null, isEnough };
}

async function* manifestOf(
  reading: RunReading,
  log: RunLog,
  { stored, ...defined }: Defined & { readonly stored: Stored },
): AsyncGenerator<Page> {
  const { manifest, run, isBuild } = await newestManifest(reading, log, stored);
  const { counts, inventory, invocations } = defined;
  for (const [type, count] of countByType(manifest)) counts.set(type, count);
  const { invocationId } = manifest.invocation;
  if (isBuild && invocationId !== null) invocations.add(invocationId);
  try {
    for (const page of manifestPages(manifest, manifestContext(manifest, { runId: String(run.id), isBuild }))) {
      inventory.define(page);
      yield { ...page, ...(page.project && { project: { ...page.project, gitSha: run.gitSha } }) };
    }
    reading.states = statedTypes(manifest);
  } catch (error) {
    yield { ...EMPTY_PAGE, total: counts.get('model') ?? 0, incomplete: [sentenceOf(error)] };
  }
}

/** The runs that may have left a catalog which is not stored, or is to be read again. */
function withCatalog(reading: RunReading, runs: readonly Run[], stored: Stored): Run[] {
  const telling = runs.filter((run) => tellsState(run, reading) && run.hasArtifacts !== false);
  if (stored.again === true) return telling;
  const from = readFrom(stored)?.getTime() ?? Number.NEGATIVE_INFINITY;
  // Of the runs whose results somebody else took the newest is enough, and what it does not give costs little.
  const taken = telling.find((run) => stored.catalogRuns.has(String(run.id)));
  const isNew = (run: Run) => timeOf(run) >= from && !stored.completeRuns.has(String(run.id));
  return telling.filter((run) => run === taken || isNew(run));
}

/**
 * The state of the environment: its catalog first and then its nodes, so that both are there when the store writes a
 * node; then the results of its runs.
 */
export async function* statePages(reading: RunReading, log: RunLog, stored: Stored): AsyncGenerator<Page> {
  const latest = await log.latest();
  if (latest.length === 0) throw await withoutRuns(reading);
  yield await environmentPage(reading, latest);
  yield* newestCatalog(reading, withCatalog(reading, latest, stored));
  const defined: Defined = { inventory: createInventory(), counts: new Map(), invocations: new Set() };
  yield* manifestOf(reading, log, { ...defined, stored });
  yield* pastPages(reading, log, pastOf(reading, defined, stored));
  yield { ...EMPTY_PAGE, rejects: log.rejects };
}
