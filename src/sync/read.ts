import type { ResourceType } from '../domain/records.ts';
import type { Page, Probe, ProjectFacts, Source, Stored } from '../domain/source.ts';
import type { Pass } from '../domain/store.ts';
import { withoutFuture } from './future.ts';
import { knownFacts, NO_PROJECT } from './project.ts';

/** How often a pass is taken before a state that keeps moving is published without closing anything. */
const TRIES = 3;

/** Told after each page: how many nodes of a resource type came, of how many. */
export interface Progress {
  readonly resourceType: ResourceType;
  readonly received: number;
  readonly total: number;
}

/** Where a pass is; each is told when it has been reached. */
export type Phase = 'probe' | 'page' | 'staged' | 'publish' | 'published' | 'released';

/** How a reading is followed. */
export interface Followed {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told as the pass goes on: the lock is held, a page came, it is staged, publishing begins, it is committed, the lock is free. */
  readonly onPhase?: (phase: Phase, page?: Page) => void;
}

/** Puts pages of one reading aside for publish, and tells of each. Gives them as they were staged. */
export function staging(pass: Pass, onPhase: Followed['onPhase']): (told: Page) => Promise<Page> {
  const checked = withoutFuture();
  return async (told) => {
    const page = checked(told, Date.now());
    onPhase?.('page', page);
    await pass.stage(page);
    onPhase?.('staged', page);
    return page;
  };
}

/** What came of all pages of a state. */
export interface Reading {
  readonly counts: Record<string, number>;
  readonly incomplete: readonly string[];
  readonly rejects: number;
  readonly project: ProjectFacts;
}

/** A state that was read, and the probe that stands for it. */
export interface State {
  /** Null when nothing of it moved since the last complete pass. */
  readonly reading: Reading | null;
  readonly probe: Probe;
}

/** A source failed, not the store or ourselves; `cause` is what it threw. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
  constructor(cause: unknown) {
    super('The source failed.', { cause });
  }
}

/** Whoever asks wants to hear of what went wrong, not of whom it befell. */
export const withoutMark = (error: unknown): unknown => (error instanceof SourceFailure ? error.cause : error);

const marked = (error: unknown): never => {
  throw new SourceFailure(error);
};

export const probed = (source: Source, signal: AbortSignal): Promise<Probe> => source.probe(signal).catch(marked);

export async function* pagesOf(source: Source, signal: AbortSignal, stored: Stored): AsyncGenerator<Page> {
  try {
    yield* source.pages(signal, stored);
  } catch (error) {
    marked(error);
  }
}

/** Counts each node once: its definition's page counts, and the applied pages only say what was built. */
function countPage(counts: Record<string, number>, { resourceType, records }: Page): void {
  const nodes = records.filter((record) => record.kind === 'definition' && record.state === 'defined').length;
  counts[resourceType] = (counts[resourceType] ?? 0) + nodes;
}

interface Asked {
  readonly source: Source;
  readonly pass: Pass;
  readonly stored: Stored;
}

async function readPages({ source, pass, stored }: Asked, followed: Followed): Promise<Reading> {
  const { signal, onProgress, onPhase } = followed;
  const counts: Record<string, number> = {};
  const incomplete: string[] = [];
  let rejects = 0;
  let project: ProjectFacts = NO_PROJECT;
  const stage = staging(pass, onPhase);
  for await (const told of pagesOf(source, signal, stored)) {
    const page = await stage(told);
    countPage(counts, page);
    incomplete.push(...page.incomplete);
    rejects += page.rejects.length;
    project = knownFacts(project, page.project);
    onProgress?.({ resourceType: page.resourceType, received: counts[page.resourceType] ?? 0, total: page.total });
  }
  return { counts, incomplete, rejects, project };
}

/**
 * Reads the whole state, again when it moved meanwhile; a state that keeps moving is not complete.
 * @throws SourceFailure around what the source throws; what the pass throws as it is.
 */
export async function readState(
  asked: Asked,
  first: Probe,
  followed: Followed,
): Promise<State & { readonly reading: Reading }> {
  let before = first;
  asked.pass.prepare();
  for (let attempt = 1; ; attempt++) {
    const reading = await readPages(asked, followed);
    if (asked.source.isFixed === true) return { reading, probe: before };
    const after = await probed(asked.source, followed.signal);
    if (after.token === before.token) return { reading, probe: before };
    if (attempt === TRIES) {
      const moved = `The state moved during each of ${TRIES} readings.`;
      return { reading: { ...reading, incomplete: [...reading.incomplete, moved] }, probe: after };
    }
    before = after;
    await asked.pass.restart();
  }
}
