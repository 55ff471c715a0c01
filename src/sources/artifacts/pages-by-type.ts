import { SyncError } from '../../domain/errors.ts';
import type { Reject, ResourceType, StoreRecord } from '../../domain/records.ts';
import type { Page } from '../../domain/source.ts';
import type { Normalized } from '../../normalize/normalized.ts';

/** Elements of one page. */
const PAGE_SIZE = 500;

interface Filling {
  readonly records: StoreRecord[];
  readonly rejects: Reject[];
  received: number;
}

/** Adds what one element became; gives the page that it filled, if it filled one. */
export type Add = (resourceType: ResourceType, normalized: Normalized) => readonly Page[];

/**
 * Makes pages of elements that come mixed, for a page tells of one type only. When `fill` fails, what it added is told
 * before the error is.
 */
export function* pagesByType(
  total: (type: ResourceType) => number,
  fill: (add: Add) => Iterable<Page>,
): Generator<Page> {
  const open = new Map<ResourceType, Filling>();
  const page = (resourceType: ResourceType, filling: Filling): Page => ({
    resourceType,
    total: total(resourceType),
    incomplete: [],
    ...filling,
  });
  const rest = () => [...open].map(([resourceType, filling]) => page(resourceType, filling));
  const add: Add = (resourceType, { records, rejects = [] }) => {
    const filling = open.get(resourceType) ?? { records: [], rejects: [], received: 0 };
    filling.records.push(...records);
    filling.rejects.push(...rejects);
    filling.received++;
    if (filling.received < PAGE_SIZE) {
      open.set(resourceType, filling);
      return [];
    }
    open.delete(resourceType);
    return [page(resourceType, filling)];
  };
  try {
    yield* fill(add);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    yield* rest();
    throw error;
  }
  yield* rest();
}
