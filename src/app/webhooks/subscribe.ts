import type { IntegrationConfig } from '../../config/types.ts';
import { FatalError, SyncError } from '../../domain/errors.ts';
import { onlyAccount } from '../../sources/admin/only-account.ts';
import {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  type Subscription,
  type SubscriptionScope,
  type SubscriptionWish,
  updateSubscription,
} from '../../sources/admin/subscriptions.ts';
import { adminApiOf, loggedAsking, type Telling } from '../asking.ts';

/** Whose webhooks an integration's are. @throws FatalError when there is no one account to be asked. */
export async function subscriptionsOf(
  integration: IntegrationConfig,
  telling: Telling,
  signal: AbortSignal,
): Promise<SubscriptionScope> {
  const { name } = integration;
  if (integration.source === 'files') {
    throw new FatalError(`"${name}" reads a folder (source: files), of which dbt has no webhooks.`);
  }
  const api = adminApiOf(
    integration,
    loggedAsking(telling, () => ({ integration: name })),
  );
  if (api === null) {
    throw new FatalError(`Webhooks are made through the Admin API: give "${name}" access_url or admin_url.`);
  }
  return { api, accountId: integration.accountId ?? (await onlyAccount(api, signal)) };
}

/** Takes the secret of a webhook, which dbt tells only once. */
export interface SecretKeeper {
  /** Makes sure that it can be kept, before there is one. @throws FatalError when it cannot be. */
  prepare(): Promise<void>;
  keep(secret: string): Promise<void>;
  /** There will be none. */
  discard(): Promise<void>;
}

/** How there is a webhook now. */
export interface Subscribed {
  readonly subscription: Subscription;
  /** `found`: it was there, and says all that is wanted. */
  readonly how: 'created' | 'changed' | 'found';
}

const sameUrl = (one: string, other: string) => URL.canParse(one) && new URL(one).href === new URL(other).href;

/** Of an address at most one is left: each further one would have everything told twice. */
export const withUrl = (all: readonly Subscription[], url: string): Subscription[] =>
  all.filter((one) => sameUrl(one.url, url)).toSorted((a, b) => Number(b.isActive) - Number(a.isActive));

export interface SubscribeOptions {
  readonly scope: SubscriptionScope;
  readonly wish: SubscriptionWish;
  readonly keeper: SecretKeeper;
  readonly signal: AbortSignal;
}

/**
 * Sees to it that dbt tells of runs at an address: a webhook that is there is switched on and told what is wanted, else
 * one is made and its secret kept.
 * @throws what went wrong; a webhook whose secret is lost is deleted again.
 */
export async function subscribe(options: SubscribeOptions): Promise<Subscribed> {
  const { scope, wish, signal } = options;
  const [known] = withUrl(await listSubscriptions(scope, signal), wish.url);
  return known === undefined ? makeNew(options) : switchOn(options, known);
}

/** What somebody else wanted of it stays: its name, its jobs, and other events. */
async function switchOn({ scope, wish, signal }: SubscribeOptions, known: Subscription): Promise<Subscribed> {
  const events = [...new Set([...known.events, ...wish.events])];
  if (known.isActive && events.length === known.events.length) return { subscription: known, how: 'found' };
  const changed = { ...known, name: known.name || wish.name, events };
  await updateSubscription(scope, { id: known.id, wish: changed }, signal);
  return { subscription: { ...changed, isActive: true, deactivateReason: null }, how: 'changed' };
}

async function makeNew(options: SubscribeOptions): Promise<Subscribed> {
  const { scope, wish, keeper, signal } = options;
  await keeper.prepare();
  try {
    const { id, secret } = await createSubscription(scope, wish, signal).catch((error: unknown) =>
      cleared(options, error),
    );
    await kept(options, { id, secret });
    const subscription = { ...wish, id, isActive: true, deactivateReason: null };
    return { subscription, how: 'created' };
  } catch (error) {
    await keeper.discard();
    throw error;
  }
}

/** What was asked for may have been made although no answer came, and then nobody knows its secret. */
async function cleared({ scope, wish }: SubscribeOptions, error: unknown): Promise<never> {
  if (!(error instanceof SyncError)) throw error;
  const { signal } = new AbortController();
  try {
    for (const { id } of withUrl(await listSubscriptions(scope, signal), wish.url)) {
      await deleteSubscription(scope, id, signal);
    }
  } catch (cause) {
    const look = 'Whether the webhook was made is not known: look with "webhooks list", and delete it if it is there.';
    throw new SyncError(`${error.message} ${look}`, { cause });
  }
  throw error;
}

async function kept(
  { scope, keeper }: SubscribeOptions,
  { id, secret }: { readonly id: string; readonly secret: string | null },
): Promise<void> {
  try {
    if (secret === null) throw new SyncError('dbt did not tell the secret of the webhook.');
    await keeper.keep(secret);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isGone = await deleteSubscription(scope, id, new AbortController().signal).catch(() => false);
    const now = isGone ? 'It was deleted again' : `Delete it with "webhooks delete … --id ${id}"`;
    throw new SyncError(`The secret of the new webhook could not be kept: ${why} ${now}, and create it anew.`, {
      cause: error,
    });
  }
}
