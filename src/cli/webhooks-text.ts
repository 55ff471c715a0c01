import type { Subscribed } from '../app/webhooks/subscribe.ts';
import type { RecentDeliveries, TestDelivery } from '../sources/admin/deliveries.ts';
import type { Subscription } from '../sources/admin/subscriptions.ts';
import { counted, plain } from './format.ts';
import { type Cell, table } from './table.ts';

/** A webhook with what came of its last deliveries, if that is known. */
export interface Listed {
  readonly subscription: Subscription;
  readonly recent: RecentDeliveries | null;
}

const subscriptionJson = ({ id, name, url, isActive, events, jobIds, deactivateReason }: Subscription) => ({
  id,
  name,
  url,
  active: isActive,
  events,
  job_ids: jobIds,
  deactivate_reason: deactivateReason,
});

/** The secret itself is in its file. */
export function createdJson({ subscription, how }: Subscribed, path: string | undefined) {
  return { ...subscriptionJson(subscription), outcome: how, secret_file: how === 'created' ? (path ?? null) : null };
}

export interface SecretPlace {
  readonly name: string;
  readonly path: string | undefined;
  /** A file was asked for, and there is none, for the webhook was there already. */
  readonly isMissed: boolean;
  /** Undefined when it is in a file. */
  readonly secret: string | undefined;
}

const NO_SECRET =
  'dbt tells the secret only when a webhook is made: keep the one that is configured, or delete this webhook and create it anew';

/** What there is now, and what is to be done with its secret. */
export function createdText({ subscription, how }: Subscribed, { name, path, secret, isMissed }: SecretPlace): string {
  const { id, url, events, jobIds } = subscription;
  const jobs = jobIds.length === 0 ? 'every job of the account' : `job ${jobIds.join(', ')}`;
  const told = `dbt tells ${plain(url)} of ${events.map(plain).join(', ')} of ${jobs} (webhook ${plain(id)}).\n`;
  if (how !== 'created') {
    const before = how === 'found' ? 'It was there already.' : 'It was there already, and is switched on now.';
    if (!isMissed) return `${told}${before} ${NO_SECRET}.\n`;
    return `${told}${before} ${NO_SECRET}:\n  dbt-observer webhooks delete ${name} --id ${plain(id)}\n${path} was not written.\n`;
  }
  const entry =
    path === undefined
      ? 'webhook: { secrets: ["$' + '{DBT_WEBHOOK_SECRET}"] }'
      : `webhook: { secret_files: [${path}] }`;
  const kept =
    path === undefined ? `Its secret, which is told only this once:\n${secret}\n` : `Its secret is in ${path}.\n`;
  return `${told}${kept}Give it to "${name}" in the configuration: ${entry}\n`;
}

export const listedJson = (listed: readonly Listed[]) =>
  listed.map(({ subscription, recent }) => ({
    ...subscriptionJson(subscription),
    recent_deliveries: recent?.deliveries ?? null,
    recent_failures: recent?.failures ?? null,
  }));

/** The webhooks as a table. */
export function listedText(listed: readonly Listed[], width: number | undefined): string {
  if (listed.length === 0) return 'The account has no webhook that this token sees.\n';
  const rows = listed.map(({ subscription, recent }): Cell[] => {
    const { id, name, url, isActive, events, jobIds, deactivateReason } = subscription;
    const state = isActive ? 'active' : `off${deactivateReason === null ? '' : `: ${deactivateReason}`}`;
    const failures = recent === null ? null : `${recent.failures} of ${recent.deliveries}`;
    const kinds = events.map((event) => event.replace(/^job\.run\./, '')).join(', ');
    return [id, name, state, kinds, jobIds.length === 0 ? 'all' : jobIds.join(', '), failures, url];
  });
  const headers = ['id', 'name', 'state', 'events', 'jobs', 'failed', 'url'];
  return table({ headers, rows, width, whole: ['id', 'failed'] });
}

/** What is to be mended when our own server refused a delivery, which has reasons of its own for both; else null. */
export function refusalHint(name: string, { isDelivered, status }: TestDelivery): string | null {
  if (isDelivered !== false) return null;
  const restart = 'and restart serve, which reads it when it starts';
  if (status === '401') {
    return `The server there does not have the secret of this webhook: name it in the configuration of "${name}" (webhook.secret_files or webhook.secrets) ${restart}. If the secret is lost, delete the webhook and create it again.`;
  }
  if (status === '404') {
    return `Nothing takes webhooks there: name the secret in the configuration of "${name}" (webhook.secret_files or webhook.secrets) ${restart}; or correct the address: delete the webhook and create it again.`;
  }
  return null;
}

/** What came of a test delivery. */
export function testText({ id, url }: Subscription, tested: TestDelivery, hint: string | null): string {
  const { isDelivered, status, error } = tested;
  const where = `${plain(url)} (webhook ${plain(id)})`;
  if (isDelivered === null) return `dbt sent a test to ${where}, and does not say yet what came of it.\n`;
  const said = status === null ? '' : ` with ${plain(status)}`;
  if (isDelivered) return `dbt sent a test to ${where}, which was answered${said}.\n`;
  const why = error === null ? `it was answered${said}` : plain(error);
  return `dbt could not deliver a test to ${where}: ${why}.\n${hint === null ? '' : `${hint}\n`}`;
}

export const deletedText = (ids: readonly string[]): string =>
  `${counted(ids.length, 'webhook')} deleted: ${ids.map(plain).join(', ')}. Its secret can go from the configuration.\n`;
