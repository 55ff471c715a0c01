import { expect, it } from 'vitest';
import { chosenIntegrations } from '../../../src/cli/commands/sync.ts';
import type { FilesIntegration, PlatformIntegration } from '../../../src/config/types.ts';
import { FatalError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';

const common = { schedule: undefined, timeZone: 'UTC', maxRemovalRatio: 0.5 };
const platform = (name: string, changes: Partial<PlatformIntegration> = {}): PlatformIntegration => ({
  ...common,
  name,
  accessUrl: 'https://ab123.us1.dbt.com',
  environmentId: 5,
  token: new Secret('secret'),
  source: 'auto',
  discoveryLagS: 1_800,
  runHistory: true,
  ...changes,
});
const core: FilesIntegration = { ...common, name: 'core', source: 'files', artifactsDir: '/srv/target' };
const config = { integrations: [platform('shop'), core] };

it('are all of them unless some are named', async () => {
  expect(await chosenIntegrations(config, [], {})).toEqual(config.integrations);
  expect(await chosenIntegrations(config, ['core'], {})).toEqual([core]);
});

it('are asked in another way where --source says so, and folders stay what they are', async () => {
  const chosen = await chosenIntegrations(config, [], { source: 'artifacts' });
  expect(chosen).toEqual([{ ...platform('shop'), source: 'artifacts' }, core]);
});

it.each([
  ['core', core, 'artifacts', '"core" reads a folder (source: files), which --source cannot change'],
  [
    'shop',
    platform('shop', { accessUrl: undefined, discoveryUrl: 'https://x.example/graphql' }),
    'artifacts',
    '--source artifacts needs access_url or admin_url, and "shop" has neither',
  ],
  [
    'shop',
    platform('shop', { accessUrl: undefined, adminUrl: 'https://x.example', source: 'artifacts' }),
    'discovery',
    '--source discovery needs access_url or discovery_url, and "shop" has neither',
  ],
] as const)('cannot be asked in a way that %s has nothing for', async (name, one, source, said) => {
  const refused = chosenIntegrations({ integrations: [one] }, [name], { source });
  await expect(refused).rejects.toThrow(FatalError);
  await expect(refused).rejects.toThrow(said);
});

it('is a folder alone where --artifacts says so, whatever is configured', async () => {
  const [one, ...others] = await chosenIntegrations(config, [], { artifacts: '/srv/other' });
  expect([one, others]).toEqual([{ ...common, name: 'default', source: 'files', artifactsDir: '/srv/other' }, []]);
});
