/** What dbt calls the status of a run or step by a number (Admin API v2, "List runs", `status__in`). */
export const STATUS_WORDS: { readonly [code: number]: string } = {
  1: 'queued',
  2: 'starting',
  3: 'running',
  10: 'success',
  20: 'error',
  30: 'cancelled',
};

/** Statuses after which nothing more happens to a run. */
export const FINAL_STATUSES: ReadonlySet<string> = new Set(['success', 'error', 'cancelled']);
