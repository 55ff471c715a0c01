const MASK = '***';
const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A text that must not reach a log, an error, an answer or the database.
 * However it is printed (template, `String`, JSON, `util.inspect`, console) it reads `***`; only `reveal` gives the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; call it where the secret is used (a header, a connection) and keep the result nowhere. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect](): string {
    return MASK;
  }
}
