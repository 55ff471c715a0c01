import { type Answer, AnswerError, type Remedy } from '../../http/answer.ts';
import type { FailureKind } from './failures.ts';

/** An answer of the service that cannot be used: its kind, its status, and what the service says of it. */
export class RefusedAnswer extends AnswerError {
  override readonly name = 'RefusedAnswer';
  readonly kind: FailureKind;
  readonly status: number;
  readonly said: string;
  constructor(kind: FailureKind, { status, said = '', remedy }: { status: number; said?: string; remedy: Remedy }) {
    super(`${kind} (${status})`, remedy);
    this.kind = kind;
    this.status = status;
    this.said = said;
  }
}

interface ServiceError {
  readonly message: string;
  readonly code: string;
}

/** Of several that match, the first counts; the words of a refused query come first, for they name fields of ours. */
const SPOKEN: readonly (readonly [FailureKind, RegExp])[] = [
  [
    'different_api',
    /\b(GRAPHQL_(VALIDATION|PARSE)_FAILED|BAD_USER_INPUT)\b|Cannot query field|Unknown (argument|type) "/,
  ],
  ['too_complex', /\bCOMPLEXITY_EXCEEDED\b|exceeds the complexity limit/i],
  ['no_environment', /no data available for this input/i],
  ['bad_token', /\b(no|invalid|expired|missing|bad|unknown) token|unauthori[sz]ed|unauthenticated/i],
  ['missing_permission', /permission|forbidden|access denied/i],
  ['throttled', /rate.limit|too.many.requests/i],
  ['timeout', /time[ds]?[ _-]?out|deadline exceeded/i],
];

/** What may be better when it is asked again; an answer with status 400 never is. */
const REMEDIES: { readonly [kind in FailureKind]?: Remedy } = {
  throttled: 'pause',
  broken_answer: 'retry',
  service_error: 'retry',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function serviceErrors(errors: unknown): ServiceError[] {
  if (errors === undefined || errors === null) return [];
  const list: unknown[] = Array.isArray(errors) ? errors : [errors];
  return list.map((item) => {
    const { message, extensions } = isObject(item) ? item : { message: item, extensions: undefined };
    const code = isObject(extensions) && typeof extensions.code === 'string' ? extensions.code : '';
    return { message: typeof message === 'string' ? message : 'no message', code };
  });
}

/** GraphQL errors by what they say, for the codes of the service are not documented but for one. */
export function kindOfErrors(errors: readonly ServiceError[]): FailureKind {
  const said = errors.map(({ message, code }) => `${message} ${code}`).join('\n');
  return SPOKEN.find(([, pattern]) => pattern.test(said))?.[0] ?? 'service_error';
}

function refusal(errors: readonly ServiceError[], { status }: Answer, retryTimeouts: boolean): RefusedAnswer {
  const kind = kindOfErrors(errors);
  const again = kind === 'timeout' && retryTimeouts ? 'retry' : REMEDIES[kind];
  const remedy = status < 300 || again === 'pause' ? (again ?? 'stop') : 'stop';
  return new RefusedAnswer(kind, { status, said: errors[0]?.message ?? '', remedy });
}

/** What a status says that nobody need look into. */
function byStatus(status: number): FailureKind | undefined {
  if (status === 401) return 'bad_token';
  if (status === 403) return 'missing_permission';
  if (status === 404 || (status >= 300 && status < 400)) return 'wrong_host';
  return undefined;
}

export interface ReadOptions {
  /** Whether this place has given GraphQL before: then a web page is an accident on the way, else it is the wrong host. */
  readonly isKnown: boolean;
  readonly retryTimeouts: boolean;
}

/**
 * The data of an answer, when it is whole: data beside errors is refused.
 * @throws RefusedAnswer that says what is wrong and whether the same question may be better answered later.
 */
export function readAnswer(answer: Answer, { isKnown, retryTimeouts }: ReadOptions): Record<string, unknown> {
  const { status, body } = answer;
  const plain = byStatus(status);
  if (plain !== undefined) {
    const said = answer.headers.get('location') ?? '';
    throw new RefusedAnswer(plain, { status, said: plain === 'wrong_host' ? said : '', remedy: 'stop' });
  }
  const text = body.toString('utf8').trimStart();
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    result = undefined;
  }
  const errors = isObject(result) ? serviceErrors(result.errors) : [];
  if (errors.length > 0) throw refusal(errors, answer, retryTimeouts);
  if (status >= 300) throw new RefusedAnswer(status >= 500 ? 'down' : 'broken_answer', { status, remedy: 'stop' });
  if (isObject(result) && isObject(result.data)) return result.data;
  const isOurs = isKnown || text.startsWith('{');
  throw new RefusedAnswer(isOurs ? 'broken_answer' : 'wrong_host', {
    status,
    said: isObject(result) ? 'without data' : '',
    remedy: isOurs ? 'retry' : 'stop',
  });
}
