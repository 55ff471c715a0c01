import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Secret } from '../domain/secret.ts';
import type { Delivery, ReceivedEvent, WebhookEvent } from '../domain/webhook.ts';
import type { Logger } from '../log.ts';
import { idOfBytes, isEventLike, keptBody, webhookEvent } from '../normalize/webhook-event.ts';
import { createNudge, type Nudge } from './nudge.ts';
import { isSignatureLike, isSigned } from './signature.ts';

/** What a delivery was answered with: the last ones are refusals. */
export type DeliveryOutcome =
  | Delivery
  /** Older than anything that is kept, so that nobody could tell whether it came before. */
  | 'old'
  | 'unknown_integration'
  | 'unsigned'
  | 'malformed'
  | 'wrong_type'
  | 'too_large'
  /** The database did not take it in time: dbt sends it again. */
  | 'unavailable';

export interface WebhookReceiver {
  /** The secrets of each integration that takes webhooks; any of them may have signed. */
  readonly secrets: ReadonlyMap<string, readonly Secret[]>;
  /** Keeps an event, once. It is answered when this has settled. */
  store(integration: string, event: ReceivedEvent): Promise<Delivery>;
  /** Has the events of an integration handled soon. What is lost of it is found later, for the events are stored. */
  requestEvents(integration: string): Promise<unknown>;
  /** Seconds. An event that is older by its own time is answered and forgotten: the ids of such are not kept. */
  readonly maxAgeS: number;
  readonly onDelivery?: (outcome: DeliveryOutcome) => void;
}

/** Deliveries have about a thousand bytes. */
const MAX_BYTES = 256 * 1024;
/** dbt waits for ten seconds and sends the event again. */
const STORE_MS = 8_000;
const PATH = '/webhooks/dbt/:integration';

const STATUS: { readonly [outcome in DeliveryOutcome]: number } = {
  stored: 200,
  duplicate: 200,
  old: 200,
  unknown_integration: 404,
  unsigned: 401,
  malformed: 400,
  wrong_type: 415,
  too_large: 413,
  unavailable: 503,
};

/** What is said beside the status: nothing of what was sent. */
const SENTENCES: { readonly [outcome in DeliveryOutcome]?: string } = {
  unknown_integration: 'Nothing takes webhooks here.',
  unsigned: 'The signature does not fit.',
  malformed: 'The body is not JSON.',
  wrong_type: 'The body must be application/json.',
  too_large: 'The body is too large.',
  unavailable: 'The event could not be stored now: send it again.',
};

/** Refusals by the status with which the server itself ends a request. */
const BY_STATUS: { readonly [status: number]: DeliveryOutcome } = {
  400: 'malformed',
  413: 'too_large',
  415: 'wrong_type',
};

type Route = { Params: { integration: string } };
type Asked = FastifyRequest<Route>;

/** Adds the route that takes webhooks. Gives what still asks for work when the server ends. */
export function addWebhooks(server: FastifyInstance, receiver: WebhookReceiver, logger: Logger): Nudge {
  const nudge = createNudge(
    (integration) => receiver.requestEvents(integration),
    (integration, error) => logger.warn({ integration, error: messageOf(error) }, 'webhook events wait'),
  );
  const end = createAnswers(receiver, logger);
  const known = ({ params }: Asked) => (receiver.secrets.has(params.integration) ? params.integration : null);

  async function refuseEarly(request: Asked, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (known(request) === null) return end(reply, 'unknown_integration', null);
    if (!isSignatureLike(request.headers.authorization)) return end(reply, 'unsigned', known(request));
    return undefined;
  }

  async function take(request: Asked, reply: FastifyReply): Promise<FastifyReply> {
    const { integration } = request.params;
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const isGood = isSigned(bytes, request.headers.authorization, receiver.secrets.get(integration) ?? []);
    if (!isGood) return end(reply, 'unsigned', integration);
    const read = eventIn(bytes);
    if (read === null) return end(reply, 'malformed', integration);
    const outcome = await keep({ receiver, logger }, integration, read);
    if (outcome === 'stored') nudge(integration);
    return end(reply, outcome, integration);
  }

  server.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: unknown) => body);
    routes.setErrorHandler((error: { statusCode?: number }, request, reply) => {
      const outcome = BY_STATUS[error.statusCode ?? 0] ?? 'unavailable';
      return end(reply, outcome, known(request as Asked));
    });
    routes.post<Route>(PATH, { bodyLimit: MAX_BYTES, onRequest: refuseEarly }, take);
  });
  return nudge;
}

type End = (reply: FastifyReply, outcome: DeliveryOutcome, integration: string | null) => FastifyReply;

/** How deliveries are answered, which is told to whoever counts them; refusals are logged. */
function createAnswers({ onDelivery }: WebhookReceiver, logger: Logger): End {
  const refusals = createRefusalLog(logger);
  return (reply, outcome, integration) => {
    onDelivery?.(outcome);
    const status = STATUS[outcome];
    if (status >= 400) refusals(outcome, integration);
    if (outcome === 'unavailable') reply.header('retry-after', '5');
    const sentence = SENTENCES[outcome];
    return reply.code(status).send(sentence === undefined ? { status: outcome } : { error: sentence });
  };
}

interface Keeping {
  readonly receiver: WebhookReceiver;
  readonly logger: Logger;
}

async function keep(
  { receiver, logger }: Keeping,
  integration: string,
  { event, body }: Read,
): Promise<DeliveryOutcome> {
  const { id, type, sentAt, runId } = event;
  const about = { integration, event_id: id, event_type: type, run_id: runId };
  const ageS = sentAt === null ? 0 : (Date.now() - Date.parse(sentAt)) / 1_000;
  if (ageS > receiver.maxAgeS) {
    logger.info({ ...about, sent_at: sentAt }, 'webhook is too old');
    return 'old';
  }
  try {
    const outcome = await inTime(receiver.store(integration, { id, type, sentAt, body }));
    logger.info({ ...about, outcome }, 'webhook received');
    return outcome;
  } catch (error) {
    logger.error({ ...about, error: messageOf(error) }, 'webhook not stored');
    return 'unavailable';
  }
}

interface Read {
  readonly event: WebhookEvent;
  readonly body: unknown;
}

/** Nothing at all, or something that is no object, is no run's event, but may be what a test sends; null: no JSON. */
function eventIn(bytes: Buffer): Read | null {
  const text = bytes.toString('utf8').trim();
  let raw: unknown;
  try {
    raw = text === '' ? {} : JSON.parse(text);
  } catch {
    return null;
  }
  const object = isEventLike(raw) ? raw : {};
  return { event: webhookEvent(object, idOfBytes(bytes)), body: keptBody(object) };
}

function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The database did not answer in time.')), STORE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const LOG_EVERY_MS = 60_000;

/** Logs refusals, of each kind and integration once a minute at most: whoever sends rubbish must not fill the log. */
function createRefusalLog(logger: Logger): (outcome: DeliveryOutcome, integration: string | null) => void {
  const told = new Map<string, { at: number; since: number }>();
  return (outcome, integration) => {
    const key = `${outcome} ${integration}`;
    const last = told.get(key);
    if (last && Date.now() - last.at < LOG_EVERY_MS) {
      last.since++;
      return;
    }
    told.set(key, { at: Date.now(), since: 0 });
    logger.warn({ integration, outcome, ...(last?.since && { unlogged: last.since }) }, 'webhook refused');
  };
}
