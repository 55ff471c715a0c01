import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { redactConfig } from '../../../src/config/redact.ts';
import { folderOf, folderWith, integration, platformOf, TOKEN } from './config-builders.ts';

const loaded = async () => {
  const cwd = await folderOf({
    database: { url: `postgresql://app:${TOKEN}@db.example/obs?sslmode=require` },
    integrations: [integration({ schedule: '0 6 * * *', discovery_url: `https://m.example/graphql?token=${TOKEN}` })],
  });
  return loadConfig({ cwd, env: {} });
};

test('a printed configuration reads like the file, with its secrets as three stars', async () => {
  const config = await loaded();
  expect(JSON.parse(JSON.stringify(redactConfig(config)))).toEqual({
    file: config.file,
    database: { url: 'postgresql://app:***@db.example/obs?sslmode=require' },
    integrations: [
      {
        name: 'prod',
        access_url: 'https://ab123.us1.dbt.com',
        discovery_url: 'https://m.example/graphql?token=***',
        environment_id: 70403103966027,
        token: '***',
        source: 'auto',
        schedule: '0 6 * * *',
        time_zone: 'UTC',
      },
    ],
    requests_per_minute: 1_000,
    max_artifact_mb: 400,
    retention: { run_results: 'forever', sync_runs: '7776000s', rejects: '2592000s', webhook_events: '2592000s' },
    server: { host: '127.0.0.1', port: 8_080 },
    log: { level: 'info', format: 'auto' },
  });
});

test('a printed configuration names the folder that is read', async () => {
  const cwd = await folderOf({ integrations: [{ name: 'core', source: 'files', artifacts_dir: 'target' }] });
  expect(redactConfig(await loadConfig({ cwd, env: {} })).integrations).toEqual([
    { name: 'core', source: 'files', artifacts_dir: join(cwd, 'target'), schedule: undefined, time_zone: 'UTC' },
  ]);
});

test('a printed configuration names the folder of an embedded database', async () => {
  const cwd = await folderWith();
  expect(redactConfig(await loadConfig({ cwd, env: {} })).database).toEqual({ embedded: `${cwd}/.dbt-observer` });
});

test('no token or database password shows when the configuration itself is printed', async () => {
  const { database, integrations } = await loaded();
  const shown = { database, tokens: integrations.map((one) => platformOf(one).token) };
  expect(JSON.stringify(shown)).not.toContain(TOKEN);
  expect(inspect(shown, { depth: null, showHidden: true })).not.toContain(TOKEN);
  expect(`${database.kind === 'url' ? database.url : ''}`).toBe('***');
});
