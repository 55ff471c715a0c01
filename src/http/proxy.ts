import type { ProxyAgent } from 'undici';
import type { ProxySettings } from '../config/proxy.ts';

/** A request that went through a proxy and brought no answer; the cause says why. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** Host and port, without a password. */
  readonly proxy: string;
  constructor(proxy: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.proxy = proxy;
  }
}

/** Whether one entry of NO_PROXY holds for a URL: a host and all below it, of one port if it names one. */
function isExempt(entry: string, { protocol, hostname, port }: URL): boolean {
  if (entry === '*') return true;
  const [, name = entry, wanted] = /^(.+):(\d+)$/.exec(entry) ?? [];
  const asked = port || (protocol === 'https:' ? '443' : '80');
  if (wanted !== undefined && wanted !== asked) return false;
  const host = name.replace(/^\*?\./, '').toLowerCase();
  return hostname === host || hostname.endsWith(`.${host}`);
}

/** The URL of the proxy that a URL is asked through; undefined when it is asked directly. */
export function proxyFor(url: URL, { httpProxy, httpsProxy, noProxy = '' }: ProxySettings): string | undefined {
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '');
  if (entries.some((entry) => isExempt(entry, url))) return undefined;
  return url.protocol === 'https:' ? (httpsProxy ?? httpProxy) : httpProxy;
}

/**
 * A plain `fetch` through proxies. Node's own `fetch` knows no proxies before version 24, and an agent of another
 * undici does not fit it, so both come from the package, which is loaded when there is a proxy to ask.
 * @throws ProxyError instead of what the network says.
 */
export function proxiedFetch(proxies: ProxySettings): (request: Request) => Promise<Response> {
  const agents = new Map<string, ProxyAgent>();
  return async (request) => {
    const { url, method, signal, redirect } = request;
    const proxy = proxyFor(new URL(url), proxies);
    if (proxy === undefined) return fetch(request);
    const body = method === 'GET' ? null : await request.text();
    const headers = Object.fromEntries(request.headers);
    const undici = await import('undici');
    const dispatcher = agents.get(proxy) ?? new undici.ProxyAgent(proxy);
    agents.set(proxy, dispatcher);
    try {
      const response = await undici.fetch(url, { method, headers, body, signal, redirect, dispatcher });
      return response as unknown as Response;
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ProxyError(new URL(proxy).host, error);
    }
  };
}
