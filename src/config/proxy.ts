import { FatalError } from '../domain/errors.ts';

/** Proxies as the environment names them, as URLs; a variable that is not set is undefined. */
export interface ProxySettings {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Hosts that are asked directly, separated by commas. */
  readonly noProxy: string | undefined;
}

/** `host:port` as other programs take it, with a user name and a password if need be. */
const WITHOUT_SCHEME = /^([^@/\s]+@)?([\w.-]+|\[[\da-f:.]+\]):\d+\/?$/i;
const HOW = 'give the address of an HTTP proxy, such as http://proxy.example.com:3128';

/** The value is never repeated, for it may hold a password. */
function readProxy(variable: string, value: string): string {
  const text = value.trim();
  if (/^socks/i.test(text)) {
    throw new FatalError(`${variable} names a SOCKS proxy, and those cannot be used: ${HOW}.`);
  }
  const isPlain = !text.includes('://');
  const whole = isPlain ? `http://${text}` : text;
  const url = URL.canParse(whole) && (!isPlain || WITHOUT_SCHEME.test(text)) ? new URL(whole) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  // An "@" after the host means that the host is a piece of a password.
  if (url && isWeb && !`${url.pathname}${url.search}${url.hash}`.includes('@')) return whole;
  throw new FatalError(
    `${variable} is not the address of a proxy: ${HOW} (special characters of a password percent-encoded), or unset it.`,
  );
}

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either case; undefined when no proxy is set.
 * @throws FatalError that names the variable of which no proxy can be made.
 */
export function proxyFromEnvironment(env: NodeJS.ProcessEnv = process.env): ProxySettings | undefined {
  const proxyOf = (...variables: string[]) => {
    const variable = variables.find((name) => env[name]);
    return variable === undefined ? undefined : readProxy(variable, env[variable] ?? '');
  };
  const httpProxy = proxyOf('http_proxy', 'HTTP_PROXY');
  const httpsProxy = proxyOf('https_proxy', 'HTTPS_PROXY');
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  return { httpProxy, httpsProxy, noProxy: env.no_proxy || env.NO_PROXY || undefined };
}
