import { accessUrlProblem, discoveryUrl, hostForm } from '../sources/hosts.ts';
import { failed, ok, type Verdict, warning } from './check.ts';
import { ACCESS_URLS } from './regions.ts';

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

/** Which hosts a configuration means, judged by the addresses alone. */
export function addressesOf({ accessUrl, discoveryUrl: given }: Configured): Addresses {
  if (accessUrl === undefined) {
    const verdict = ok(
      `only discovery_url is given (${given}): nothing is asked of the Admin API, and rows have no links`,
    );
    return { verdict, discovery: given, admin: undefined };
  }
  const problem = accessUrlProblem(accessUrl);
  if (problem !== undefined && !(given !== undefined && problem.isGoodBeside)) {
    const { message, mend } = problem;
    if (given === undefined) return { verdict: failed(message, mend), discovery: undefined, admin: undefined };
    const verdict = warning(`${message} Links into dbt are made of it, and the Admin API cannot be asked.`, mend);
    return { verdict, discovery: given, admin: undefined };
  }
  const { origin } = new URL(accessUrl);
  return { verdict: judged(accessUrl), discovery: given ?? discoveryUrl(accessUrl), admin: origin };
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
