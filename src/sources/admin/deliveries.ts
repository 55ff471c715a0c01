import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { FatalError } from '../../domain/errors.ts';
import { failureKind } from './failures.ts';
import type { SubscriptionScope } from './subscriptions.ts';

const pathOf = ({ accountId }: SubscriptionScope, id: string) =>
  `/api/v3/accounts/${accountId}/webhooks/subscription/${encodeURIComponent(id)}`;

const nullish = z.union([z.string(), z.number()]).nullish();
const told = (value: string | number | null | undefined) => (value == null || value === '' ? null : String(value));

/** What came of a test delivery. */
export interface TestDelivery {
  /** Null while nobody knows. */
  readonly isDelivered: boolean | null;
  /** What the receiver answered; null when that is not told. */
  readonly status: string | null;
  readonly error: string | null;
}

/** Older services test at once and say what came of it; newer ones send an event and give its id. */
const tested = z.object({ verification_error: nullish, verification_status_code: nullish, event_id: nullish });
const receipt = z.looseObject({ error_info: z.unknown(), http_status_code: nullish, response_body: z.unknown() });

/** A receipt is written some seconds after its delivery. */
const LOOKS_MS = [500, 1_000, 2_000, 3_000, 4_000];

const isGood = (status: string | null) => status !== null && /^2\d\d$/.test(status);

/** Has dbt send a test delivery, and looks what came of it. @throws FatalError when there is no such subscription. */
export async function testSubscription(
  scope: SubscriptionScope,
  id: string,
  { signal, looksMs = LOOKS_MS }: { readonly signal: AbortSignal; readonly looksMs?: readonly number[] },
): Promise<TestDelivery> {
  const path = `${pathOf(scope, id)}/test`;
  const answer = await scope.api.send({ method: 'GET', path }, tested, signal).catch((error: unknown) => {
    if (failureKind(error) !== 'not_found') throw error;
    throw new FatalError(`Account ${scope.accountId} has no webhook ${id} that this token may test.`, { cause: error });
  });
  const eventId = told(answer.event_id);
  if (eventId !== null) return receiptOf(scope, { id, eventId, looksMs }, signal);
  const [status, error] = [told(answer.verification_status_code), told(answer.verification_error)];
  return { isDelivered: error === null && isGood(status), status, error };
}

async function receiptOf(
  scope: SubscriptionScope,
  { id, eventId, looksMs }: { readonly id: string; readonly eventId: string; readonly looksMs: readonly number[] },
  signal: AbortSignal,
): Promise<TestDelivery> {
  const path = `${pathOf(scope, id)}/event/${encodeURIComponent(eventId)}/receipt`;
  for (const ms of looksMs) {
    await delay(ms, undefined, { signal });
    try {
      const found = await scope.api.get(path, receipt, signal);
      const status = told(found.http_status_code);
      const error = found.error_info == null || found.error_info === '' ? null : textOf(found.error_info);
      return { isDelivered: error === null && (status === null || isGood(status)), status, error };
    } catch (error) {
      // It is not written yet.
      if (failureKind(error) !== 'not_found') throw error;
    }
  }
  return { isDelivered: null, status: null, error: null };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300);

const event = z.object({ http_status_code: nullish });
const LOOK_BACK = 20;

/** What came of the last deliveries of a subscription. */
export interface RecentDeliveries {
  readonly deliveries: number;
  /** Those that were not answered with success, or never sent (the service says "0"). */
  readonly failures: number;
}

/** The last deliveries that the service still knows, some days of them; null when it does not tell. */
export async function recentDeliveries(
  scope: SubscriptionScope,
  id: string,
  signal: AbortSignal,
): Promise<RecentDeliveries | null> {
  try {
    const { rows } = await scope.api.list(`${pathOf(scope, id)}/events`, { limit: LOOK_BACK }, signal);
    const events = rows.slice(0, LOOK_BACK).flatMap((row) => event.safeParse(row).data ?? []);
    const failures = events.filter(({ http_status_code: status }) => !isGood(told(status))).length;
    return { deliveries: events.length, failures };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
