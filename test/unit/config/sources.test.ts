import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { PlatformIntegration } from '../../../src/config/types.ts';
import { folderOf, integration, platformOf, sentencesOf, TOKEN } from './config-builders.ts';

type Keys = Record<string, unknown>;

const read = async (changes: Keys): Promise<PlatformIntegration> => {
  const cwd = await folderOf({ integrations: [integration(changes)] });
  return platformOf((await loadConfig({ cwd, env: {} })).integrations[0]);
};

const refused = (changes: Keys): Promise<string[]> => sentencesOf(read(changes));

describe('a source', () => {
  test.each(['auto', 'discovery', 'artifacts'] as const)('of the dbt platform may be %s', async (source) => {
    expect((await read({ source })).source).toBe(source);
  });

  test('that is misspelled is recognized, and what it may need is not asked for', async () => {
    expect(await refused({ source: 'discovry', access_url: undefined })).toEqual([
      'integrations[0].source must be one of auto, discovery, artifacts, files (did you mean discovery?).',
    ]);
  });

  test('of artifacts needs the host of the Admin API, by either of two keys', async () => {
    const keys = { source: 'artifacts', access_url: undefined };
    expect(await refused({ ...keys, discovery_url: 'https://metadata.example/graphql' })).toEqual([
      'integrations[0].access_url is required (or integrations[0].admin_url): artifacts come from the Admin API.',
    ]);
    expect((await read({ ...keys, admin_url: 'admin.example' })).adminUrl).toBe('https://admin.example');
  });

  test('of the Discovery API is not served by the host of the Admin API', async () => {
    expect(await refused({ access_url: undefined, admin_url: 'admin.example' })).toEqual([
      'integrations[0].access_url is required (or integrations[0].discovery_url).',
    ]);
  });
});

describe('an integration of files', () => {
  const files = { name: 'core', source: 'files', artifacts_dir: 'target' };
  const folder = async (changes: Keys = {}) => {
    const cwd = await folderOf({ integrations: [{ ...files, ...changes }] });
    return { cwd, work: loadConfig({ cwd, env: {} }) };
  };

  test('needs a name and a folder, which is looked for from the place of the file', async () => {
    const { cwd, work } = await folder({ schedule: '0 6 * * *' });
    expect((await work).integrations).toEqual([
      {
        name: 'core',
        source: 'files',
        artifactsDir: join(cwd, 'target'),
        schedule: '0 6 * * *',
        timeZone: 'UTC',
        maxRemovalRatio: 0.5,
      },
    ]);
  });

  test.each([
    ['access_url', 'https://ab123.us1.dbt.com'],
    ['discovery_url', 'https://ab123.us1.dbt.com/graphql'],
    ['admin_url', 'https://ab123.us1.dbt.com'],
    ['account_id', 1],
    ['project_id', 1],
    ['environment_id', 1],
    ['job_id', 1],
    ['token', TOKEN],
    ['token_file', 'token'],
    ['discovery_lag', '30m'],
  ])('has no %s, for that is of the dbt platform', async (key, value) => {
    expect(await sentencesOf((await folder({ [key]: value })).work)).toEqual([
      `integrations[0].${key} means nothing to a folder (integrations[0].artifacts_dir): remove it.`,
    ]);
  });

  test.each([
    [undefined, "is required: dbt's target folder, or any other with its artifacts."],
    [null, 'is empty: give it a value or leave it out.'],
    ['', 'is empty: give it a value or leave it out.'],
    [7, 'must be a path.'],
  ])('is not without a folder: %j', async (dir, said) => {
    expect(await sentencesOf((await folder({ artifacts_dir: dir })).work)).toEqual([
      `integrations[0].artifacts_dir ${said}`,
    ]);
  });

  test('alone has a folder', async () => {
    expect(await refused({ artifacts_dir: 'target' })).toEqual([
      'integrations[0].artifacts_dir needs integrations[0].source: files.',
    ]);
  });
});

describe('discovery_lag', () => {
  test.each([
    ['0s', 0],
    ['90s', 90],
    [' 30m ', 1_800],
    ['2h', 7_200],
    ['1d', 86_400],
  ])('may be %j', async (lag, seconds) => {
    expect((await read({ discovery_lag: lag })).discoveryLagS).toBe(seconds);
  });

  test.each([30, '30', '30 minutes', '-1m', '1.5h', '1w', true])('may not be %j', async (lag) => {
    expect(await refused({ discovery_lag: lag })).toEqual([
      'integrations[0].discovery_lag must be a duration such as 30s, 10m, 2h or 1d.',
    ]);
  });
});

describe('run_history', () => {
  test.each([
    [undefined, true],
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
  ])('may be %j', async (told, expected) => {
    expect((await read({ run_history: told })).runHistory).toBe(expected);
  });

  test.each([1, 'yes', null])('may not be %j', async (told) => {
    expect(await refused({ run_history: told })).toEqual([expect.stringMatching(/run_history (must be|is empty)/)]);
  });

  test('needs an address of the Admin API when it is asked for', async () => {
    const alone = { access_url: undefined, discovery_url: 'https://metadata.example/graphql' };
    expect(await refused({ ...alone, run_history: true })).toEqual([
      expect.stringContaining('run_history needs integrations[0].access_url or integrations[0].admin_url'),
    ]);
    expect((await read(alone)).runHistory).toBe(true);
  });

  test('means nothing to a folder', async () => {
    const files = { name: 'core', source: 'files', artifacts_dir: 'target', run_history: false };
    const cwd = await folderOf({ integrations: [files] });
    expect(await sentencesOf(loadConfig({ cwd, env: {} }))).toEqual([
      expect.stringContaining('run_history means nothing to a folder'),
    ]);
  });
});
