import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FatalError, RejectError, SyncError } from '../../../../src/domain/errors.ts';
import { fetchArtifact, listArtifacts, whyMissing } from '../../../../src/sources/admin/artifact-files.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { useNock } from '../../http/nock.ts';
import { ACCOUNT, api, enveloped, failureOf, NOT_FOUND, never, refusal, service } from './builders.ts';

useNock();

const run = { accountId: ACCOUNT, runId: 7 };
const FOLDER = '/api/v2/accounts/1/runs/7/artifacts/';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'file.json');
}

interface Wanted {
  path?: string;
  step?: number;
  to?: string;
  maxBytes?: number;
}

const fetched = ({ path = 'manifest.json', step, to = newFile(), maxBytes = 1_000 }: Wanted = {}) =>
  fetchArtifact(api({ maxBytes }), { ...run, path, step, to }, never);

describe('an artifact', () => {
  it('is kept byte by byte as it came, whatever it is', async () => {
    const bytes = Buffer.from([0x7b, 0xc3, 0x28, 0x00, 0xff, 0x0a]);
    service().get(`${FOLDER}manifest.json`).matchHeader('accept', '*/*').reply(200, bytes);
    const kept = await fetched();
    expect([kept?.size, (await kept?.take())?.equals(bytes)]).toEqual([6, true]);
  });

  it('is asked for by its step', async () => {
    service().get(`${FOLDER}run_results.json?step=5`).reply(200, '{}');
    expect((await fetched({ path: 'run_results.json', step: 5 }))?.size).toBe(2);
  });

  it('may be empty', async () => {
    service().get(`${FOLDER}manifest.json`).reply(200, '');
    const kept = await fetched();
    expect([kept?.size, String(await kept?.take())]).toEqual([0, '']);
  });

  it('may lie in a folder and have any name', async () => {
    service().get(`${FOLDER}compiled/shop/models/a%20%3Fb.sql`).reply(200, 'select 1');
    expect((await fetched({ path: 'compiled/shop/models/a ?b.sql' }))?.size).toBe(8);
  });

  it('that is not there is no error, and leaves no file', async () => {
    service().get(`${FOLDER}manifest.json`).reply(404, NOT_FOUND);
    const to = newFile();
    expect([await fetched({ to }), existsSync(to)]).toEqual([null, false]);
  });

  it('is not taken for missing when another host answers', async () => {
    service().get(`${FOLDER}manifest.json`).reply(404, '<!doctype html>');
    const error = await failureOf(fetched());
    expect([error instanceof FatalError, failureKind(error)]).toEqual([true, 'wrong_host']);
  });

  it('above the limit is refused alone, by its name and with what to do, and leaves no file', async () => {
    service().get(`${FOLDER}manifest.json?step=4`).reply(200, 'x'.repeat(1_001));
    const to = newFile();
    const error = await failureOf(fetched({ to, step: 4 }));
    expect(error).toBeInstanceOf(RejectError);
    expect(error.message).toMatch(
      /runs\/7\/artifacts\/manifest\.json\?step=4 is not read: .*larger than.*max_artifact_mb/,
    );
    expect(existsSync(to)).toBe(false);
  });

  it('of exactly the limit is taken', async () => {
    service().get(`${FOLDER}manifest.json`).reply(200, 'x'.repeat(1_000));
    expect((await fetched())?.size).toBe(1_000);
  });

  it('whose permission is missing fails as such', async () => {
    service().get(`${FOLDER}manifest.json`).reply(403, refusal(403, 'Forbidden'));
    expect(failureKind(await failureOf(fetched()))).toBe('missing_permission');
  });

  it('that cannot be written says where', async () => {
    service().get(`${FOLDER}manifest.json`).reply(200, 'x'.repeat(1_000_000));
    const to = join(newFile(), 'no', 'folder.json');
    const error = await failureOf(fetched({ to, maxBytes: 2_000_000 }));
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toMatch(/folder\.json cannot be written: ENOENT/);
  });
});

describe('the list of artifacts', () => {
  const list = (data: unknown) => service().get(FOLDER).reply(200, enveloped(data));

  it('has their paths', async () => {
    list(['manifest.json', 'compiled/a.sql']);
    expect(await listArtifacts(api(), run, never)).toEqual(['manifest.json', 'compiled/a.sql']);
  });

  it('is empty where the service has null, for a run that left none', async () => {
    list(null);
    expect(await listArtifacts(api(), run, never)).toEqual([]);
  });

  it('is not there for a run that is gone', async () => {
    service().get(FOLDER).reply(404, NOT_FOUND);
    expect(await listArtifacts(api(), run, never)).toBeNull();
  });

  it.each([
    ['nothing', [], undefined, 'Run 7 left no artifacts.'],
    ['others', ['sources.json'], 4, 'Run 7 left no manifest.json.'],
    ['it, of another step', ['manifest.json'], 4, 'Step 4 of run 7 wrote no manifest.json.'],
    ['it', ['manifest.json'], undefined, 'Run 7 lists manifest.json but does not give it.'],
    ['what the token may not see', null, undefined, 'Run 7 is gone, or the token may not read its artifacts.'],
  ])('that holds %s tells why one was not given', (_, paths, step, why) => {
    expect(whyMissing(paths, { runId: 7, path: 'manifest.json', step })).toBe(why);
  });
});
