import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { onTestFinished } from 'vitest';

/** Codes in place of a protocol version (PostgreSQL, "Message Formats": SSLRequest, GSSENCRequest, CancelRequest). */
const ENCRYPTION = [80877103, 80877104];
const CANCEL = 80877102;

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const numbers = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, 4 * index);
  return bytes;
};
const setting = (name: string, value: string) => message('S', Buffer.from(`${name}\0${value}\0`));
const WELCOME = Buffer.concat([
  message('R', numbers(0)),
  setting('client_encoding', 'UTF8'),
  setting('server_version', '16.0'),
  setting('DateStyle', 'ISO, MDY'),
  message('K', numbers(1, 1)),
  message('Z', Buffer.from('I')),
]);

/** Whole messages of a stream; what is cut off stays for the next call. */
function messagesOf(pending: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let rest = pending;
  while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
    const length = 1 + rest.readInt32BE(1);
    messages.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return { messages, rest };
}

/** Sessions of the real server, of which each transaction gets the one that has been free the longest. */
class Sessions {
  readonly #free: Socket[] = [];
  readonly #events = new EventEmitter();

  static async open(url: string, count: number): Promise<Sessions> {
    const sessions = new Sessions();
    for (let made = 0; made < count; made++) {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      await client.connect();
      // From here on the library only keeps the session open; what goes over it is ours.
      const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
      stream.removeAllListeners('data').on('error', () => undefined);
      onTestFinished(
        () =>
          void stream
            .removeAllListeners()
            .on('error', () => undefined)
            .destroy(),
      );
      sessions.#free.push(stream);
    }
    return sessions;
  }

  async take(): Promise<Socket> {
    for (;;) {
      const session = this.#free.shift();
      if (session !== undefined) return session;
      await once(this.#events, 'free');
    }
  }

  give(session: Socket): void {
    this.#free.push(session);
    this.#events.emit('free');
  }
}

/** Serves one client: a session is its own from its first message until the server says that no transaction is open. */
function serve(client: Socket, sessions: Sessions): void {
  let pending: Buffer = Buffer.alloc(0);
  let hasStarted = false;
  let session: Promise<Socket> | undefined;
  const start = () => {
    const code = pending.readInt32BE(4);
    pending = pending.subarray(pending.readInt32BE(0));
    if (code === CANCEL) return void client.end();
    if (ENCRYPTION.includes(code)) return void client.write('N');
    hasStarted = true;
    client.write(WELCOME);
  };
  const lend = async (): Promise<Socket> => {
    const lent = await sessions.take();
    let answer: Buffer = Buffer.alloc(0);
    lent.on('data', (bytes: Buffer) => {
      const { messages, rest } = messagesOf(Buffer.concat([answer, bytes]));
      answer = rest;
      const isDone = messages.some((one) => one[0] === 0x5a && one[5] === 0x49);
      if (isDone) {
        lent.removeAllListeners('data');
        session = undefined;
      }
      if (client.writable) client.write(Buffer.concat(messages));
      if (isDone) sessions.give(lent);
    });
    return lent;
  };
  client.on('error', () => undefined);
  client.on('close', () => void session?.then((lent) => lent.write(message('Q', Buffer.from('rollback\0')))));
  client.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (!hasStarted && pending.length >= 8 && pending.length >= pending.readInt32BE(0)) start();
    if (!hasStarted) return;
    const { messages, rest } = messagesOf(pending);
    pending = rest;
    const asked = messages.filter((one) => one[0] !== 0x58);
    if (asked.length === 0) return;
    session ??= lend();
    void session.then((lent) => lent.write(Buffer.concat(asked)));
  });
}

/** A pooler before a database that gives each transaction another session, and its connection string. */
export async function transactionPooler(url: string, count: number): Promise<string> {
  const sessions = await Sessions.open(url, count);
  const server = createServer((client) => serve(client, sessions)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const pooled = new URL(url);
  pooled.hostname = '127.0.0.1';
  pooled.port = String((server.address() as AddressInfo).port);
  return pooled.href;
}
