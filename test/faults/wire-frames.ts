/** One message of the client, whole: its type ('' for the first, which has none) and the text of a statement it carries. */
export interface Cut {
  readonly type: string;
  readonly statement: string | undefined;
  readonly bytes: Buffer;
}

/**
 * Cuts what a client says into its messages (https://www.postgresql.org/docs/current/protocol-message-formats.html):
 * a type of one byte, but not in the first one, and a length of four that counts itself.
 */
export class Reader {
  #rest = Buffer.alloc(0);
  #isGreeted = false;

  read(chunk: Buffer): Cut[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const cuts: Cut[] = [];
    for (let cut = this.#next(); cut !== undefined; cut = this.#next()) cuts.push(cut);
    return cuts;
  }

  #next(): Cut | undefined {
    const head = this.#isGreeted ? 1 : 0;
    if (this.#rest.length < head + 4) return undefined;
    const end = head + this.#rest.readInt32BE(head);
    if (this.#rest.length < end) return undefined;
    const bytes = this.#rest.subarray(0, end);
    const type = bytes.toString('latin1', 0, head);
    this.#rest = this.#rest.subarray(end);
    this.#isGreeted = true;
    return { type, bytes, statement: statementIn(type, bytes) };
  }
}

/** The statement of a simple query, or of a Parse, where the name it is to have stands before it. */
function statementIn(type: string, bytes: Buffer): string | undefined {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return undefined;
  const start = bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', start, bytes.indexOf(0, start));
}

/** ReadyForQuery is five bytes and a status: `Z`, the length 5, and `I`, `T` or `E`. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

/** The last bytes a server said, which tell whether it waits for the next statement. */
export class Tail {
  #bytes = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-6)]).subarray(-6);
  }

  isReady(): boolean {
    return this.#bytes.subarray(0, 5).equals(READY);
  }
}
