import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { eventBody, post, type RunEvent } from './deliveries.ts';
import { failure, notFound, type Reply } from './envelope.ts';
import type { History, HistoryRun } from './history.ts';

const wished = z.object({
  name: z.string().min(1),
  client_url: z.string().min(1),
  event_types: z.array(z.string()).min(1),
  active: z.boolean(),
  description: z.string().min(1).optional(),
  job_ids: z.array(z.number().int()).default([]),
});

interface Delivery {
  id: string;
  type: string;
  payload: string;
  status: string;
}

interface Subscription {
  id: string;
  account: string;
  secret: string;
  wish: z.output<typeof wished>;
  deactivateReason: string | null;
  deliveries: Delivery[];
  since: string;
}

/** Of the two ways in which the service answers the request for a test. */
export type TestAnswer = 'status' | 'event';

/** A request below an account's `webhooks/`. */
export interface SubscriptionRequest {
  method: string;
  account: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

const MAX_LIMIT = 100;

/** Webhooks as the Admin API v3 keeps them: ids of jobs are told as text, times as microseconds, a secret only once. */
export class Subscriptions {
  readonly #all: Subscription[] = [];
  testAnswer: TestAnswer = 'status';

  async reply(request: SubscriptionRequest): Promise<Reply> {
    const { method, path } = request;
    if (path === 'subscriptions') {
      if (method === 'GET') return this.#list(request);
      return method === 'POST' ? this.#create(request) : notFound();
    }
    const [, id = '', rest = ''] = /^subscription\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
    const found = this.#of(request.account).find((one) => one.id === id);
    if (!found) return notFound();
    if (rest === '') return this.#one(found, request);
    if (method !== 'GET') return notFound();
    if (rest === 'test') return this.#test(found);
    if (rest === 'events') return told(found.deliveries.toReversed().map(deliveryJson));
    const [, eventId] = /^event\/([^/]+)\/receipt$/.exec(rest) ?? [];
    const delivery = found.deliveries.find((one) => one.id === eventId);
    return delivery ? told(receiptJson(delivery)) : notFound();
  }

  /** Switches a webhook off, as the service does after many failures. */
  deactivate(id: string, reason: string): void {
    for (const one of this.#all.filter((found) => found.id === id)) {
      one.wish.active = false;
      one.deactivateReason = reason;
    }
  }

  /** Tells of a run at every address that wants it, and gives what was answered. */
  async deliver(history: History, run: HistoryRun, type: RunEvent): Promise<string[]> {
    const wanted = this.#of(String(history.account.id)).filter(
      ({ wish }) =>
        wish.active &&
        wish.event_types.includes(type) &&
        (wish.job_ids.length === 0 || wish.job_ids.includes(run.job_id)),
    );
    const body = eventBody(history, run, type);
    return Promise.all(
      wanted.map((one) => this.#send(one, type, { webhookId: one.id, ...body, webhookName: one.wish.name })),
    );
  }

  #of(account: string): Subscription[] {
    return this.#all.filter((one) => one.account === account);
  }

  #list({ account, query }: SubscriptionRequest): Reply {
    const limit = Math.min(Number(query.get('limit') ?? 10), MAX_LIMIT);
    const offset = Number(query.get('offset') ?? 0);
    const rows = this.#of(account);
    const page = rows.slice(offset, offset + limit).map((one) => subscriptionJson(one));
    const pagination = { count: page.length, total_count: rows.length };
    return told(page, { filters: { offset, limit }, order_by: null, pagination });
  }

  #create({ account, body }: SubscriptionRequest): Reply {
    const read = wished.safeParse(body);
    if (!read.success) return invalid(read.error);
    const one: Subscription = {
      id: `wsu_${randomBytes(9).toString('base64url')}`,
      account,
      secret: `wsk_${randomBytes(15).toString('base64url')}`,
      wish: read.data,
      deactivateReason: null,
      deliveries: [],
      since: micros(),
    };
    this.#all.push(one);
    return {
      status: 201,
      body: { status: { code: 201 }, data: { ...subscriptionJson(one), hmac_secret: one.secret } },
    };
  }

  #one(found: Subscription, { method, body }: SubscriptionRequest): Reply {
    if (method === 'GET') return told(subscriptionJson(found));
    if (method === 'DELETE') {
      this.#all.splice(this.#all.indexOf(found), 1);
      return { status: 200, body: { status: { code: 200, is_success: true }, data: { id: found.id } } };
    }
    if (method !== 'PUT') return notFound();
    const read = wished.safeParse(body);
    if (!read.success) return invalid(read.error);
    const moves = read.data.client_url !== found.wish.client_url;
    found.wish = { ...read.data, active: read.data.active || moves };
    if (found.wish.active) found.deactivateReason = null;
    return told(subscriptionJson(found));
  }

  async #test(found: Subscription): Promise<Reply> {
    const sent = this.#send(found, 'test', {});
    if (this.testAnswer === 'event') {
      await sent;
      return told({ event_id: found.deliveries.at(-1)?.id });
    }
    return told({ verification_error: null, verification_status_code: await sent });
  }

  async #send(one: Subscription, type: string, body: object): Promise<string> {
    const payload = JSON.stringify(body);
    const status = await post(one.wish.client_url, one.secret, payload);
    one.deliveries.push({ id: `wev_${randomBytes(9).toString('base64url')}`, type, payload, status });
    return status;
  }
}

function told(data: unknown, extra?: object): Reply {
  return { status: 200, body: { status: { code: 200 }, data, ...(extra && { extra }) } };
}

function invalid({ issues }: z.ZodError): Reply {
  const fields = Object.fromEntries(issues.map(({ path, message }) => [path.join('.'), message]));
  return failure(400, 'The request was invalid. Please double check the provided data and try again.', fields);
}

const micros = () => `${Date.now()}000`;

function subscriptionJson({ id, account, wish, deactivateReason, since }: Subscription) {
  return {
    ...wish,
    id,
    account_identifier: null,
    account_id: account,
    job_ids: wish.job_ids.map(String),
    deactivate_reason: deactivateReason,
    created_at: since,
    updated_at: since,
  };
}

const deliveryJson = ({ id, type, payload, status }: Delivery) => ({
  id,
  job_id: null,
  trigger_event_type: type,
  payload,
  http_status_code: status,
});

const receiptJson = ({ payload, status }: Delivery) => ({
  request_headers: {},
  request_body: payload,
  response_body: '',
  http_status_code: status,
  error_info: /^2/.test(status) ? null : `status ${status}`,
});
