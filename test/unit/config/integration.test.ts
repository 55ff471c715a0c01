import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { PlatformIntegration } from '../../../src/config/types.ts';
import { folderOf, integration, platformOf, sentencesOf, TOKEN } from './config-builders.ts';

type Keys = Record<string, unknown>;

const read = async (changes: Keys, files: Record<string, string> = {}): Promise<PlatformIntegration> => {
  const cwd = await folderOf({ integrations: [integration(changes)] }, files);
  return platformOf((await loadConfig({ cwd, env: {} })).integrations[0]);
};

const refused = (changes: Keys, files: Record<string, string> = {}): Promise<string[]> =>
  sentencesOf(read(changes, files));

test('an integration with every key is read as it was written', async () => {
  const { token, ...rest } = await read({
    discovery_url: 'https://metadata.example/graphql',
    admin_url: 'admin.example',
    account_id: 70403103966025,
    project_id: '70403103966026',
    job_id: 223344,
    source: 'discovery',
    schedule: '*/15 * * * *',
    time_zone: 'Europe/Berlin',
    max_removal_ratio: 0.25,
    discovery_lag: '2h',
    run_history: false,
  });
  expect(token.reveal()).toBe(TOKEN);
  expect(rest).toEqual({
    name: 'prod',
    accessUrl: 'https://ab123.us1.dbt.com',
    discoveryUrl: 'https://metadata.example/graphql',
    adminUrl: 'https://admin.example',
    accountId: 70403103966025,
    projectId: 70403103966026,
    environmentId: 70403103966027,
    jobId: 223344,
    source: 'discovery',
    schedule: '*/15 * * * *',
    timeZone: 'Europe/Berlin',
    maxRemovalRatio: 0.25,
    discoveryLagS: 7_200,
    runHistory: false,
  });
});

test('an integration asks in the automatic way, without a schedule and in UTC, unless told', async () => {
  const { source, schedule, timeZone, maxRemovalRatio, discoveryLagS } = await read({});
  expect({ source, schedule, timeZone, maxRemovalRatio, discoveryLagS }).toEqual({
    discoveryLagS: 1_800,
    source: 'auto',
    schedule: undefined,
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
  });
});

describe('a name', () => {
  test.each(['a', '0', 'prod-eu_2'])('may be %s', async (name) => {
    expect((await read({ name })).name).toBe(name);
  });

  test.each(['Prod', '-a', '_a', 'a b', 'a.b', 'ä', 'a\n', 'a'.repeat(101)])('may not be %j', async (name) => {
    expect(await refused({ name })).toEqual([expect.stringMatching(/^integrations\[0\]\.name must be lower-case/)]);
  });

  test('is required', async () => {
    expect(await refused({ name: undefined })).toEqual([expect.stringMatching(/^integrations\[0\]\.name is required/)]);
  });
});

describe('an id', () => {
  test.each([
    ['1', 1],
    [' 42 ', 42],
    [9007199254740991, 9007199254740991],
    ['9007199254740991', 9007199254740991],
  ])('may be %j', async (written, id) => {
    expect((await read({ environment_id: written })).environmentId).toBe(id);
  });

  test.each([
    0,
    -1,
    1.5,
    9007199254740992,
    '9007199254740993',
    '0',
    '1e3',
    '0x10',
    'abc',
    true,
    [1],
    '12 34',
  ])('may not be %j', async (written) => {
    for (const key of ['account_id', 'project_id', 'environment_id', 'job_id']) {
      expect(await refused({ [key]: written })).toEqual([
        `integrations[0].${key} must be a whole number above 0 and below 2^53.`,
      ]);
    }
  });

  test.each([null, ''])('may not be left empty: %j', async (written) => {
    expect(await refused({ job_id: written })).toEqual([
      'integrations[0].job_id is empty: give it a value or leave it out.',
    ]);
  });

  test('of the environment may be left to the Admin API', async () => {
    expect((await read({ environment_id: undefined })).environmentId).toBeUndefined();
  });

  test('of the environment is required where there is no Admin API to ask', async () => {
    const discovery = { access_url: undefined, discovery_url: 'https://metadata.example/graphql' };
    expect(await refused({ ...discovery, environment_id: undefined })).toEqual([
      'integrations[0].environment_id is required: a whole number above 0 and below 2^53 (or integrations[0].access_url, for the production environment to be looked up).',
    ]);
    const { environmentId } = await read({ ...discovery, admin_url: 'admin.example', environment_id: undefined });
    expect(environmentId).toBeUndefined();
  });
});

describe('an address', () => {
  test('gets its scheme when it has none', async () => {
    expect((await read({ access_url: 'ab123.us1.dbt.com' })).accessUrl).toBe('https://ab123.us1.dbt.com');
  });

  test('may be that of the Discovery API alone', async () => {
    const { accessUrl, discoveryUrl } = await read({
      access_url: undefined,
      discovery_url: 'http://127.0.0.1:1/graphql',
    });
    expect({ accessUrl, discoveryUrl }).toEqual({ accessUrl: undefined, discoveryUrl: 'http://127.0.0.1:1/graphql' });
  });

  test('is required in one of two ways', async () => {
    expect(await refused({ access_url: undefined })).toEqual([
      'integrations[0].access_url is required (or integrations[0].discovery_url).',
    ]);
  });

  test.each(['access_url', 'discovery_url', 'admin_url'])('must be one and hold no credentials: %s', async (key) => {
    expect(await refused({ [key]: 'ftp://x.dbt.com' })).toEqual([
      `integrations[0].${key} must be a web address such as https://ab123.us1.dbt.com.`,
    ]);
    expect(await refused({ [key]: `https://u:${TOKEN}@x.dbt.com` })).toEqual([
      `integrations[0].${key} must not hold a user name or password.`,
    ]);
  });
});

describe('a schedule', () => {
  test('is checked for its syntax', async () => {
    expect(await refused({ schedule: '*/15 * * *' })).toEqual([
      'integrations[0].schedule must be a cron expression of five fields, such as "*/15 * * * *".',
    ]);
  });

  test.each(['Mars/Olympus', '+02:00', 'two words', ''])('may not be in the time zone %j', async (name) => {
    expect(await refused({ time_zone: name })).toEqual([
      'integrations[0].time_zone must be an IANA time zone such as UTC or Europe/Berlin.',
    ]);
  });
});

describe('max_removal_ratio', () => {
  test.each([0, 1, '0.75'])('may be %j', async (ratio) => {
    expect((await read({ max_removal_ratio: ratio })).maxRemovalRatio).toBe(Number(ratio));
  });

  test.each([-0.1, 1.5, 50, '50%', 'half', true, [0.5]])('may not be %j', async (ratio) => {
    expect(await refused({ max_removal_ratio: ratio })).toEqual([
      'integrations[0].max_removal_ratio must be a number from 0 to 1.',
    ]);
  });
});

describe('a token', () => {
  test.each(['', '\n', '\r\n', '\n\n'])('is read from a file that ends in %j', async (end) => {
    const { token } = await read({ token: undefined, token_file: 'token' }, { token: `${TOKEN}${end}` });
    expect(token.reveal()).toBe(TOKEN);
  });

  test('is required in one of two ways', async () => {
    expect(await refused({ token: undefined })).toEqual([
      'integrations[0].token is required (or integrations[0].token_file).',
    ]);
  });

  test('may not be given in both ways', async () => {
    expect(await refused({ token_file: 'token' }, { token: 'x' })).toEqual([
      'integrations[0].token and integrations[0].token_file exclude each other: give one of them.',
    ]);
  });

  test.each(['', '\n'])('may not be in an empty file: %j', async (text) => {
    expect(await refused({ token: undefined, token_file: 'token' }, { token: text })).toEqual([
      'integrations[0].token_file names a file that is empty: it must hold a dbt token.',
    ]);
  });

  test('may not be in a file that does not exist, whose name is not repeated', async () => {
    const [sentence, ...more] = await refused({ token: undefined, token_file: TOKEN });
    expect(sentence).toMatch(
      /^integrations\[0\]\.token_file names a file that does not exist \(relative paths start at \//,
    );
    expect(more).toEqual([]);
  });

  test('may not be in a folder', async () => {
    const cwd = await folderOf({ integrations: [integration({ token: undefined, token_file: 'secrets' })] });
    await mkdir(join(cwd, 'secrets'));
    const [sentence] = await sentencesOf(loadConfig({ cwd, env: {} }));
    expect(sentence).toContain('integrations[0].token_file names a folder');
  });

  test.each([
    `${TOKEN} ${TOKEN}`,
    `${TOKEN}\n${TOKEN}`,
    `${TOKEN}\u00e9`,
    ` ${TOKEN}`,
  ])('may hold only what a header can carry, and is not repeated: %j', async (text) => {
    const reason = 'holds a space, a line break or another character that no token has';
    expect(await refused({ token: text })).toEqual([`integrations[0].token ${reason}.`]);
    expect(await refused({ token: undefined, token_file: 'token' }, { token: text })).toEqual([
      `integrations[0].token_file names a file that ${reason}.`,
    ]);
  });

  test.each([
    ['token', 12345, 'integrations[0].token must be text.'],
    ['token', null, 'integrations[0].token is empty: give it a value or leave it out.'],
    ['token_file', ['x'], 'integrations[0].token_file must be the path of a file.'],
    ['token_file', '', 'integrations[0].token_file is empty: give it a value or leave it out.'],
  ])('may not be of another kind: %s %j', async (key, value, sentence) => {
    expect(await refused({ token: undefined, [key]: value })).toEqual([sentence]);
  });
});
