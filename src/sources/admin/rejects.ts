import { z } from 'zod';
import { maskEmails } from '../../domain/emails.ts';
import { RejectError } from '../../domain/errors.ts';
import type { Reject } from '../../domain/records.ts';
import { id } from '../../normalize/scalars.ts';

/** Long, and may hold whatever a dbt project prints, secrets included. */
const LOGS = new Set(['logs', 'debug_logs', 'truncated_debug_logs']);

/** An element as it may be kept: no logs, and nobody's address. */
function keepable(raw: unknown): unknown {
  const text = JSON.stringify(raw, (key, value: unknown) => {
    if (LOGS.has(key)) return undefined;
    return typeof value === 'string' ? maskEmails(value) : value;
  });
  return text === undefined ? null : JSON.parse(text);
}

const numbered = z.object({ id });

/** The id of a row, whatever else is wrong with it. */
export function idOf(raw: unknown): number | undefined {
  return numbered.safeParse(raw).data?.id;
}

/** What a list holds: its elements, and those that could not be read. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly rejects: readonly Reject[];
}

/** Reads rows one by one. What `read` refuses with a RejectError is a reject that says of `what` it is. */
export function readRows<Item>(what: string, rows: readonly unknown[], read: (raw: unknown) => Item): Listed<Item> {
  const items: Item[] = [];
  const rejects: Reject[] = [];
  for (const raw of rows) {
    try {
      items.push(read(raw));
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      const reason = `${what} ${idOf(raw) ?? 'without an id'}: ${error.message}`;
      rejects.push({ resourceType: null, uniqueId: null, reason, raw: keepable(raw) });
    }
  }
  return { items, rejects };
}
