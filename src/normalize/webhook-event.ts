import { createHash } from 'node:crypto';
import { z } from 'zod';
import { maskEmails } from '../domain/emails.ts';
import { STATUS_WORDS } from '../domain/run-status.ts';
import type { WebhookEvent } from '../domain/webhook.ts';
import { id, instant, jsonObject, keyText } from './scalars.ts';

type Json = Readonly<Record<string, unknown>>;

/** What cannot be read of an event is as good as not told: the rest of it may still be of use. */
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().catch(null);

const text = orNull(z.string());
const words = orNull(z.string().max(200));
const number = orNull(id);
const time = orNull(instant);

/** Ids come as numbers or as text, and old forms lack some of them. */
const rawEvent = z.object({
  eventId: orNull(keyText.min(1)),
  eventType: words,
  timestamp: time,
  accountId: number,
  data: z
    .object({
      projectId: number,
      environmentId: number,
      jobId: number,
      runId: number,
      runStatus: words,
      runStatusCode: number,
      runStatusMessage: text,
      runReason: text,
      runStartedAt: time,
      runFinishedAt: time,
      runErroredAt: time,
      dbtVersion: words,
    })
    .catch(() => NO_DATA),
});

const NO_DATA = {
  projectId: null,
  environmentId: null,
  jobId: null,
  runId: null,
  runStatus: null,
  runStatusCode: null,
  runStatusMessage: null,
  runReason: null,
  runStartedAt: null,
  runFinishedAt: null,
  runErroredAt: null,
  dbtVersion: null,
};

type RawEvent = z.output<typeof rawEvent>;

/** Spellings of webhooks that runs do not have. */
const SPELLINGS: Readonly<Record<string, string>> = { errored: 'error', canceled: 'cancelled' };
const BY_TYPE: Readonly<Record<string, string>> = { 'job.run.started': 'running', 'job.run.errored': 'error' };

/** Codes are compared, for the words of webhooks are others than those of the Admin API. */
function statusOf({ eventType, data: { runStatus, runStatusCode } }: RawEvent): string | null {
  const known = STATUS_WORDS[runStatusCode ?? Number.NaN];
  const told = runStatus?.trim().toLowerCase() || null;
  return known ?? (told && (SPELLINGS[told] ?? told)) ?? BY_TYPE[eventType ?? ''] ?? null;
}

/** What is said of nothing: an empty text, or the word that Python has for it. */
const orNothing = (said: string | null) => (said === null || /^\s*(None)?\s*$/.test(said) ? null : said);
const masked = (said: string | null) => (said === null ? null : maskEmails(cut(said)));

/** The same bytes have the same id, so that a delivery without one is no other when it comes again. */
export const idOfBytes = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Whether something can be read as an event at all: an object that is not nested beyond all measure. */
export const isEventLike = (raw: unknown): raw is Json => jsonObject.safeParse(raw).success;

/** Reads what a webhook sent. @param fallbackId the id of an event that has none of its own. */
export function webhookEvent(raw: Json, fallbackId: string): WebhookEvent {
  const event = rawEvent.parse(raw);
  const { data } = event;
  return {
    id: event.eventId ?? fallbackId,
    type: orNothing(event.eventType),
    sentAt: event.timestamp,
    accountId: event.accountId,
    projectId: data.projectId,
    environmentId: data.environmentId,
    jobId: data.jobId,
    runId: data.runId,
    status: statusOf(event),
    startedAt: data.runStartedAt,
    finishedAt: data.runFinishedAt ?? data.runErroredAt,
    reason: masked(orNothing(data.runReason)),
    message: masked(orNothing(data.runStatusMessage)),
    dbtVersion: orNothing(data.dbtVersion),
  };
}

/** Characters of one text, and of the whole, that are kept: a usual event has about a thousand. */
const LONGEST_TEXT = 2_000;
const LONGEST_BODY = 32_000;

const cut = (said: string) => (said.length <= LONGEST_TEXT ? said : `${said.slice(0, LONGEST_TEXT)}…`);

function keptText(raw: unknown): string {
  return JSON.stringify(raw, (_, value: unknown) => (typeof value === 'string' ? maskEmails(cut(value)) : value));
}

const picked = (raw: unknown, like: object) =>
  Object.fromEntries(Object.keys(like).map((key) => [key, (raw as Json | null | undefined)?.[key]]));

/** What is kept of what was sent, as JSON: texts cut, nobody's address, and of a body without measure what is read of it. */
export function keptBody(raw: Json): Json {
  const whole = keptText(raw);
  if (whole.length <= LONGEST_BODY) return JSON.parse(whole);
  const known = keptText({ ...picked(raw, rawEvent.shape), data: picked(raw.data, NO_DATA) });
  return known.length <= LONGEST_BODY ? JSON.parse(known) : {};
}
