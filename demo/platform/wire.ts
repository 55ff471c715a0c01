import type { ServerResponse } from 'node:http';
import { failure, notFound, type Reply, unauthorized } from './envelope.ts';
import type { Fault, FaultKind } from './faults.ts';

/** What goes over the socket. */
export interface Answer {
  status: number;
  type: string;
  bytes: Buffer;
  headers?: Record<string, string>;
}

export function jsonAnswer(status: number, body: object): Answer {
  return { status, type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
}

export function answerOf(reply: Reply): Answer {
  if ('bytes' in reply) return { status: reply.status, type: 'application/octet-stream', bytes: reply.bytes };
  return jsonAnswer(reply.status, reply.body);
}

const WIRE = new Set<FaultKind>([
  ...(['throttled', 'status', 'html', 'hang', 'redirect', 'unauthorized'] as const),
  ...(['reset', 'truncated', 'slow'] as const),
]);

/** True for faults that any request may meet, whatever it asks. */
export function isOfTheWire({ kind }: Fault): boolean {
  return WIRE.has(kind);
}

/** The answer of whatever stands in front of the API; `null` for faults that let the request come through. */
export function answerInstead(fault: Fault): Answer | 'never' | null {
  switch (fault.kind) {
    case 'hang':
      return 'never';
    case 'html':
      return web(200, 'Sign in');
    case 'status':
      return fault.html ? web(fault.status, `Error ${fault.status}`) : answerOf(failure(fault.status, 'Unavailable'));
    case 'redirect':
      return { status: 307, type: 'text/plain', bytes: Buffer.alloc(0), headers: { location: fault.location } };
    case 'throttled': {
      const answer = answerOf(failure(429, 'Request was throttled.'));
      return fault.retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': `${fault.retryAfter}` } };
    }
    case 'unauthorized':
      return refusal(fault.as);
    default:
      return null;
  }
}

function web(status: number, title: string): Answer {
  const bytes = Buffer.from(`<!doctype html><title>${title}</title><h1>${title}</h1>`);
  return { status, type: 'text/html', bytes };
}

/** Of a token that is not enough the service tells in one of four ways. */
function refusal(as: 401 | 403 | 404 | 200): Answer {
  if (as === 401) return answerOf(unauthorized());
  if (as === 403) return answerOf(failure(403, 'Forbidden: Access denied'));
  if (as === 404) return answerOf(notFound());
  return jsonAnswer(200, {
    errors: [{ message: 'No token was provided.', extensions: { code: 'UNAUTHENTICATED' } }],
  });
}

/** Sends an answer whole, or spoils it on its way as the fault says. */
export function send(response: ServerResponse, answer: Answer, fault: Fault | null = null): void {
  const { status, type, bytes } = answer;
  const head = { 'content-type': type, ...answer.headers };
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  if (fault?.kind === 'truncated') {
    response.writeHead(status, { ...head, 'content-length': half.length, connection: 'close' }).end(half);
    return;
  }
  response.writeHead(status, { ...head, 'content-length': bytes.length });
  if (fault?.kind === 'reset') response.write(half, () => response.socket?.resetAndDestroy());
  else if (fault?.kind === 'slow') drip(response, bytes, fault.bytesPerSecond);
  else response.end(bytes);
}

/** Ten times a second, or less often when not even one byte is due by then. */
function drip(response: ServerResponse, bytes: Buffer, bytesPerSecond: number): void {
  const every = Math.max(100, 1_000 / bytesPerSecond);
  const size = Math.max(1, Math.round((bytesPerSecond * every) / 1_000));
  let sent = 0;
  response.flushHeaders();
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + size));
    sent += size;
    if (sent >= bytes.length) response.end();
  }, every);
  // Whoever ends first, the client, the platform or the body: nothing is left running.
  response.once('close', () => clearInterval(timer));
}
