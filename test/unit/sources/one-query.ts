import { inspect } from 'node:util';
import { parse } from 'graphql';
import nock from 'nock';
import { expect } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { createFetch } from '../../../src/http/http.ts';
import { createDiscoveryClient, type Document } from '../../../src/sources/discovery/client.ts';

export const HOST = 'ab123.metadata.us1.dbt.com';
export const TOKEN = 'dbtc_s3cr3t-T0ken';
export const ENVIRONMENT = 70403103966027;
export const JSON_TYPE = { 'content-type': 'application/json' };
const PROBE = parse('query Probe($environmentId: BigInt!) { environment(id: $environmentId) { adapterType } }');

export const service = () => nock(`https://${HOST}`).post('/graphql');

/** Every try of one query, which fails. */
export const everyTry = () => service().times(4);

export function clientWith(token = TOKEN, timeoutMs = 60_000, setting?: 'discovery_url') {
  return createDiscoveryClient({
    url: `https://${HOST}/graphql`,
    token: new Secret(token),
    environmentId: ENVIRONMENT,
    ...(setting && { setting }),
    fetch: createFetch({ userAgent: 'dbt-observer/0.0.0', timeoutMs, retries: 3, retryDelayMs: () => 0, pauseMs: 0 }),
  });
}

export const query = (client = clientWith(), signal = new AbortController().signal) =>
  client.query(PROBE as Document<{ environment: unknown }>, {}, { signal });

/** The error of one query; that it holds the token nowhere is part of every test. */
export async function failure(client = clientWith(), token = TOKEN): Promise<Error> {
  const error = await query(client).then(
    () => new Error('the query did not fail'),
    (reason: unknown) => reason as Error,
  );
  expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(token);
  expect(`${error.message} ${error.stack}`).not.toContain(token);
  return error;
}
