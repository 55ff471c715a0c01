import type { PlatformSource } from '../config/types.ts';
import { accessUrlProblem, discoveryUrl, hostForm } from '../sources/hosts.ts';
import { failed, ok, type Verdict, warning } from './check.ts';
import { ACCESS_URLS } from './regions.ts';

/** Addresses that follow from a configuration; an undefined one cannot be asked. */
export interface Addresses {
  readonly verdict: Verdict;
  /** The whole Discovery endpoint. */
  readonly discovery: string | undefined;
  /** The Admin API's origin, which is that of the access URL unless it is given. */
  readonly admin: string | undefined;
}

interface Configured {
  readonly accessUrl?: string | undefined;
  readonly discoveryUrl?: string | undefined;
  readonly adminUrl?: string | undefined;
  /** How the environment is asked; artifacts do without the Discovery API. */
  readonly source?: PlatformSource;
}

/** Which hosts a configuration means, judged by the addresses alone. */
export function addressesOf({ adminUrl, ...configured }: Configured): Addresses {
  const followed = addressesWithout(configured, adminUrl);
  return adminUrl === undefined ? followed : { ...followed, admin: new URL(adminUrl).origin };
}

function addressesWithout(configured: Configured, adminUrl: string | undefined): Addresses {
  const { accessUrl, discoveryUrl: given, source } = configured;
  if (accessUrl === undefined) {
    const told = [
      ...(given === undefined ? [] : [`discovery_url (${given})`]),
      ...(adminUrl === undefined ? [] : [`admin_url (${adminUrl})`]),
    ];
    const missing = adminUrl === undefined ? 'nothing is asked of the Admin API, and rows' : 'rows';
    const verdict = ok(`only ${told.join(' and ')} is given: ${missing} have no links`);
    return { verdict, discovery: given, admin: undefined };
  }
  const problem = accessUrlProblem(accessUrl);
  const isGood = problem?.isGoodBeside && (given !== undefined || source === 'artifacts');
  if (problem !== undefined && !isGood) {
    const { message, mend } = problem;
    if (given === undefined) return { verdict: failed(message, mend), discovery: undefined, admin: undefined };
    const verdict = warning(`${message} Links into dbt are made of it, and the Admin API cannot be asked.`, mend);
    return { verdict, discovery: given, admin: undefined };
  }
  const { origin } = new URL(accessUrl);
  return { verdict: judged(accessUrl), discovery: given ?? endpointOf(accessUrl), admin: origin };
}

const endpointOf = (accessUrl: string) =>
  accessUrlProblem(accessUrl) === undefined ? discoveryUrl(accessUrl) : undefined;

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
