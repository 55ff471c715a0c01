// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration's own syntax are what is tested
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { folderOf, folderWith, integration, platformOf, refusalOf, sentencesOf, TOKEN } from './config-builders.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const minimal = { integrations: [integration()] };

describe('the file', () => {
  test('is dbt-observer.yaml in the working directory', async () => {
    const cwd = await folderOf(minimal);
    const config = await loadConfig({ cwd, env: {} });
    expect(config.file).toBe(join(cwd, 'dbt-observer.yaml'));
    expect(config.integrations.map(({ name }) => name)).toEqual(['prod']);
  });

  test('is the one that DBT_OBSERVER_CONFIG names', async () => {
    const cwd = await folderWith({ 'other.yaml': 'log: {level: warn}' });
    const config = await loadConfig({ cwd, env: { DBT_OBSERVER_CONFIG: 'other.yaml' } });
    expect(config.log.level).toBe('warn');
  });

  test('is the one given by path before any other', async () => {
    const cwd = await folderOf('log: {level: warn}', {
      'a.yaml': 'log: {level: error}',
      'b.yaml': 'log: {level: info}',
    });
    const config = await loadConfig({ path: 'a.yaml', cwd, env: { DBT_OBSERVER_CONFIG: 'b.yaml' } });
    expect(config.log.level).toBe('error');
  });

  test('may be missing when nobody named it, which leaves no integration', async () => {
    const cwd = await folderWith();
    expect(await loadConfig({ cwd, env: { DBT_OBSERVER_CONFIG: '' } })).toEqual({
      file: undefined,
      database: { kind: 'embedded', directory: join(cwd, '.dbt-observer') },
      integrations: [],
      limits: { requestsPerMinute: 1_000, maxArtifactMb: 400 },
      retention: { runResultsS: null, syncRunsS: 7_776_000, rejectsS: 2_592_000, webhookEventsS: 2_592_000 },
      server: { host: '127.0.0.1', port: 8_080 },
      logLevelIsStated: false,
      log: { level: 'info', format: 'auto' },
    });
  });

  test.each([
    ['--config', { path: 'none.yaml', env: {} }],
    ['the variable', { env: { DBT_OBSERVER_CONFIG: 'none.yaml' } }],
  ])('may not be missing when %s names it', async (_, options) => {
    const cwd = await folderOf(minimal);
    const message = await refusalOf(loadConfig({ ...options, cwd }));
    expect(message).toContain(`${join(cwd, 'none.yaml')} does not exist`);
  });

  test('may not be a folder', async () => {
    const cwd = await folderWith();
    await mkdir(join(cwd, 'dbt-observer.yaml'));
    expect(await refusalOf(loadConfig({ cwd, env: {} }))).toContain('cannot be read (EISDIR)');
  });

  test('may be empty', async () => {
    const cwd = await folderOf('# nothing yet\n');
    expect((await loadConfig({ cwd, env: {} })).integrations).toEqual([]);
  });

  test.each(['- a list', 'only text', '5'])('must hold keys and values, not %j', async (text) => {
    const cwd = await folderOf(text);
    expect(await sentencesOf(loadConfig({ cwd, env: {} }))).toEqual(['the file must be keys and values.']);
  });

  test('that is not YAML is refused with its line', async () => {
    const cwd = await folderOf(`log:\n  level: "info\ntoken: ${TOKEN}\n`);
    expect(await refusalOf(loadConfig({ cwd, env: {} }))).toMatch(/dbt-observer\.yaml is not valid YAML at line \d+/);
  });
});

describe('the database', () => {
  const fromEnv = { DATABASE_URL: 'postgresql://env/db' };
  const urlOf = async (options: Parameters<typeof loadConfig>[0]): Promise<string> => {
    const { database } = await loadConfig(options);
    return database.kind === 'url' ? database.url.reveal() : database.directory;
  };

  test('is what the file says, not what DATABASE_URL says', async () => {
    const cwd = await folderOf({ database: { url: 'postgresql://file/db' } });
    expect(await urlOf({ cwd, env: fromEnv })).toBe('postgresql://file/db');
  });

  test.each([
    'log: {level: info}',
    'database: {}',
    '',
  ])('is the embedded one beside the file when the file names none, even with DATABASE_URL: %j', async (text) => {
    const folder = await folderWith({ 'x.yaml': text });
    const cwd = await folderWith();
    expect(await urlOf({ path: join(folder, 'x.yaml'), cwd, env: fromEnv })).toBe(join(folder, '.dbt-observer'));
  });

  test('is DATABASE_URL without a file', async () => {
    expect(await urlOf({ cwd: await folderWith(), env: fromEnv })).toBe('postgresql://env/db');
  });

  test('is the embedded one in the working directory when DATABASE_URL is empty', async () => {
    const cwd = await folderWith();
    expect(await urlOf({ cwd, env: { DATABASE_URL: '' } })).toBe(join(cwd, '.dbt-observer'));
  });

  test('is --database-url before everything else', async () => {
    const databaseUrl = 'postgresql://flag/db';
    const cwd = await folderOf({ database: { url: 'postgresql://file/db' } });
    expect(await urlOf({ cwd, env: fromEnv, databaseUrl })).toBe(databaseUrl);
    expect(await urlOf({ cwd: await folderWith(), env: fromEnv, databaseUrl })).toBe(databaseUrl);
  });

  test('need not be readable in the file when --database-url is given', async () => {
    const cwd = await folderOf({ database: { url: '${NOT_SET}' }, log: { level: 'warn' } });
    const config = await loadConfig({ cwd, env: {}, databaseUrl: 'postgresql://flag/db' });
    expect(config.log.level).toBe('warn');
  });

  test.each([
    ['--database-url', { databaseUrl: `mysql://u:${TOKEN}@h` }, '--database-url must be a URL such as'],
    ['an empty --database-url', { databaseUrl: '' }, '--database-url is empty'],
    ['DATABASE_URL', { env: { DATABASE_URL: `mysql://u:${TOKEN}@h` } }, 'DATABASE_URL must be a URL such as'],
  ])('is refused by its own name: %s', async (_, options, sentence) => {
    const message = await refusalOf(loadConfig({ env: {}, cwd: await folderWith(), ...options }));
    expect(message).toContain(sentence);
  });

  test.each([
    [`mysql://u:${TOKEN}@h`, 'database.url must be a URL such as'],
    ['', 'database.url is empty'],
    [5, 'database.url must be a PostgreSQL URL'],
  ])('is refused by its key in the file: %j', async (url, sentence) => {
    const cwd = await folderOf({ database: { url } });
    expect(await refusalOf(loadConfig({ cwd, env: {} }))).toContain(sentence);
  });
});

describe('references', () => {
  test('are replaced in every value', async () => {
    const cwd = await folderOf({
      database: { url: '${DB:-postgresql://localhost/x}' },
      integrations: [integration({ token: '${TOK}', environment_id: '${ENV_ID}', access_url: 'https://${HOST}' })],
    });
    const env = { TOK: `${TOKEN}\n`, ENV_ID: '123', HOST: 'ab.us1.dbt.com' };
    const { database, integrations } = await loadConfig({ cwd, env });
    expect(database.kind === 'url' && database.url.reveal()).toBe('postgresql://localhost/x');
    expect(integrations[0]).toMatchObject({ environmentId: 123, accessUrl: 'https://ab.us1.dbt.com' });
    expect(platformOf(integrations[0]).token.reveal()).toBe(TOKEN);
  });

  test('to variables that are not set are refused once, by key and variable', async () => {
    const cwd = await folderOf({ integrations: [integration({ token: '${DBT_TOKEN}', environment_id: '${ENV_ID}' })] });
    expect(await sentencesOf(loadConfig({ cwd, env: {} }))).toEqual([
      'integrations[0].environment_id needs the environment variable ENV_ID, which is not set.',
      'integrations[0].token needs the environment variable DBT_TOKEN, which is not set.',
    ]);
  });

  test('to a variable that is empty leave the token empty, which is refused', async () => {
    const cwd = await folderOf({ integrations: [integration({ token: '${DBT_TOKEN}' })] });
    expect(await sentencesOf(loadConfig({ cwd, env: { DBT_TOKEN: '' } }))).toEqual([
      'integrations[0].token is empty: it must hold a dbt token.',
    ]);
  });
});

describe('keys', () => {
  const sentences = async (content: Record<string, unknown>) =>
    sentencesOf(loadConfig({ cwd: await folderOf(content), env: {} }));

  test.each([
    [{ databse: {} }, 'databse is not a known key; did you mean database?'],
    [{ database: { uri: 'x' } }, 'database.uri is not a known key; did you mean url?'],
    [{ log: { levle: 'info' } }, 'log.levle is not a known key; did you mean level?'],
    [
      { integrations: [integration({ job_ids: 5 })] },
      'integrations[0].job_ids is not a known key; did you mean job_id?',
    ],
    [{ integrations: [integration({ colour: 5 })] }, 'integrations[0].colour is not a known key.'],
    [
      JSON.parse('{"__proto__": {"x": 1}}'),
      'the file has a key that is none of database, integrations, requests_per_minute, max_artifact_mb, retention, server, log.',
    ],
  ])('that are unknown are refused: %j', async (content, sentence) => {
    expect(await sentences(content)).toEqual([sentence]);
  });

  test('that hold a value by mistake are not repeated', async () => {
    const cwd = await folderOf(
      `integrations:\n  - {name: x, access_url: a.dbt.com, environment_id: 1, token:${TOKEN}}`,
    );
    expect(await sentencesOf(loadConfig({ cwd, env: {} }))).toEqual([
      expect.stringMatching(/^integrations\[0\] has a key that is none of name, access_url/),
      'integrations[0].token is required (or integrations[0].token_file).',
    ]);
  });

  test('of a part that is not built are refused in other words', async () => {
    expect(await sentences({ retention: { outbox: '30d' } })).toEqual([
      'retention.outbox is not supported by this version; remove it.',
    ]);
  });

  test('say how long is kept what only grows', async () => {
    const cwd = await folderOf({ retention: { run_results: '400d', rejects: '12h', sync_runs: 'forever' } });
    expect((await loadConfig({ cwd, env: {} })).retention).toEqual({
      runResultsS: 34_560_000,
      syncRunsS: null,
      rejectsS: 43_200,
      webhookEventsS: 2_592_000,
    });
  });

  test('keep every result where they do not say how long', async () => {
    expect((await loadConfig({ cwd: await folderOf({}), env: {} })).retention).toEqual({
      runResultsS: null,
      syncRunsS: 7_776_000,
      rejectsS: 2_592_000,
      webhookEventsS: 2_592_000,
    });
  });

  test.each(['400', 'never', 400, '-1d'])('say it as a duration and in no other way: %j', async (age) => {
    expect(await sentences({ retention: { run_results: age } })).toEqual([
      'retention.run_results must be a duration such as 30s, 10m, 2h or 1d, or forever.',
    ]);
  });

  test('may set the pace of the Admin API and the size of artifacts', async () => {
    const cwd = await folderOf({ requests_per_minute: 5_000, max_artifact_mb: '500' });
    expect((await loadConfig({ cwd, env: {} })).limits).toEqual({ requestsPerMinute: 5_000, maxArtifactMb: 500 });
  });

  test.each([
    ['requests_per_minute', 5_001, 'a whole number from 1 to 5000'],
    ['requests_per_minute', 0, 'a whole number from 1 to 5000'],
    ['max_artifact_mb', 501, 'a whole number from 1 to 500'],
    ['max_artifact_mb', '1.5', 'a whole number from 1 to 500'],
  ])('with a number that is out of bounds are refused: %s %j', async (key, value, what) => {
    expect(await sentences({ [key]: value })).toEqual([`${key} must be ${what}.`]);
  });

  test.each([
    [{ database: null }, 'database is empty: give it a value or leave it out.'],
    [{ integrations: null }, 'integrations is empty: give it a value or leave it out.'],
    [{ integrations: { name: 'x' } }, 'integrations must be a list.'],
    [{ integrations: ['prod'] }, 'integrations[0] must be keys and values.'],
    [{ integrations: [null] }, 'integrations[0] is empty: give it a value or leave it out.'],
    [{ log: 'debug' }, 'log must be keys and values.'],
    [{ log: { level: 'wran' } }, 'log.level must be one of debug, info, warn, error (did you mean warn?).'],
    [{ log: { format: 5 } }, 'log.format must be one of auto, pretty, json.'],
  ])('with a value of the wrong kind are refused: %j', async (content, sentence) => {
    expect(await sentences(content)).toEqual([sentence]);
  });

  test('with several problems are all named in one error', async () => {
    const cwd = await folderOf({
      log: { level: 'loud' },
      retention: { rejects: '1' },
      integrations: [integration({ schedule: '99 * * * *' }), integration({ environment_id: -1, token: undefined })],
    });
    const message = await refusalOf(loadConfig({ cwd, env: {} }));
    expect(message.split('\n')[0]).toBe(`The configuration ${join(cwd, 'dbt-observer.yaml')} cannot be used:`);
    for (const place of [
      'log.level must',
      'retention.rejects must',
      'integrations[0].schedule is no cron expression: the minute',
      'integrations[1].environment_id must',
      'integrations[1].token is required',
      'integrations[1].name is already the name of integrations[0]',
    ]) {
      expect(message).toContain(`\n  ${place}`);
    }
  });
});

test('the environment is that of the process unless another is given', async () => {
  vi.stubEnv('DBT_OBSERVER_TEST_NAME', 'from-process');
  const cwd = await folderOf({ integrations: [integration({ name: '${DBT_OBSERVER_TEST_NAME}' })] });
  expect((await loadConfig({ cwd })).integrations[0]?.name).toBe('from-process');
  expect(await refusalOf(loadConfig({ cwd, env: {} }))).toContain('DBT_OBSERVER_TEST_NAME, which is not set');
});
