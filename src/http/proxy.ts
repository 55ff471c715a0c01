import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

/** Which proxies to go through; hosts in `noProxy` are asked directly. */
export interface Proxies {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/**
 * A plain `fetch` through a proxy. Node's own `fetch` knows no proxies before version 24, and an agent of another
 * undici does not fit it, so both come from the package.
 */
export function proxiedFetch({ httpProxy, httpsProxy, noProxy }: Proxies): (request: Request) => Promise<Response> {
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  });
  return async (request) => {
    const { url, method, signal, redirect } = request;
    const body = method === 'GET' ? null : await request.text();
    const headers = Object.fromEntries(request.headers);
    const response = await undiciFetch(url, { method, headers, body, signal, redirect, dispatcher });
    return response as unknown as Response;
  };
}
