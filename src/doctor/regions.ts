import { hostForm, REGIONS } from '../sources/hosts.ts';

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
  if (form.form === 'prefixed' && form.label !== undefined) {
    return `If the token is good it is of another region or account: ${compare}; "${form.label}" is not one of the regions ${REGION_LABELS}.`;
  }
  return `If the token is good it is of another account: ${compare}.`;
}
