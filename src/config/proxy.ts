/** Proxies as the environment names them; a variable that is not set is undefined. */
export interface ProxySettings {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Hosts that are asked directly, separated by commas. */
  readonly noProxy: string | undefined;
}

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either case; undefined when no proxy is set. */
export function proxyFromEnvironment(env: NodeJS.ProcessEnv = process.env): ProxySettings | undefined {
  const httpProxy = env.http_proxy || env.HTTP_PROXY || undefined;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || undefined;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  return { httpProxy, httpsProxy, noProxy: env.no_proxy || env.NO_PROXY || undefined };
}
