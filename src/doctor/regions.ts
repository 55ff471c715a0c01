/**
 * Regions of the multi-tenant platform by the label in their access URLs (docs.getdbt.com, "Access, Regions, & IP
 * addresses").
 */
const REGIONS: { readonly [label: string]: string } = {
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

/** What the name of an access host tells. */
export type HostForm =
  /** `ab123.us1.dbt.com` */
  | { readonly form: 'region'; readonly prefix: string; readonly label: string; readonly region: string }
  /** `ab123.eu9.dbt.com`: looks like a region, but is none that is known; or the subdomain of a single tenant. */
  | { readonly form: 'prefixed'; readonly prefix: string; readonly label: string }
  /** An address without the account's prefix, which dbt has given up; `label` is its region where there was one for all. */
  | { readonly form: 'legacy'; readonly label: string | undefined }
  /** A host of the account's own. */
  | { readonly form: 'other' };

/** Reads an access host. */
export function hostForm(host: string): HostForm {
  const label = SHARED[host];
  if (label !== undefined || host.endsWith('.getdbt.com')) return { form: 'legacy', label };
  const [, prefix, middle] = /^([^.]+)\.([^.]+)\.dbt\.com$/.exec(host) ?? [];
  if (prefix === undefined || middle === undefined) return { form: 'other' };
  const region = REGIONS[middle];
  return region === undefined
    ? { form: 'prefixed', prefix, label: middle }
    : { form: 'region', prefix, label: middle, region };
}

/** `us1, us2, …`, to tell somebody who may have mistaken one for another. */
export const REGION_LABELS = Object.keys(REGIONS).join(', ');

/** Where the access URL of an account is written. */
export const ACCESS_URLS = '"Account settings > Access URLs" of the dbt platform';

/**
 * What to try when a host does not know a token: where the account may be instead. `prefix` is the account's, where the
 * Admin API has told it.
 */
export function otherRegionHint(host: string, prefix?: string): string {
  const form = hostForm(host);
  if (form.form === 'legacy') {
    const is = form.label === undefined ? 'an address' : `the old shared address of ${REGIONS[form.label]}`;
    const now =
      form.label === undefined ? `${prefix ?? '<prefix>'}.<subdomain>` : `${prefix ?? '<prefix>'}.${form.label}`;
    return `${host} is ${is} that dbt has given up: the account's access URL is now like https://${now}.dbt.com, and ${ACCESS_URLS} shows it.`;
  }
  const compare = `compare access_url with ${ACCESS_URLS}`;
  if (form.form === 'region') {
    return `If the token is good it is of another region than ${form.region}: ${compare}; the account may be at https://${form.prefix}.<region>.dbt.com with another of the regions ${REGION_LABELS}.`;
  }
  if (form.form === 'prefixed') {
    return `If the token is good it is of another region or account: ${compare}; "${form.label}" is not one of the regions ${REGION_LABELS}.`;
  }
  return `If the token is good it is of another account: ${compare}.`;
}
