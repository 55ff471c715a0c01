import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type IntegrationFlags, integrationFromFlags } from '../../../src/config/flags.ts';
import { folderWith, platformOf, sentencesOf, TOKEN } from './config-builders.ts';

const flags = (changes: IntegrationFlags = {}): IntegrationFlags => ({
  accessUrl: 'ab123.us1.dbt.com',
  environmentId: '70403103966027',
  tokenEnv: 'DBT_TOKEN',
  ...changes,
});
const env = { DBT_TOKEN: TOKEN };

test('flags describe an integration called default', async () => {
  const read = await integrationFromFlags(flags({ accountId: '1', projectId: '2', jobId: '3' }), env);
  const { token, ...rest } = platformOf(read);
  expect(token.reveal()).toBe(TOKEN);
  expect(rest).toEqual({
    name: 'default',
    accessUrl: 'https://ab123.us1.dbt.com',
    discoveryUrl: undefined,
    adminUrl: undefined,
    accountId: 1,
    projectId: 2,
    environmentId: 70403103966027,
    jobId: 3,
    source: 'auto',
    schedule: undefined,
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
    discoveryLagS: 1_800,
    runHistory: true,
  });
});

test('flags may name the integration, its Discovery endpoint and its source', async () => {
  const read = await integrationFromFlags(
    flags({ name: 'try', accessUrl: undefined, discoveryUrl: 'https://x.example/graphql', source: 'discovery' }),
    env,
  );
  expect(read).toMatchObject({ name: 'try', discoveryUrl: 'https://x.example/graphql', source: 'discovery' });
});

test('flags may name the host of the Admin API, and leave the environment to it', async () => {
  const read = await integrationFromFlags(
    flags({ accessUrl: undefined, adminUrl: 'admin.example', environmentId: undefined, source: 'artifacts' }),
    env,
  );
  expect(read).toMatchObject({ adminUrl: 'https://admin.example', environmentId: undefined, source: 'artifacts' });
});

test('a folder is all that its integration needs, and is looked for from the working directory', async () => {
  const cwd = await folderWith();
  expect(await integrationFromFlags({ artifacts: 'target' }, {}, cwd)).toEqual({
    name: 'default',
    source: 'files',
    artifactsDir: join(cwd, 'target'),
    schedule: undefined,
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
  });
});

test('a token file is looked for from the working directory', async () => {
  const cwd = await folderWith({ token: `${TOKEN}\n` });
  const read = await integrationFromFlags(flags({ tokenEnv: undefined, tokenFile: 'token' }), {}, cwd);
  expect(platformOf(read).token.reveal()).toBe(TOKEN);
});

describe('a refusal names the flag', () => {
  test.each<[IntegrationFlags, string]>([
    [{ environmentId: 'x' }, '--environment-id must be a whole number above 0 and below 2^53.'],
    [
      { accessUrl: undefined, discoveryUrl: 'https://x.example/graphql', environmentId: undefined },
      '--environment-id is required: a whole number above 0 and below 2^53 (or --access-url, for the production environment to be looked up).',
    ],
    [{ accountId: '-1' }, '--account-id must be a whole number above 0 and below 2^53.'],
    [{ projectId: '' }, '--project-id is empty: give it a value or leave it out.'],
    [{ jobId: '1.5' }, '--job-id must be a whole number above 0 and below 2^53.'],
    [{ accessUrl: undefined }, '--access-url is required (or --discovery-url).'],
    [{ accessUrl: 'ftp://x.y' }, '--access-url must be a web address such as https://ab123.us1.dbt.com.'],
    [{ discoveryUrl: 'x' }, '--discovery-url must be a web address such as https://ab123.us1.dbt.com.'],
    [{ adminUrl: 'x' }, '--admin-url must be a web address such as https://ab123.us1.dbt.com.'],
    [
      { accessUrl: undefined, source: 'artifacts' },
      '--access-url is required (or --admin-url): artifacts come from the Admin API.',
    ],
    [{ tokenEnv: undefined }, '--token-env is required (or --token-file).'],
    [{ tokenFile: 'x' }, '--token-env and --token-file exclude each other: give one of them.'],
    [{ tokenEnv: 'NOT_SET' }, '--token-env names the environment variable NOT_SET, which is not set.'],
    [{ tokenEnv: 'EMPTY' }, '--token-env names the environment variable EMPTY, which is empty.'],
  ])('for %j', async (changes, sentence) => {
    expect(await sentencesOf(integrationFromFlags(flags(changes), { ...env, EMPTY: '' }))).toEqual([sentence]);
  });

  test('for each of several', async () => {
    const all = await sentencesOf(integrationFromFlags({ name: 'A', jobId: 'x' }, {}));
    expect(all.map((sentence) => sentence.split(' ')[0]).sort()).toEqual([
      '--access-url',
      '--job-id',
      '--name',
      '--token-env',
    ]);
  });

  test('for each that means nothing to a folder', async () => {
    const all = await sentencesOf(integrationFromFlags(flags({ artifacts: 'target' }), env));
    expect(all).toEqual(
      ['--access-url', '--environment-id', '--token-env'].map(
        (flag) => `${flag} means nothing to a folder (--artifacts): remove it.`,
      ),
    );
  });
});

test('a token given where the name of its variable belongs is not repeated', async () => {
  expect(await sentencesOf(integrationFromFlags(flags({ tokenEnv: TOKEN }), {}))).toEqual([
    '--token-env must be the name of an environment variable that holds the token; there is none of the name given.',
  ]);
});

test('a token given where the path of its file belongs is not repeated', async () => {
  const cwd = await folderWith();
  const [sentence] = await sentencesOf(integrationFromFlags(flags({ tokenEnv: undefined, tokenFile: TOKEN }), {}, cwd));
  expect(sentence).toContain('--token-file names a file that does not exist');
});
