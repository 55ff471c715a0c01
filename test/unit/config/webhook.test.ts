// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration's own syntax are what is tested
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { redactConfig } from '../../../src/config/redact.ts';
import { folderOf, integration, platformOf, sentencesOf } from './config-builders.ts';

const secretsOf = async (webhook: unknown, files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}) => {
  const cwd = await folderOf({ integrations: [integration({ webhook })] }, files);
  const { integrations } = await loadConfig({ cwd, env });
  return platformOf(integrations[0]).webhookSecrets?.map((secret) => secret.reveal());
};

const problemsWith = async (content: Record<string, unknown>, files: Record<string, string> = {}) =>
  sentencesOf(loadConfig({ cwd: await folderOf(content, files), env: {} }));

test('secrets of webhooks come from variables and files, all of them while one takes the place of another', async () => {
  const webhook = { secrets: ['${OLD}', 'plain'], secret_files: ['new.txt'] };
  expect(await secretsOf(webhook, { 'new.txt': 'of-a-file\n' }, { OLD: 'of-a-variable' })).toEqual([
    'of-a-variable',
    'plain',
    'of-a-file',
  ]);
});

test('an integration without webhook takes none', async () => {
  expect(await secretsOf(undefined)).toBeUndefined();
});

test.each([
  [{}, 'integrations[0].webhook holds no secret: give secrets or secret_files.'],
  [{ secrets: [] }, 'integrations[0].webhook holds no secret: give secrets or secret_files.'],
  ['x', 'integrations[0].webhook must be keys and values.'],
  [{ secrets: 'x' }, 'integrations[0].webhook.secrets must be a list.'],
  [{ secrets: [''] }, 'integrations[0].webhook.secrets[0] is empty: it must hold a webhook secret.'],
  [{ secret: ['x'] }, 'integrations[0].webhook.secret is not a known key; did you mean secrets?'],
])('a wrong webhook is refused: %j', async (webhook, sentence) => {
  expect(await problemsWith({ integrations: [integration({ webhook })] })).toContain(sentence);
});

test('a file of a secret that is not there is named by its key', async () => {
  const [sentence] = await problemsWith({ integrations: [integration({ webhook: { secret_files: ['none'] } })] });
  expect(sentence).toMatch(/^integrations\[0\]\.webhook\.secret_files\[0\] names a file that does not exist/);
});

test('a folder of artifacts takes no webhooks', async () => {
  const folder = { name: 'core', source: 'files', artifacts_dir: 'target', webhook: { secrets: ['x'] } };
  expect(await problemsWith({ integrations: [folder] })).toEqual([
    'integrations[0].webhook means nothing to a folder (integrations[0].artifacts_dir): remove it.',
  ]);
});

test('who takes no webhooks needs no secret, and has none', async () => {
  const webhook = { secrets: ['${NOT_SET}'], secret_files: ['none'] };
  const cwd = await folderOf({ integrations: [integration({ webhook })] });
  const { integrations } = await loadConfig({ cwd, env: {}, webhooks: false });
  expect(integrations.map(({ name }) => name)).toEqual(['prod']);
  expect(platformOf(integrations[0]).webhookSecrets).toBeUndefined();
});

test('a misspelled key of webhooks is found by whoever takes none', async () => {
  const cwd = await folderOf({ integrations: [integration({ webhook: { secret: ['x'] } })] });
  expect(await sentencesOf(loadConfig({ cwd, env: {}, webhooks: false }))).toEqual([
    'integrations[0].webhook.secret is not a known key; did you mean secrets?',
  ]);
});

test('a printed configuration shows that there are secrets, and none of them', async () => {
  const cwd = await folderOf({ integrations: [integration({ webhook: { secrets: ['first', 'second'] } })] });
  const printed = JSON.stringify(redactConfig(await loadConfig({ cwd, env: {} })));
  expect(printed).toContain('"webhook":{"secrets":["***","***"]}');
  expect(printed).not.toMatch(/first|second/);
});

test('the server listens where it is told', async () => {
  const cwd = await folderOf({ server: { host: '0.0.0.0', port: '9000' } });
  expect((await loadConfig({ cwd, env: {} })).server).toEqual({ host: '0.0.0.0', port: 9_000 });
});

test.each([
  [{ port: -1 }, 'server.port must be a whole number from 1 to 65535, or 0 for any that is free.'],
  [{ port: 65_536 }, 'server.port must be a whole number from 1 to 65535, or 0 for any that is free.'],
  [{ host: 'a b' }, 'server.host must be an address or host name such as 127.0.0.1, 0.0.0.0 or ::1.'],
  [{ prot: 1 }, 'server.prot is not a known key; did you mean port?'],
])('a server that cannot be is refused: %j', async (server, sentence) => {
  expect(await problemsWith({ server })).toEqual([sentence]);
});
