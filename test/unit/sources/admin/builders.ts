import nock from 'nock';
import { Secret } from '../../../../src/domain/secret.ts';
import { createFetch } from '../../../../src/http/http.ts';
import { type AdminApi, createAdminApi } from '../../../../src/sources/admin/api.ts';

export const HOST = 'https://ab123.us1.dbt.com';
export const TOKEN = 'dbtc_secret';
export const ACCOUNT = 1;
export const never = new AbortController().signal;

interface Given {
  url?: string;
  token?: string;
  maxBytes?: number;
  timeoutMs?: number;
}

/** A client that does not wait between its tries. */
export function api({ url = HOST, token = TOKEN, maxBytes = 400_000_000, timeoutMs = 10_000 }: Given = {}): AdminApi {
  const policy = { userAgent: 'dbt-observer/0.0.0', retries: 1, retryDelayMs: () => 0, pauseMs: 0, timeoutMs };
  const fetchArtifact = createFetch({ ...policy, maxBytes });
  return createAdminApi({ url, token: new Secret(token), fetch: createFetch(policy), fetchArtifact });
}

/** The service, as nock plays it. */
export const service = () => nock(HOST);

export const enveloped = (data: unknown, total?: number) => ({
  status: { code: 200, is_success: true, user_message: 'Success!', developer_message: '' },
  data,
  ...(total !== undefined && { extra: { pagination: { count: 1, total_count: total } } }),
});

export const refusal = (code: number, user_message: string) => ({
  status: { code, is_success: false, user_message, developer_message: null },
  data: null,
});

/** The sentence of the service for what is missing and for what the token may not see. */
export const NOT_FOUND = refusal(
  404,
  'The requested resource was not found. Please check that you have the proper permissions.',
);

/** A run in the form of recorded ones: times with a space and microseconds, nothing related asked for. */
export function rawRun(more: Record<string, unknown> = {}) {
  return {
    id: 70403110257794,
    account_id: 70403103922125,
    project_id: 70403103926818,
    environment_id: 70403103931988,
    job_definition_id: 70403103936332,
    job_id: 70403103936332,
    status: 10,
    status_humanized: 'Success',
    status_message: null,
    dbt_version: 'versionless',
    git_branch: 'main',
    git_sha: '8d1ef1b22e961221d4ce2892fb296ee3b0be8628',
    artifacts_saved: true,
    created_at: '2024-05-27 10:42:16.179903+00:00',
    started_at: '2024-05-27 10:42:20.621788+00:00',
    finished_at: '2024-05-28 10:42:52.622408+00:00',
    duration: '24:00:36',
    run_duration: '24:00:32',
    retrying_run_id: null,
    href: 'https://ab123.us1.dbt.com/deploy/70403103922125/projects/70403103926818/runs/70403110257794/',
    trigger: null,
    job: null,
    run_steps: [],
    ...more,
  };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was expected to fail.');
}
