import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../../../demo/platform/platform.ts';
import { setsState } from '../../../../src/domain/runs.ts';
import { listProjects } from '../../../../src/sources/admin/accounts-and-projects.ts';
import type { AdminApi } from '../../../../src/sources/admin/api.ts';
import { fetchArtifact, listArtifacts, whyMissing } from '../../../../src/sources/admin/artifact-files.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { listJobs } from '../../../../src/sources/admin/jobs.ts';
import { onlyAccount } from '../../../../src/sources/admin/only-account.ts';
import { productionEnvironment } from '../../../../src/sources/admin/production.ts';
import { getRun, runsNewestFirst, runsOldestFirst } from '../../../../src/sources/admin/run-list.ts';
import { all, api, failureOf, never } from './builders.ts';

/** What demo/histories/duckdb/history.json says. */
const [accountId, projectId, environmentId] = [70403103966025, 70403103966026, 70403103966027];
const run = (number: number) => 70403104000000 + number;
const HISTORIES = fileURLToPath(new URL('../../../../demo/histories', import.meta.url));

let platform: Platform;
let admin: AdminApi;

beforeAll(async () => {
  platform = await startPlatform({ histories: [join(HISTORIES, 'duckdb'), join(HISTORIES, 'postgres')] });
  admin = api({ url: platform.url, token: DEFAULT_TOKEN });
});
afterAll(() => platform.close());

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'file.json');
}

describe('on a platform of two projects', () => {
  it('the account, its projects and the production environment of one of them are found', async () => {
    expect(await onlyAccount(admin, never)).toBe(accountId);
    expect((await listProjects(admin, accountId, never)).items.map(({ id }) => id)).toEqual([
      projectId,
      70403103966036,
    ]);
    expect((await productionEnvironment(admin, { accountId, projectId }, never)).id).toBe(environmentId);
  });

  it('the whole account has two production environments to choose from', async () => {
    const { message } = await failureOf(productionEnvironment(admin, { accountId }, never));
    expect(message).toMatch(`${environmentId} (Production of project ${projectId})`);
    expect(message).toMatch('70403103966037 (Production of project 70403103966036)');
  });

  it('the jobs of an environment have their types', async () => {
    const { items } = await listJobs(admin, { accountId, environmentId }, never);
    expect(items.map(({ name, jobType, schedule }) => [name, jobType, schedule])).toEqual([
      ['Daily build', 'scheduled', '0 6 * * *'],
      ['Hourly shop models', 'scheduled', '0 8-18 * * 1-5'],
      ['Pull request check', 'ci', null],
      ['Build and retry', 'other', null],
      ['Parse only', 'other', null],
    ]);
  });

  it('the runs of an environment come in both orders, those of pull requests without effect on its state', async () => {
    const oldest = (await all(runsOldestFirst(admin, { accountId, environmentId }, never))).flatMap(({ runs }) => runs);
    const newest = (await all(runsNewestFirst(admin, { accountId, environmentId }, never))).flatMap(({ runs }) => runs);
    expect(oldest.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, index) => run(101 + index)));
    expect(newest).toEqual(oldest.toReversed());
    const aside = oldest.filter((one) => !setsState(one, { environmentId }));
    expect(aside.map(({ id, trigger }) => [id, trigger?.pullRequestId])).toEqual([
      [run(106), '41'],
      [run(115), '42'],
    ]);
  });

  it('a window holds the runs that ended in it', async () => {
    // Run 102 of the history ended at 14:00 and some seconds of 2 November, run 101 in the morning.
    const window = { from: new Date('2026-11-02T12:00:00Z'), to: new Date('2026-11-02T23:59:59Z') };
    const pages = await all(runsOldestFirst(admin, { accountId, environmentId, window }, never));
    expect(pages.flatMap(({ runs }) => runs.map(({ id }) => id))).toEqual([run(102)]);
  });

  it('a run has its steps with their commands, and its cause without an address', async () => {
    const found = await getRun(admin, { accountId, runId: run(105) }, never);
    expect(found?.run).toMatchObject({ status: 'error', jobName: 'Build and retry', jobType: 'other' });
    expect(found?.run.trigger?.cause).toBe('Kicked off from UI by ***@***');
    expect(found?.steps.map(({ index, command, status }) => [index, command, status])).toEqual([
      [1, null, 'success'],
      [2, null, 'success'],
      [3, 'dbt deps', 'success'],
      [4, 'dbt build', 'error'],
      [5, 'dbt retry', 'success'],
    ]);
    expect(JSON.stringify(found)).not.toMatch('Running step');
  });

  it('a run that is not there is none', async () => {
    expect(await getRun(admin, { accountId, runId: 1 }, never)).toBeNull();
  });

  it.each([4, 5, 6])('the manifest of step %i is the file that step wrote', async (step) => {
    const to = newFile();
    const kept = await fetchArtifact(admin, { accountId, runId: run(101), path: 'manifest.json', step, to }, never);
    const written = gunzipSync(readFileSync(join(HISTORIES, `duckdb/runs/${run(101)}/${step}/manifest.json.gz`)));
    expect([kept?.size, (await kept?.take())?.equals(written)]).toEqual([written.byteLength, true]);
  });

  it('the run results without a step are those of the documentation, which say nothing of tests', async () => {
    const to = newFile();
    const kept = await fetchArtifact(admin, { accountId, runId: run(101), path: 'run_results.json', to }, never);
    expect(JSON.parse(String(await kept?.take())).args.which).toBe('generate');
  });

  it('a step that wrote no such file says so', async () => {
    const asked = { accountId, runId: run(101), path: 'run_results.json', step: 4 };
    expect(await fetchArtifact(admin, { ...asked, to: newFile() }, never)).toBeNull();
    expect(whyMissing(await listArtifacts(admin, asked, never), asked)).toBe(
      `Step 4 of run ${run(101)} wrote no run_results.json.`,
    );
  });

  it('a run that failed before dbt started left nothing', async () => {
    expect(await listArtifacts(admin, { accountId, runId: run(108) }, never)).toEqual([]);
    expect((await getRun(admin, { accountId, runId: run(108) }, never))?.run.hasArtifacts).toBe(false);
  });

  it('what was asked and received is counted, artifacts included', async () => {
    const counting = api({ url: platform.url, token: DEFAULT_TOKEN });
    const kept = await fetchArtifact(
      counting,
      { accountId, runId: run(101), path: 'sources.json', step: 4, to: newFile() },
      never,
    );
    await listArtifacts(counting, { accountId, runId: run(101) }, never);
    const traffic = counting.traffic();
    expect(traffic.requests).toBe(2);
    expect(traffic.bytes).toBeGreaterThan(kept?.size ?? Number.NaN);
  });

  it("a token that is not known, and an account that is not the token's, are told apart", async () => {
    const stranger = api({ url: platform.url, token: 'other' });
    const kinds = [failureOf(onlyAccount(stranger, never)), failureOf(listJobs(admin, { accountId: 1 }, never))];
    expect((await Promise.all(kinds)).map(failureKind)).toEqual(['bad_token', 'not_found']);
  });
});
