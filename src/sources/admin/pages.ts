import type { AdminApi, Query, RawPage } from './api.ts';
import { unreadable } from './failures.ts';
import { idOf } from './rejects.ts';

/** The most that one page gives (Admin API v2, "List runs"). */
const LIMIT = 100;

const STUCK = 'its pages do not go on';

/** A list to go through. */
export interface List {
  readonly path: string;
  readonly query: Query;
}

const isShort = ({ rows, total }: RawPage) => total === null && rows.length < LIMIT;

/**
 * The pages of a list by offset. Rows that come a second time, because others were added before them meanwhile, are
 * left out.
 */
export async function* byOffset(
  api: AdminApi,
  { path, query }: List,
  signal: AbortSignal,
): AsyncGenerator<readonly unknown[]> {
  const seen = new Set<number | undefined>();
  let offset = 0;
  while (true) {
    const page = await api.list(path, { order_by: 'id', ...query, limit: LIMIT, offset }, signal);
    if (page.rows.length === 0) return;
    const ids = page.rows.map(idOf);
    const fresh = page.rows.filter((_, index) => !seen.has(ids[index]));
    const known = seen.size;
    for (const id of ids) if (id !== undefined) seen.add(id);
    if (seen.size === known) throw unreadable(STUCK, new URL(path, api.origin));
    yield fresh;
    offset += page.rows.length;
    if (isShort(page) || (page.total !== null && offset >= page.total)) return;
  }
}

/** The pages of a list by id, ascending, behind the id `after`: nothing that is added meanwhile can shift them. */
export async function* byId(
  api: AdminApi,
  { path, query, after }: List & { readonly after?: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<readonly unknown[]> {
  let cursor = after;
  while (true) {
    const page = await api.list(path, { ...query, order_by: 'id', limit: LIMIT, id__gt: cursor }, signal);
    if (page.rows.length === 0) return;
    const floor = cursor ?? Number.NEGATIVE_INFINITY;
    const last = Math.max(...page.rows.map((row) => idOf(row) ?? Number.NEGATIVE_INFINITY));
    if (last <= floor) throw unreadable(STUCK, new URL(path, api.origin));
    yield page.rows.filter((row) => (idOf(row) ?? Number.POSITIVE_INFINITY) > floor);
    cursor = last;
    if (isShort(page) || (page.total !== null && page.rows.length >= page.total)) return;
  }
}

/** All rows of a short list. */
export async function allRows(api: AdminApi, list: List, signal: AbortSignal): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of byOffset(api, list, signal)) rows.push(...page);
  return rows;
}
