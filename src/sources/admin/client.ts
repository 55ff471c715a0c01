import { z } from 'zod';
import type { Secret } from '../../domain/secret.ts';
import type { Fetch } from '../../http/http.ts';

/** Why the Admin API gave no data. A 404 in its own envelope means "not there, or not for this token". */
export type AdminRefusal = 'bad_token' | 'missing_permission' | 'wrong_host' | 'throttled' | 'down' | 'broken';

export type AdminAnswer<Data> =
  | { readonly kind: 'data'; readonly data: Data }
  | { readonly kind: AdminRefusal; readonly status: number | null; readonly error?: unknown };

export interface AdminClient {
  /** One GET; `path` begins after the host. What goes wrong is an answer too: nothing is thrown but an abort. */
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<AdminAnswer<z.output<Schema>>>;
}

export interface AdminClientOptions {
  /** Origin of the access URL. */
  readonly url: string;
  readonly token: Secret;
  readonly fetch: Fetch;
}

/** Every answer but artifacts comes in it (OpenAPI specification of the Admin API v2 and v3, ResponseStatus). */
const envelope = z.object({ status: z.object({ code: z.number() }), data: z.unknown() });

/** A client of the Admin API of one account's host. No request is made yet. */
export function createAdminClient({ url, token, fetch }: AdminClientOptions): AdminClient {
  return {
    async get(path, schema, signal) {
      let response: Response;
      try {
        const headers = { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' };
        response = await fetch(new URL(path, url), { headers, signal });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { kind: 'down', status: null, error };
      }
      const { status } = response;
      const body = await json(response);
      const enveloped = envelope.safeParse(body);
      if (status !== 200) return { kind: refusalOf(status, enveloped.success), status };
      if (!enveloped.success) return { kind: 'wrong_host', status };
      const read = schema.safeParse(enveloped.data.data);
      return read.success ? { kind: 'data', data: read.data } : { kind: 'broken', status, error: read.error };
    },
  };
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, isEnveloped: boolean): AdminRefusal {
  if (status === 401) return 'bad_token';
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'down';
  if (status === 403 || (status === 404 && isEnveloped)) return 'missing_permission';
  return status === 404 || status < 400 ? 'wrong_host' : 'broken';
}
