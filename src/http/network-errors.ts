import { ProxyError } from './proxy.ts';

/** Why no answer came, as far as the system can tell. */
export type NetworkFault =
  | 'unknown_host'
  | 'unresolved'
  | 'refused'
  | 'no_way'
  | 'timeout'
  | 'reset'
  | 'expired_certificate'
  | 'foreign_certificate'
  | 'untrusted_certificate'
  | 'no_tls'
  | 'proxy_refusal'
  | 'other';

/** What is known of a request that no answer came to. */
export interface NetworkFailure {
  readonly fault: NetworkFault;
  /** The system's own word, such as `ECONNREFUSED`; empty when it has none. */
  readonly code: string;
  /** Host and port of the proxy that the request went through, without a password. */
  readonly proxy: string | undefined;
  /** The status with which the proxy refused the connection. */
  readonly proxyStatus: number | undefined;
}

const FAULTS: { readonly [code: string]: NetworkFault } = {
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unresolved',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no_way',
  ENETUNREACH: 'no_way',
  EADDRNOTAVAIL: 'no_way',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  CERT_HAS_EXPIRED: 'expired_certificate',
  CERT_NOT_YET_VALID: 'expired_certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'foreign_certificate',
};

/** Families of codes, of which OpenSSL has too many to list. */
const FAMILIES: readonly (readonly [RegExp, NetworkFault])[] = [
  [/^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT)/, 'untrusted_certificate'],
  [/^(ERR_SSL_|EPROTO)/, 'no_tls'],
];

/** Each fault in words that follow "<host> cannot be reached: "; `other` has only its code. */
export const NETWORK_WORDS: { readonly [fault in Exclude<NetworkFault, 'other'>]: string } = {
  unknown_host: 'that host does not exist',
  unresolved: 'the name cannot be resolved now',
  refused: 'nothing answers there',
  no_way: 'there is no way to it',
  timeout: 'it does not answer in time',
  reset: 'the connection was reset or broke off',
  expired_certificate: 'its certificate has expired or is not valid yet',
  foreign_certificate: 'its certificate is that of another host',
  untrusted_certificate: 'its certificate cannot be verified (see NODE_EXTRA_CA_CERTS)',
  no_tls: 'it does not speak TLS',
  proxy_refusal: 'the proxy does not let the connection through',
};

/** An error and what it was caused by, the outermost first. */
function chain(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let one = error; one instanceof Error && !errors.includes(one); one = one.cause) {
    errors.push(one);
    // Several addresses of a name were tried: the first one's failure is as good as any.
    if (one instanceof AggregateError && one.errors[0] instanceof Error) errors.push(one.errors[0]);
  }
  return errors;
}

function faultOf(code: string, errors: readonly Error[]): NetworkFault {
  const family = FAMILIES.find(([pattern]) => pattern.test(code))?.[1];
  const byName = errors.some(({ name }) => name === 'TimeoutError') ? 'timeout' : 'other';
  return FAULTS[code] ?? family ?? byName;
}

/** What the system says of an attempt to ask a host, read from an error and its causes. */
export function networkFailure(error: unknown): NetworkFailure {
  const errors = chain(error);
  // The innermost is nearest to what happened; DOMExceptions have codes too, which are numbers.
  const codes = errors.map((one) => (one as { code?: unknown }).code).filter((code) => typeof code === 'string');
  const code = codes.at(-1) ?? '';
  const refusal = errors.map(({ message }) => /\bProxy response \((\d{3})\)/i.exec(message)?.[1]).find(Boolean);
  return {
    fault: refusal === undefined ? faultOf(code, errors) : 'proxy_refusal',
    code,
    proxy: errors.find((one) => one instanceof ProxyError)?.proxy,
    proxyStatus: refusal === undefined ? undefined : Number(refusal),
  };
}
