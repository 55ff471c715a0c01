import { z } from 'zod';
import { RejectError, SyncError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Traffic } from '../../domain/source.ts';
import type { AskInit } from '../../http/answer.ts';
import type { Fetch } from '../../http/http.ts';
import { failureKind, type Place, refused, unanswered, unreadable } from './failures.ts';
import { type Kept, keep } from './keep.ts';

export interface AdminApiOptions {
  /** The account's access URL, or the host given as admin_url; what follows the host is left out. */
  readonly url: string;
  /** The key of the configuration that it comes from; left out: access_url. */
  readonly setting?: Place['setting'];
  /** What links for people are made of, where that is another host. */
  readonly site?: string | undefined;
  readonly token: Secret;
  readonly fetch: Fetch;
  /** For artifacts, which take longer and are larger than anything else; its limit of bytes is theirs. */
  readonly fetchArtifact: Fetch;
}

/** Values of a query; lists are written as JSON in one parameter, and undefined ones are left out. */
export type Query = { readonly [name: string]: string | number | readonly (string | number)[] | undefined };

/** A request that does more than read. */
export interface Change {
  /** The service has a GET that sends something. */
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly path: string;
  readonly body?: object | undefined;
}

/** One page of a list, its rows unread. */
export interface RawPage {
  readonly rows: readonly unknown[];
  /** Rows behind all pages; null when the service does not count them. */
  readonly total: number | null;
}

/**
 * The Admin API of one host. Paths begin with `/api/` and end as the specification spells them, for a redirect would
 * be refused. Whatever goes wrong is a FatalError when a person must act first, else a SyncError; `failureKind` tells
 * them apart.
 */
export interface AdminApi {
  readonly origin: string;
  /** Where people look at what it tells of. */
  readonly site: string;
  /** What the envelope holds. */
  get<Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>>;
  list(path: string, query: Query, signal: AbortSignal): Promise<RawPage>;
  /**
   * Changes something, or has something done. It is asked once: who does not know whether it arrived must look before
   * asking again.
   */
  send<Schema extends z.ZodType>(request: Change, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>>;
  /**
   * Keeps an answer that has no envelope, in the file unless it is small.
   * @throws RejectError when it is larger than is allowed; nothing is left of the file when anything goes wrong.
   */
  keep(path: string, file: string, signal: AbortSignal): Promise<Kept>;
  traffic(): Traffic;
}

/** Every answer but artifacts comes in it (OpenAPI specification of the Admin API, ResponseStatus). */
const envelope = z.object({
  status: z.union([
    z.object({ code: z.number(), user_message: z.string().nullish() }),
    z.object({ is_success: z.boolean(), user_message: z.string().nullish() }),
  ]),
  data: z.unknown(),
  extra: z.object({ pagination: z.object({ total_count: z.int().nullish() }).nullish() }).nullish(),
});

type Envelope = z.output<typeof envelope>;

interface Asking extends Pick<AskInit, 'save' | 'method' | 'body' | 'retries'> {
  readonly by: Fetch;
  readonly accept: string;
  readonly signal: AbortSignal;
}

/** A client of the Admin API of one host. No request is made yet. */
export function createAdminApi(options: AdminApiOptions): AdminApi {
  const { url, setting = 'access_url', site = url, token, fetch, fetchArtifact } = options;
  const { origin } = new URL(url);

  async function ask(place: Place, { by, accept, ...init }: Asking): Promise<Response> {
    const type = init.body == null ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${token.reveal()}`, accept, ...type };
    try {
      return await by(place.url, { headers, ...init });
    } catch (error) {
      if (init.signal.aborted) throw init.signal.reason;
      throw error instanceof SyncError ? error : unanswered(error, place);
    }
  }

  async function envelopeOf(path: string, signal: AbortSignal, init: Partial<Asking> = {}): Promise<Envelope> {
    const place = { url: new URL(path, origin), setting, token };
    const response = await ask(place, { by: fetch, accept: 'application/json', signal, ...init });
    const text = await response.text();
    const body = envelopeIn(text);
    // What was made is told with a status of its own.
    const status = response.status === 200 || response.status === 201 ? statusIn(body) : response.status;
    if (status === 200 && body !== undefined) return body;
    // What begins as JSON and does not end as such broke off on its way.
    if (status === 200 && /^\s*\{/.test(text) && parse(text) === undefined) throw unreadable('it broke off', place.url);
    throw refused(refusalOf(status, body), place);
  }

  return {
    origin,
    site: new URL(site).origin,
    async get(path, schema, signal) {
      const { data } = await envelopeOf(path, signal);
      return readData(schema, data, new URL(path, origin));
    },
    async list(path, query, signal) {
      const { data, extra } = await envelopeOf(withQuery(path, query), signal);
      const rows = readData(z.array(z.unknown()), data, new URL(path, origin));
      return { rows, total: extra?.pagination?.total_count ?? null };
    },
    async send({ method, path, body }, schema, signal) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const { data } = await envelopeOf(path, signal, { method, retries: 0, ...sent });
      return readData(schema, data, new URL(path, origin));
    },
    async keep(path, file, signal) {
      const place = { url: new URL(path, origin), setting, token };
      let kept: Kept | undefined;
      const save = async (chunks: AsyncIterable<Uint8Array>) => {
        kept = await keep(file, chunks);
      };
      const response = await ask(place, { by: fetchArtifact, accept: '*/*', signal, save }).catch((error: unknown) => {
        throw failureKind(error) === 'oversized' ? tooLarge(error as Error, place.url) : error;
      });
      if (response.status === 200 && kept !== undefined) return kept;
      throw refused(refusalOf(response.status, envelopeIn(await response.text())), place);
    },
    traffic: () => sum(fetch, fetchArtifact),
  };
}

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return `${path}?${parameters}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function envelopeIn(text: string): Envelope | undefined {
  return envelope.safeParse(parse(text)).data;
}

/** The status in the envelope counts where that of HTTP says nothing. */
function statusIn(body: Envelope | undefined): number {
  const code = body !== undefined && 'code' in body.status ? body.status.code : 200;
  return code >= 400 ? code : 200;
}

function refusalOf(status: number, body: Envelope | undefined) {
  return { status, isEnveloped: body !== undefined, said: body?.status.user_message ?? null };
}

function readData<Schema extends z.ZodType>(schema: Schema, data: unknown, url: URL): z.output<Schema> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw unreadable(`${['data', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`, url);
}

function tooLarge({ message }: Error, { pathname, search }: URL): RejectError {
  return new RejectError(
    `${pathname}${search} is not read: ${message} Raise max_artifact_mb if there is memory for it.`,
  );
}

function sum(...fetches: readonly Fetch[]): Traffic {
  const all = [...new Set(fetches)].map((fetch) => fetch.traffic());
  const total = (of: (traffic: Traffic) => number) => all.reduce((before, traffic) => before + of(traffic), 0);
  return { requests: total(({ requests }) => requests), bytes: total(({ bytes }) => bytes) };
}
