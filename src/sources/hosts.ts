import { FatalError } from '../domain/errors.ts';

/** Hosts of login pages: an access URL has the account's prefix before the region. */
const BARE_REGION = /^(login|(us|eu|au|jp)\d+)\.dbt\.com$/;
/** Hosts that all accounts of a region once shared; the prefix rule does not hold for them. */
const SHARED = new Set(['emea.dbt.com', 'au.dbt.com']);

function parse(accessUrl: string): URL {
  const url = URL.canParse(accessUrl) ? new URL(accessUrl) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new FatalError(
    'access_url is not a web address: give the one that "Account settings > Access URLs" shows, with https:// before it.',
  );
}

/**
 * The Discovery endpoint that belongs to an account's access URL: `ab123.us1.dbt.com` has
 * `ab123.metadata.us1.dbt.com/graphql`; legacy and own hosts have `metadata.` before the whole name
 * (docs.getdbt.com, "Query the Discovery API").
 * @throws FatalError when the URL cannot be an access URL.
 */
export function discoveryUrl(accessUrl: string): string {
  const { protocol, hostname, port } = parse(accessUrl);
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (/(^|\.)(metadata|semantic-layer)\./.test(host)) {
    throw new FatalError(
      `access_url names the API host ${host}: give the account's access URL instead, or the endpoint as discovery_url.`,
    );
  }
  if (/^[\d.]+$|^\[/.test(host)) {
    throw new FatalError(`access_url ${host} is an IP address, which has no API host of its own: give discovery_url.`);
  }
  if (BARE_REGION.test(host)) {
    throw new FatalError(
      `access_url ${host} lacks the account's prefix: "Account settings > Access URLs" shows the whole address, such as ab123.${host}.`,
    );
  }
  const [prefix, ...rest] = host.split('.');
  const isPrefixed = host.endsWith('.dbt.com') && !SHARED.has(host);
  const name = isPrefixed ? `${prefix}.metadata.${rest.join('.')}` : `metadata.${host}`;
  return `${protocol}//${name}${port === '' ? '' : `:${port}`}/graphql`;
}
