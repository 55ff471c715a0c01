import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { Verdict } from '../../../src/doctor/check.ts';
import { checkFolder } from '../../../src/doctor/folder.ts';

const NOW = new Date('2026-03-20T12:00:00Z');

const artifact = (generatedAt: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ metadata: { generated_at: generatedAt, dbt_version: '1.9.1', ...more }, nodes: {}, results: [] });
const MANIFEST = artifact('2026-03-20T11:00:00Z', { project_name: 'shop', adapter_type: 'duckdb' });

function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function checked(artifactsDir: string): Promise<Record<string, Verdict>> {
  const verdicts: Record<string, Verdict> = {};
  const config = { name: 'core', source: 'files', artifactsDir, timeZone: 'UTC', maxRemovalRatio: 0.5 } as const;
  await checkFolder(config, NOW, (check, verdict) => {
    verdicts[check] = verdict;
  });
  return verdicts;
}

it('a folder that is well is told with its artifacts, their project and their age', async () => {
  const results = gzipSync(artifact('2026-03-20T11:30:00Z'));
  const folder = folderOf({ 'manifest.json': MANIFEST, 'run_results.json.gz': results });
  expect(await checked(folder)).toEqual({
    folder: { status: 'ok', message: folder },
    artifacts: { status: 'ok', message: 'manifest.json (dbt 1.9.1), run_results.json.gz (dbt 1.9.1)' },
    project: { status: 'ok', message: 'shop, on duckdb' },
    freshness: { status: 'ok', message: 'the newest artifact is of 2026-03-20 11:30 UTC, 30 minutes ago' },
  });
});

it('a folder without a manifest can be read in part', async () => {
  const { artifacts, project } = await checked(folderOf({ 'run_results.json': artifact('2026-03-20T11:30:00Z') }));
  expect(artifacts).toMatchObject({ status: 'warning', mend: expect.stringContaining('dbt parse') });
  expect(project?.status).toBe('skipped');
});

it('artifacts of long ago are a warning', async () => {
  const { freshness } = await checked(folderOf({ 'manifest.json': artifact('2026-03-10T11:30:00Z') }));
  expect(freshness).toMatchObject({ status: 'warning', message: expect.stringContaining('10 days ago') });
});

it('artifacts that do not say when they were written have no age', async () => {
  expect((await checked(folderOf({ 'manifest.json': '{"nodes": {}}' }))).freshness?.status).toBe('skipped');
});

it('a folder that holds none is a failure', async () => {
  const verdicts = await checked(folderOf({ 'graph.gpickle': 'x' }));
  expect(verdicts.artifacts).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('no artifact of dbt'),
  });
  expect([verdicts.project?.status, verdicts.freshness?.status]).toEqual(['skipped', 'skipped']);
});

it('a folder that is not there, or is none, is a failure, and nothing is looked for in it', async () => {
  const folder = folderOf({ target: 'a file' });
  for (const [dir, words] of [
    ['nowhere', 'There is no folder'],
    ['target', 'is no folder'],
  ] as const) {
    const verdicts = await checked(join(folder, dir));
    expect(verdicts.folder?.message).toContain(words);
    expect(Object.values(verdicts).map(({ status }) => status)).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
  }
});

it('a folder in the place of an artifact is no artifact that can be read', async () => {
  const folder = folderOf({});
  mkdirSync(join(folder, 'manifest.json'));
  expect((await checked(folder)).project?.status).toBe('skipped');
});
