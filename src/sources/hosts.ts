import { FatalError } from '../domain/errors.ts';

/**
 * Regions of the multi-tenant platform by the label in their access URLs (docs.getdbt.com, "Access, Regions, & IP
 * addresses").
 */
export const REGIONS: { readonly [label: string]: string } = {
  us1: 'North America (AWS)',
  us2: 'North America (Azure)',
  us3: 'North America (GCP)',
  eu1: 'Europe, Frankfurt (AWS)',
  eu2: 'Europe (Azure)',
  eu3: 'Europe, London (GCP)',
  eu4: 'Europe, Frankfurt (GCP)',
  au1: 'Australia (AWS)',
  jp1: 'Japan (AWS)',
};

/** Hosts that all accounts of a region once shared, and the region they have become. */
const SHARED: { readonly [host: string]: string } = {
  'cloud.getdbt.com': 'us1',
  'emea.dbt.com': 'eu1',
  'au.dbt.com': 'au1',
};

/** Hosts of login pages: an access URL has the account's prefix before the region. */
const BARE = /^(?:login|((?:us|eu|au|jp)\d+))\.dbt\.com$/;
const API = /(^|\.)(?:metadata|semantic-layer)\./;
const IP_ADDRESS = /^[\d.]+$|^\[/;

/** What the name of a host tells. */
export type HostForm =
  /** `ab123.us1.dbt.com` */
  | { readonly form: 'region'; readonly prefix: string; readonly label: string; readonly region: string }
  /** `ab123.eu9.dbt.com`: looks like a region, but is none that is known; or the subdomain of a single tenant. */
  | { readonly form: 'prefixed'; readonly prefix: string; readonly label: string | undefined }
  /** An address without the account's prefix, which dbt has given up; `label` is its region where there was one for all. */
  | { readonly form: 'legacy'; readonly label: string | undefined }
  /** `us1.dbt.com`, `login.dbt.com`: nobody's. */
  | { readonly form: 'bare'; readonly label: string | undefined }
  /** The host of an API, and the access host it belongs to: `ab123.metadata.us1.dbt.com` is of `ab123.us1.dbt.com`. */
  | { readonly form: 'api'; readonly accessHost: string }
  | { readonly form: 'ip_address' }
  /** A host of the account's own. */
  | { readonly form: 'other' };

/** Reads a host, with or without a port. */
export function hostForm(text: string): HostForm {
  const host = nameOf(text);
  if (API.test(host)) return { form: 'api', accessHost: host.replace(API, '$1') };
  if (IP_ADDRESS.test(host)) return { form: 'ip_address' };
  const bare = BARE.exec(host);
  if (bare !== null) return { form: 'bare', label: bare[1] };
  const shared = SHARED[host];
  if (shared !== undefined || host.endsWith('.getdbt.com')) return { form: 'legacy', label: shared };
  const [, prefix, label] = /^([^.]+)\.(?:(.+)\.)?dbt\.com$/.exec(host) ?? [];
  if (prefix === undefined) return { form: 'other' };
  const region = label === undefined ? undefined : REGIONS[label];
  return label === undefined || region === undefined
    ? { form: 'prefixed', prefix, label }
    : { form: 'region', prefix, label, region };
}

/** A host as it is compared: without its port and the dot that may end it. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

/** What is wrong with an address, and what to write instead. */
export interface AddressProblem {
  readonly message: string;
  readonly mend: string;
  /** Nothing is wrong with it beside a discovery_url. */
  readonly isGoodBeside?: true;
}

/** Why an address is not the access URL of an account, or why no API host follows from it; undefined when one does. */
export function accessUrlProblem(accessUrl: string): AddressProblem | undefined {
  const url = webAddress(accessUrl);
  if (url === undefined) {
    const mend = 'Give the one that "Account settings > Access URLs" shows, with https:// before it.';
    return { message: 'access_url is not a web address.', mend };
  }
  const { protocol, hostname, host } = url;
  const form = hostForm(hostname);
  switch (form.form) {
    case 'api': {
      const mend = `Write access_url: ${protocol}//${withPort(form.accessHost, url)} (an endpoint of its own is discovery_url).`;
      return { message: `access_url is the address of an API (${host}), not of the account.`, mend };
    }
    case 'ip_address': {
      const mend =
        'Give discovery_url, too, or write the access URL that "Account settings > Access URLs" shows instead.';
      return {
        message: `access_url ${host} is an IP address, from which no API host follows.`,
        mend,
        isGoodBeside: true,
      };
    }
    case 'bare': {
      const like = `https://ab123.${form.label ?? 'us1'}.dbt.com`;
      const mend = `Write the whole address that "Account settings > Access URLs" shows, such as ${like}.`;
      return { message: `access_url ${host} lacks the account's prefix.`, mend };
    }
    default:
      return undefined;
  }
}

/** The access URL that a Discovery or Semantic Layer address belongs to; undefined for any other address. */
export function accessUrlOfApi(text: string): string | undefined {
  const url = webAddress(text);
  const form = url === undefined ? undefined : hostForm(url.hostname);
  return url !== undefined && form?.form === 'api' ? `${url.protocol}//${withPort(form.accessHost, url)}` : undefined;
}

/**
 * The Discovery endpoint that belongs to an account's access URL: `ab123.us1.dbt.com` has
 * `ab123.metadata.us1.dbt.com/graphql`; legacy and own hosts have `metadata.` before the whole name
 * (docs.getdbt.com, "Query the Discovery API").
 * @throws FatalError when the URL cannot be an access URL.
 */
export function discoveryUrl(accessUrl: string): string {
  const problem = accessUrlProblem(accessUrl);
  if (problem !== undefined) throw new FatalError(`${problem.message} ${problem.mend}`);
  const url = new URL(accessUrl);
  const host = nameOf(url.hostname);
  const { form } = hostForm(host);
  const isPrefixed = form === 'region' || form === 'prefixed';
  const name = isPrefixed ? host.replace('.', '.metadata.') : `metadata.${host}`;
  return `${url.protocol}//${withPort(name, url)}/graphql`;
}

const withPort = (name: string, { port }: URL) => (port === '' ? name : `${name}:${port}`);

function webAddress(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}
