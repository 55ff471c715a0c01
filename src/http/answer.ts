/** One answer, its body read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer<ArrayBuffer>;
}

/** What is to be done about an answer that cannot be used: ask again, ask again once the host was left alone, or give up. */
export type Remedy = 'retry' | 'pause' | 'stop';

/** An answer came whole and cannot be used. Thrown by the check of a request, it fails the try that brought it. */
export class AnswerError extends Error {
  override readonly name: string = 'AnswerError';
  readonly remedy: Remedy;
  constructor(message: string, remedy: Remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** What a request says beside what `fetch` knows. */
export interface AskInit extends RequestInit {
  /**
   * Reads each answer as a part of its try, and throws an {@link AnswerError} when it is of no use. It takes what it
   * needs: the Response that the request ends with then has no body. Answers whose status alone is a reason to ask
   * again (408, 429, 5xx) do not come here.
   */
  readonly check?: (answer: Answer) => void;
  /**
   * Takes the body of a success while it comes, as a part of its try, so that it need not fit into memory. It is
   * called anew for every try; the Response that the request ends with then has no body.
   */
  readonly save?: (chunks: AsyncIterable<Uint8Array>) => Promise<unknown>;
  /** Tries after the first one, instead of the number that holds for all requests. */
  readonly retries?: number;
  /** Whether a try that took too long is made again; left out: yes. */
  readonly retryTimeouts?: boolean;
  /** Told when a try begins, which may be long after it was asked for. */
  readonly onTry?: () => void;
}
