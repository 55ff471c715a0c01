import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';

const FILE = `
integrations:
  - name: shop
    access_url: https://ab123.us1.dbt.com
    environment_id: 5
    token: \${SHOP_TOKEN}
`;
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'config-'));
});

afterEach(() => rm(cwd, { recursive: true }));

it('reads a configuration without its tokens for whoever only reads the store', async () => {
  await writeFile(join(cwd, 'dbt-observer.yaml'), FILE);
  const { integrations } = await loadConfig({ cwd, env: {}, tokens: false });
  expect(integrations).toMatchObject([{ name: 'shop', environmentId: 5 }]);
});

it('gives a folder of artifacts no token in its place', async () => {
  const folder = `  - { name: core, source: "\${KIND}", artifacts_dir: target }\n`;
  await writeFile(join(cwd, 'dbt-observer.yaml'), `${FILE}${folder}`);
  const { integrations } = await loadConfig({ cwd, env: { KIND: 'files' }, tokens: false });
  expect(integrations).toMatchObject([{ name: 'shop' }, { name: 'core', artifactsDir: join(cwd, 'target') }]);
});

it('still checks everything else', async () => {
  await writeFile(join(cwd, 'dbt-observer.yaml'), FILE.replace('environment_id: 5', 'environment_id: none'));
  await expect(loadConfig({ cwd, env: {}, tokens: false })).rejects.toThrow(/integrations\[0\]\.environment_id/);
});

it('names the missing variable when the token is needed', async () => {
  await writeFile(join(cwd, 'dbt-observer.yaml'), FILE);
  await expect(loadConfig({ cwd, env: {} })).rejects.toThrow(/integrations\[0\]\.token.*SHOP_TOKEN/);
});
