import { SyncError } from '../domain/errors.ts';
import type { NamelessNodes, NodeIdentity, RunSource, RunWindow } from '../domain/runs.ts';
import type { Backfill } from '../domain/store.ts';

/** A run may have left no manifest: so many are asked for one before a node keeps the name that its id gives it. */
const TRIES = 3;

interface Naming {
  readonly source: RunSource;
  readonly backfill: Backfill;
  readonly window: RunWindow;
  readonly jobId: number | null;
  readonly signal: AbortSignal;
}

/** Undefined when the service fails: names are worth no failed backfill, and the next one asks again. */
async function asked(
  { source, signal }: Naming,
  nodes: NamelessNodes,
): Promise<readonly NodeIdentity[] | null | undefined> {
  try {
    return await source.identities(nodes, signal);
  } catch (error) {
    if (!(error instanceof SyncError) || signal.aborted) throw error;
    return undefined;
  }
}

/**
 * Names the nodes long gone that results were taken of: each by the manifest of the last run that has it, which names
 * most others, too.
 * @returns how many rows that wrote.
 */
export async function nameNodes(naming: Naming): Promise<number> {
  const { backfill, window, jobId } = naming;
  const but: string[] = [];
  let rows = 0;
  for (let tried = 1; tried <= TRIES; tried++) {
    for (const nodes of await backfill.nameless({ window, jobId, but })) {
      const identities = await asked(naming, nodes);
      if (identities === undefined) return rows;
      const isSettled = identities !== null || tried === TRIES;
      rows += await backfill.name(identities ?? [], isSettled ? nodes.uniqueIds : []);
      but.push(nodes.runId);
    }
  }
  return rows;
}
