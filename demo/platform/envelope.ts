import type { JsonObject } from './artifacts.ts';

/** An answer of the Admin API: enveloped JSON, or the raw bytes of an artifact. */
export type Reply = { status: number; body: JsonObject } | { status: number; bytes: Buffer };

const MAX_LIMIT = 100;

export function enveloped(data: unknown, extra?: JsonObject): Reply {
  const status = { code: 200, is_success: true, user_message: 'Success!', developer_message: '' };
  return { status: 200, body: extra ? { status, data, extra } : { status, data } };
}

export function failure(code: number, message: string, data: unknown = null): Reply {
  const status = { code, is_success: false, user_message: message, developer_message: null };
  return { status: code, body: { status, data } };
}

/** The service says the same for what is missing and for what the token may not see. */
export function notFound(): Reply {
  return failure(404, 'The requested resource was not found. Please check that you have the proper permissions.');
}

/** What answers where the API is not: a page for people. */
export function webPage(status: number, title: string): Reply {
  return { status, bytes: Buffer.from(`<!doctype html><title>${title}</title><h1>${title}</h1>`) };
}

export function unauthorized(): Reply {
  return failure(401, 'Unauthorized: Invalid or expired token.');
}

/**
 * A list with the filters, order and paging of the service: ids ascending unless asked otherwise, 100 rows at most.
 * Array parameters are JSON in one parameter, such as status__in=[10,20]. Rows without a time are in no order by it.
 */
export function listOf(rows: JsonObject[], url: URL): Reply {
  const query = url.searchParams;
  const problem = badParameter(query);
  if (problem)
    return failure(400, 'The request was invalid. Please double check the provided data and try again.', problem);
  const limit = Math.min(Number(query.get('limit') ?? MAX_LIMIT), MAX_LIMIT);
  const offset = Number(query.get('offset') ?? 0);
  const orderBy = query.get('order_by') ?? 'id';
  const ordered = rows.filter((row) => row[orderBy.replace('-', '')] !== null);
  const matching = ordered.filter((row) => [...query].every(([name, value]) => keeps(row, name, value)));
  const page = sorted(matching, orderBy).slice(offset, offset + limit);
  const pagination = { count: page.length, total_count: matching.length };
  return enveloped(page, { filters: { limit, offset }, order_by: orderBy, pagination });
}

const PAGING = new Set(['limit', 'offset', 'order_by', 'include_related', 'state']);

function badParameter(query: URLSearchParams): JsonObject | null {
  for (const name of ['limit', 'offset']) {
    if (!/^\d+$/.test(query.get(name) ?? '0')) return { [name]: 'A valid integer is required.' };
  }
  for (const [name, value] of query) {
    if (/__(in|range)$/.test(name) && !Array.isArray(parsed(value))) return { [name]: 'A JSON array is required.' };
  }
  return null;
}

function keeps(row: JsonObject, parameter: string, value: string): boolean {
  if (PAGING.has(parameter)) return true;
  const [name = '', operator] = parameter.split('__');
  const actual = row[name === 'pk' ? 'id' : name];
  if (operator === 'gt') return Number(actual) > Number(value);
  if (operator === 'in') return (parsed(value) as unknown[]).map(String).includes(String(actual));
  if (operator === 'icontains') return String(actual).toLowerCase().includes(value.toLowerCase());
  if (operator === 'range') return within(actual, parsed(value) as string[]);
  return actual === undefined || String(actual) === value;
}

/**
 * The bounds are written without an offset and mean UTC. Of one with an offset the service looks at the day alone. A
 * time that is still null is in no range.
 */
function within(actual: unknown, [from, to]: string[]): boolean {
  const time = typeof actual === 'string' ? Date.parse(actual) : Number.NaN;
  return time >= utc(from) && time <= utc(to);
}

function utc(bound = ''): number {
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/.test(bound);
  return Date.parse(hasOffset ? bound.slice(0, 10) : `${bound}Z`);
}

function sorted(rows: JsonObject[], orderBy: string): JsonObject[] {
  const [name, sign] = orderBy.startsWith('-') ? [orderBy.slice(1), -1] : [orderBy, 1];
  return rows.toSorted((a, b) => sign * compare(a[name], b[name]) || sign * compare(a.id, b.id));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
