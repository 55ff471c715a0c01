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

export interface PagesByType {
  /** Adds what one element became; gives the page that it filled, if it filled one. */
  add(resourceType: ResourceType, normalized: Normalized): readonly Page[];
  /** The pages that were not filled. */
  rest(): readonly Page[];
}

/** Makes pages of elements that come mixed, for a page tells of one type only. */
export function pagesByType(total: (resourceType: ResourceType) => number): PagesByType {
  const open = new Map<ResourceType, Filling>();
  const page = (resourceType: ResourceType, filling: Filling): Page => ({
    resourceType,
    total: total(resourceType),
    incomplete: [],
    ...filling,
  });
  return {
    add(resourceType, { records, rejects = [] }) {
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
    },
    rest: () => [...open].map(([resourceType, filling]) => page(resourceType, filling)),
  };
}
