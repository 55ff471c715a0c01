import { z } from 'zod';
import { FatalError } from '../../domain/errors.ts';
import { nullableText, read } from '../../normalize/scalars.ts';
import type { AdminApi } from './api.ts';
import { failureKind, unreadable } from './failures.ts';
import { readRows } from './rejects.ts';

/** What a subscription is told by. An error is also a completion, told earlier. */
export const EVENT_TYPES = ['job.run.started', 'job.run.completed', 'job.run.errored'] as const;

/** What is wanted of a subscription. */
export interface SubscriptionWish {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  /** Empty: every job of the account. */
  readonly jobIds: readonly number[];
  readonly description: string | null;
}

/** A webhook on the side of dbt. */
export interface Subscription extends SubscriptionWish {
  /** `wsu_…` */
  readonly id: string;
  readonly isActive: boolean;
  /** Why dbt switched it off; null when it did not, or does not say. */
  readonly deactivateReason: string | null;
}

const numberOrDigits = z.union([z.number(), z.string()]);

/** Ids of jobs come as numbers or as text. */
const rawSubscription = z.object({
  id: numberOrDigits.transform(String),
  name: nullableText.default(null),
  description: nullableText.default(null),
  client_url: z.string(),
  event_types: z.array(z.string()).nullish(),
  job_ids: z.array(numberOrDigits.transform(Number)).nullish(),
  active: z.boolean().nullish(),
  deactivate_reason: nullableText.default(null),
});

function subscriptionOf(raw: unknown): Subscription {
  const found = read(rawSubscription, raw);
  return {
    id: found.id,
    name: found.name ?? '',
    description: found.description || null,
    url: found.client_url,
    events: found.event_types ?? [],
    jobIds: found.job_ids ?? [],
    isActive: found.active !== false,
    deactivateReason: found.deactivate_reason || null,
  };
}

/** The service wants all of it at every change, and no empty description. */
const bodyOf = ({ name, url, events, jobIds, description }: SubscriptionWish) => ({
  name,
  client_url: url,
  event_types: events,
  job_ids: jobIds,
  active: true,
  ...(description !== null && { description }),
});

/** Whose webhooks are meant. */
export interface SubscriptionScope {
  readonly api: AdminApi;
  readonly accountId: number;
}

/** A list is of "subscriptions", one of them a "subscription", and none ends with a slash (Admin API v3). */
const listPath = ({ accountId }: SubscriptionScope) => `/api/v3/accounts/${accountId}/webhooks/subscriptions`;
const pathOf = ({ accountId }: SubscriptionScope, id: string) =>
  `/api/v3/accounts/${accountId}/webhooks/subscription/${encodeURIComponent(id)}`;

const PERMISSION =
  'Webhooks need a token with the permission set Developer, Admin or Account Admin (on plans that give service tokens none of them: a personal access token, or create it on the page "Account settings > Webhooks").';

/** @throws FatalError that names the permission where the account itself is refused; of one subscription a 404 may be meant. */
async function permitted<Result>(accountId: number, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const kind = failureKind(error);
    if (kind !== 'missing_permission' && kind !== 'not_found') throw error;
    throw new FatalError(`The token may not manage the webhooks of account ${accountId}. ${PERMISSION}`, {
      cause: error,
    });
  }
}

const LIMIT = 100;

/** The service may give fewer rows than it was asked for: only rows that did not come tell the end. */
async function allRows(scope: SubscriptionScope, signal: AbortSignal): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (;;) {
    const page = await scope.api.list(listPath(scope), { limit: LIMIT, offset: rows.length }, signal);
    rows.push(...page.rows);
    if (page.rows.length === 0 || (page.total !== null && rows.length >= page.total)) return rows;
    if (rows.length > MOST) throw unreadable('its pages do not go on', new URL(listPath(scope), scope.api.origin));
  }
}

/** Nobody has so many. */
const MOST = 10_000;

/** The webhooks of an account that the token sees. @throws FatalError that names the permission it lacks. */
export async function listSubscriptions(scope: SubscriptionScope, signal: AbortSignal): Promise<Subscription[]> {
  const rows = await permitted(scope.accountId, allRows(scope, signal));
  const { items } = readRows('webhook', rows, subscriptionOf);
  return [...new Map(items.map((one) => [one.id, one])).values()];
}

const created = z.looseObject({ id: numberOrDigits.transform(String), hmac_secret: z.string().min(1).nullish() });

/** A webhook that was just made. Its secret is told this once. */
export interface CreatedSubscription {
  readonly id: string;
  /** Null when the service did not tell it. */
  readonly secret: string | null;
}

/** Makes a webhook. @throws FatalError that names the permission the token lacks. */
export async function createSubscription(
  scope: SubscriptionScope,
  wish: SubscriptionWish,
  signal: AbortSignal,
): Promise<CreatedSubscription> {
  const request = { method: 'POST', path: listPath(scope), body: bodyOf(wish) } as const;
  const { id, hmac_secret: secret } = await permitted(scope.accountId, scope.api.send(request, created, signal));
  return { id, secret: secret ?? null };
}

/** Changes a webhook to what is wished, and switches it on. */
export async function updateSubscription(
  scope: SubscriptionScope,
  { id, wish }: { readonly id: string; readonly wish: SubscriptionWish },
  signal: AbortSignal,
): Promise<void> {
  const request = { method: 'PUT', path: pathOf(scope, id), body: bodyOf(wish) } as const;
  await permitted(scope.accountId, scope.api.send(request, z.unknown(), signal));
}

/** Deletes a webhook. Gives false when there is none of that id. */
export async function deleteSubscription(scope: SubscriptionScope, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    await scope.api.send({ method: 'DELETE', path: pathOf(scope, id) }, z.unknown(), signal);
    return true;
  } catch (error) {
    if (failureKind(error) === 'not_found') return false;
    return permitted(scope.accountId, Promise.reject(error));
  }
}
