import type { ProxySettings } from '../config/proxy.ts';
import type { Fetch } from '../http/http.ts';
import { accessUrlOfApi } from '../sources/hosts.ts';
import { failed, ok, type Verdict } from './check.ts';
import { networkVerdict, proxyText } from './network.ts';
import { ACCESS_URLS } from './regions.ts';

/** How dbt is asked. */
export interface Wire {
  readonly fetch: Fetch;
  readonly proxies: ProxySettings | undefined;
  readonly signal: AbortSignal;
}

export interface HostFinding {
  readonly verdict: Verdict;
  /** By how many milliseconds the service's clock is ahead of ours; a second more or less means nothing. */
  readonly aheadMs?: number;
}

/** One of dbt's APIs, and how it is reached. */
interface Api {
  readonly name: string;
  /** A request that needs no token, or is refused in the API's own words for want of one. */
  readonly question: RequestInit;
  /** Which key of the file names its address when it does not follow from the access URL. */
  readonly key: string;
  readonly isUsualPath: (url: URL) => boolean;
}

const DISCOVERY: Api = {
  name: 'Discovery API endpoint',
  question: {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query Reach { __typename }' }),
  },
  key: 'the whole endpoint as discovery_url',
  isUsualPath: (url) => isUsualPath(url),
};

const ADMIN: Api = {
  name: 'Admin API',
  question: { headers: { accept: 'application/json' } },
  key: 'its host as admin_url',
  isUsualPath: () => true,
};

/** Asks a Discovery endpoint without the token: whether its name, its certificate and the way to it are good. */
export const reachHost = (endpoint: string, wire: Wire): Promise<HostFinding> =>
  reach(new URL(endpoint), DISCOVERY, wire);

/** The same of the host of an Admin API. */
export const reachAdmin = (origin: string, wire: Wire): Promise<HostFinding> =>
  reach(new URL('/api/v2/accounts/', origin), ADMIN, wire);

async function reach(url: URL, api: Api, { fetch, proxies, signal }: Wire): Promise<HostFinding> {
  try {
    const response = await fetch(url, { ...api.question, signal });
    const proxy = proxyText(url, proxies);
    const sentAt = Date.parse(response.headers.get('date') ?? '');
    return {
      verdict: judged(response, await isOfApi(response), { url, proxy, api }),
      ...(Number.isNaN(sentAt) ? {} : { aheadMs: sentAt - Date.now() }),
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return { verdict: networkVerdict(error, url) };
  }
}

/** Whether these are words of a dbt API: GraphQL, or the envelope that refusals come in. */
async function isOfApi(response: Response): Promise<boolean> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && ['data', 'errors', 'status'].some((key) => key in body);
  } catch {
    return false;
  }
}

interface Reached {
  readonly url: URL;
  readonly proxy: string | undefined;
  readonly api: Api;
}

function judged(response: Response, isApi: boolean, { url, proxy, api }: Reached): Verdict {
  const { status } = response;
  const { host } = url;
  if (status >= 300 && status < 400) return moved(response, url);
  if (status >= 500) {
    const mend = 'Try again in some minutes; the status page of dbt tells of disturbances.';
    return failed(`${host} answers, but with an error of its own (${status}).`, mend);
  }
  if (status === 407)
    return failed(`${proxy ?? 'A proxy'} wants a user name and a password (407).`, 'Put them into HTTPS_PROXY.');
  if (status === 404 && !api.isUsualPath(url)) return failed(`${url.href} is no ${api.name} (404).`, pathMend(url));
  // Whatever it says of our question without a token, these are the words of the API.
  if (isApi || status === 429) return ok(`${host} answers${proxy === undefined ? '' : ` through ${proxy}`}`);
  if (status === 403 || status === 401) {
    const mend = 'Ask who runs the network here, and whether the account restricts IP addresses.';
    return failed(
      `Something before ${host} refuses the request (${status}): these are not the words of the API.`,
      mend,
    );
  }
  const mend = `Write the access URL that ${ACCESS_URLS} shows, or ${api.key}.`;
  return failed(`${url.href} is no ${api.name}: it answers with ${what(response)}.`, mend);
}

/** The Discovery API is at `/graphql`, on every host that is known. */
export const isUsualPath = ({ pathname }: URL): boolean => /\/graphql\/?$/.test(pathname);

/** What to write instead of an endpoint whose path is an unusual one. */
export const pathMend = ({ origin }: URL): string =>
  `Correct discovery_url: the path of a Discovery API is /graphql, so it is probably ${origin}/graphql.`;

function what(response: Response): string {
  const type = response.headers.get('content-type') ?? '';
  const page = type.includes('html') ? 'a web page' : 'something else than the API does';
  return response.status === 200 ? page : `${page} (${response.status})`;
}

function moved(response: Response, url: URL): Verdict {
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  // Addresses such as javascript: have no host.
  const message = `${url.host} sends its callers to ${target?.host || 'another address'} (${response.status}).`;
  const access = target === undefined ? undefined : accessUrlOfApi(target.href);
  const mend =
    access === undefined
      ? `Write the access URL that ${ACCESS_URLS} shows.`
      : `Compare with ${ACCESS_URLS}, and write access_url: ${access}`;
  return failed(message, `The access URL has moved, and the token is not sent after it. ${mend}`);
}
