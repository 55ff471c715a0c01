/** The largest page that the service gives (docs.getdbt.com, "Query the Discovery API"). */
export const LARGEST_PAGE = 500;
/** Good pages before a size that failed is tried again; twice as many each time it fails again. */
const CAUTION = 16;

/** How many nodes to ask for at once: halved by pages that fail, doubled by pages that come. */
export interface PageSize {
  readonly current: number;
  /** A page of this size came. */
  grow(): void;
  /** A page of this size failed: the next one is half as large, but of one node at least. */
  shrink(): void;
  /** What failed was one node and not the size: sizes that failed for it may be tried again. */
  forgive(): void;
}

/** The page size of one connection. It begins with the largest, and a size that failed is not tried again soon. */
export function createPageSize(): PageSize {
  let current = LARGEST_PAGE;
  let failed = Number.POSITIVE_INFINITY;
  let caution = CAUTION;
  let good = 0;
  return {
    get current() {
      return current;
    },
    grow() {
      good++;
      if (current >= failed) failed = current < LARGEST_PAGE ? current * 2 : Number.POSITIVE_INFINITY;
      const next = Math.min(current * 2, LARGEST_PAGE);
      if (next === current || (next >= failed && good < caution)) return;
      current = next;
      good = 0;
    },
    shrink() {
      if (current >= failed) caution *= 2;
      failed = current;
      current = Math.max(1, Math.floor(current / 2));
      good = 0;
    },
    forgive() {
      failed = Number.POSITIVE_INFINITY;
      good = 0;
    },
  };
}
