import { proxyFromEnvironment } from '../config/proxy.ts';
import type { Limits, PlatformIntegration } from '../config/types.ts';
import { createFetch, type Fetch, type HttpOptions } from '../http/http.ts';
import type { Logger } from '../log.ts';
import { type AdminApi, createAdminApi } from '../sources/admin/api.ts';
import { createDiscoveryClient } from '../sources/discovery/client.ts';
import { createDiscoverySource } from '../sources/discovery/source.ts';
import { discoveryUrl } from '../sources/hosts.ts';
import type { Metrics } from './metrics.ts';
import { VERSION } from './version.ts';

/** How the APIs of dbt are asked. */
export interface Asking {
  readonly userAgent: string;
  readonly limits: Limits;
  readonly onDelay: HttpOptions['onDelay'];
  readonly onRequest?: HttpOptions['onRequest'];
}

/** What is told of by everybody who asks dbt. */
export interface Telling {
  readonly logger: Logger;
  readonly limits: Limits;
  /** Left out: nobody counts. */
  readonly metrics?: Pick<Metrics, 'onDelay' | 'onRequest'> | undefined;
}

/** Asks in the name of this version, and logs each wait with the fields of the work that it is for. */
export function loggedAsking({ logger, limits, metrics }: Telling, fields: () => Record<string, unknown>): Asking {
  const onDelay: Asking['onDelay'] = (delay) => {
    metrics?.onDelay(delay);
    const { reason, ms, ...rest } = delay;
    const told = { ...fields(), ...rest, wait_s: ms / 1_000 };
    if (reason === 'pause') logger.warn(told, 'host asks to wait');
    else logger.debug(told, 'request is tried again');
  };
  return { userAgent: `dbt-observer/${VERSION}`, limits, onDelay, onRequest: metrics?.onRequest };
}

/** An artifact of some hundred MB takes its time, but a host that stands still must not hold up a pass for hours. */
const PATIENCE = { timeoutMs: 300_000, budgetMs: 1_200_000 };
const MB = 1024 * 1024;

function fetchOf({ userAgent, onDelay, onRequest }: Asking, more: Partial<HttpOptions> = {}): Fetch {
  return createFetch({ userAgent, proxies: proxyFromEnvironment(), onDelay, onRequest, ...more });
}

/** The Admin API of an integration; null when nothing tells its host. */
export function adminApiOf({ adminUrl, accessUrl, token }: PlatformIntegration, asking: Asking): AdminApi | null {
  const url = adminUrl ?? accessUrl;
  if (url === undefined) return null;
  const { requestsPerMinute, maxArtifactMb } = asking.limits;
  const budget = { api: 'admin', perMinute: requestsPerMinute };
  const fetch = fetchOf(asking, { budget });
  const fetchArtifact = fetchOf(asking, { budget, ...PATIENCE, maxBytes: maxArtifactMb * MB });
  const setting = adminUrl === undefined ? 'access_url' : 'admin_url';
  return createAdminApi({ url, setting, site: accessUrl, token, fetch, fetchArtifact });
}

/** The state of an environment as the Discovery API tells it. @throws FatalError when its host does not follow from the access URL. */
export function discoveryOf(integration: PlatformIntegration, environmentId: number, asking: Asking) {
  const { accessUrl, discoveryUrl: given, token, jobId } = integration;
  const url = given ?? discoveryUrl(accessUrl ?? '');
  const setting = given === undefined ? 'access_url' : 'discovery_url';
  const client = createDiscoveryClient({ url, setting, token, environmentId, fetch: fetchOf(asking) });
  return createDiscoverySource({ client, environmentId, jobId: jobId ?? null });
}
