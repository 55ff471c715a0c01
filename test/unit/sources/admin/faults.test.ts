import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FaultInput } from '../../../../demo/platform/faults.ts';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../../../demo/platform/platform.ts';
import { fetchArtifact } from '../../../../src/sources/admin/artifact-files.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { listJobs } from '../../../../src/sources/admin/jobs.ts';
import { getRun, runsOldestFirst } from '../../../../src/sources/admin/run-list.ts';
import { all, api, failureOf, never } from './builders.ts';

const ARTIFACT = 'GET /api/v2/accounts/{id}/runs/{id}/artifacts/run_results.json';
const RUN = 'GET /api/v2/accounts/{id}/runs/{id}/';
const RUNS = 'GET /api/v2/accounts/{id}/runs/';
const JOBS = 'GET /api/v2/accounts/{id}/jobs/';
const asked = { accountId: 70403103966025, runId: 70403104000101 };

let platform: Platform;
beforeAll(async () => {
  const history = fileURLToPath(new URL('../../../../demo/histories/duckdb', import.meta.url));
  platform = await startPlatform({ histories: [history] });
});
afterEach(() => platform.heal());
afterAll(() => platform.close());

const client = (timeoutMs?: number) =>
  api({ url: platform.url, token: DEFAULT_TOKEN, ...(timeoutMs !== undefined && { timeoutMs }) });

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The size of what came. */
async function download(folder = newFolder(), timeoutMs?: number): Promise<number | undefined> {
  const wanted = { ...asked, path: 'run_results.json', step: 5, to: join(folder, 'file') };
  return (await fetchArtifact(client(timeoutMs), wanted, never))?.size;
}

describe('a download', () => {
  it.each<FaultInput>([
    { kind: 'reset' },
    { kind: 'status', status: 502, html: true },
    { kind: 'throttled', retryAfter: 0 },
    { kind: 'slow', bytesPerSecond: 10_000_000 },
  ])('comes whole in spite of $kind', async (fault) => {
    const size = await download();
    platform.fail({ ...fault, operation: ARTIFACT, times: 1 });
    expect([await download(), platform.hits()]).toEqual([size, 1]);
  });

  it('that hangs is given up and made again', async () => {
    const size = await download();
    platform.fail({ kind: 'hang', operation: ARTIFACT, times: 1 });
    expect(await download(newFolder(), 1_000)).toBe(size);
  });

  it('that is reset every time fails, and leaves nothing behind', async () => {
    platform.fail({ kind: 'reset', operation: ARTIFACT });
    const folder = newFolder();
    expect(failureKind(await failureOf(download(folder)))).toBe('down');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is said to be missing is none', async () => {
    platform.fail({ kind: 'unauthorized', as: 404, operation: ARTIFACT });
    expect(await download()).toBeUndefined();
  });
});

describe('a token without permission', () => {
  it.each([
    { as: 401, kind: 'bad_token' },
    { as: 403, kind: 'missing_permission' },
    { as: 404, kind: 'not_found' },
  ] as const)('is told from $as', async ({ as, kind }) => {
    platform.fail({ kind: 'unauthorized', as, operation: JOBS });
    expect(failureKind(await failureOf(listJobs(client(), asked, never)))).toBe(kind);
  });

  it('sees no run where the service says that there is none', async () => {
    platform.fail({ kind: 'unauthorized', as: 404, operation: RUN });
    expect(await getRun(client(), asked, never)).toBeNull();
  });
});

it.each([
  { fault: { kind: 'html' }, kind: 'wrong_host' },
  { fault: { kind: 'redirect', location: 'https://example.com/' }, kind: 'wrong_host' },
  { fault: { kind: 'truncated' }, kind: 'broken_answer' },
  { fault: { kind: 'status', status: 500 }, kind: 'down' },
] as const)('a list that meets $fault.kind fails as $kind', async ({ fault, kind }) => {
  platform.fail({ ...fault, operation: RUNS });
  expect(failureKind(await failureOf(all(runsOldestFirst(client(), asked, never))))).toBe(kind);
});
