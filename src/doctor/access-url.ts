import { FatalError } from '../domain/errors.ts';
import { discoveryUrl } from '../sources/hosts.ts';
import { failed, ok, type Verdict, warning } from './check.ts';
import { ACCESS_URLS, hostForm } from './regions.ts';

/** Addresses that follow from a configuration; an undefined one cannot be asked. */
export interface Addresses {
  readonly verdict: Verdict;
  /** The whole Discovery endpoint. */
  readonly discovery: string | undefined;
  /** The Admin API's origin, which is that of the access URL. */
  readonly admin: string | undefined;
}

interface Configured {
  readonly accessUrl?: string | undefined;
  readonly discoveryUrl?: string | undefined;
}

/** The access URL that a Discovery or Semantic Layer address belongs to: `ab123.metadata.us1.dbt.com` is of `ab123.us1.dbt.com`. */
export function accessUrlOfApi(text: string): string | undefined {
  const url = new URL(text);
  const host = url.host.toLowerCase();
  const access = host.replace(/(^|\.)(metadata|semantic-layer)\./, '$1');
  return access === host ? undefined : `${url.protocol}//${access}`;
}

/** Which hosts a configuration means, judged by the addresses alone. */
export function addressesOf({ accessUrl, discoveryUrl: given }: Configured): Addresses {
  if (accessUrl === undefined) {
    const verdict = ok(
      `only discovery_url is given (${given}): nothing is asked of the Admin API, and rows have no links`,
    );
    return { verdict, discovery: given, admin: undefined };
  }
  const { origin, host } = new URL(accessUrl);
  try {
    const discovery = given ?? discoveryUrl(accessUrl);
    return { verdict: judged(accessUrl), discovery, admin: origin };
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    const access = accessUrlOfApi(accessUrl);
    const mend = access === undefined ? `Write the address that ${ACCESS_URLS} shows.` : `Write access_url: ${access}`;
    const message =
      access === undefined ? error.message : `access_url is the address of an API (${host}), not of the account.`;
    return { verdict: failed(message, mend), discovery: undefined, admin: undefined };
  }
}

function judged(accessUrl: string): Verdict {
  const { origin, host, pathname, search, hash } = new URL(accessUrl);
  if (pathname !== '/' || search !== '' || hash !== '') {
    return warning('access_url has a path, which is left out.', `Write access_url: ${origin}`);
  }
  const form = hostForm(host);
  if (form.form === 'legacy') {
    const like = `https://<prefix>.${form.label ?? '<subdomain>'}.dbt.com`;
    return warning(
      `${host} is an address that dbt has given up: it may stop to answer at any time.`,
      `Write the access URL that ${ACCESS_URLS} shows; it is like ${like}.`,
    );
  }
  return ok(form.form === 'region' ? `${origin}, ${form.region}` : origin);
}
