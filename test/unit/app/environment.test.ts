import { expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../../demo/platform/platform.ts';
import { environmentOf } from '../../../src/app/environment.ts';
import type { PlatformIntegration } from '../../../src/config/types.ts';
import { FatalError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { ACCOUNT, build, DAILY, PRODUCTION, PROJECT } from '../../e2e/mini-history.ts';
import { given } from '../../e2e/mini-platform.ts';
import { api, never } from '../sources/admin/builders.ts';

const integration = (changes: Partial<PlatformIntegration> = {}): PlatformIntegration => ({
  name: 'shop',
  token: new Secret(DEFAULT_TOKEN),
  source: 'auto',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  discoveryLagS: 1_800,
  runHistory: true,
  ...changes,
});

async function found(changes: Partial<PlatformIntegration> = {}) {
  const { url } = await given(build(1, ['a']));
  const asked = async () => ({ api: api({ url, token: DEFAULT_TOKEN }), accountId: ACCOUNT });
  return environmentOf(integration(changes), asked, never);
}

it('is the production environment of the account or project', async () => {
  expect(await found()).toBe(PRODUCTION);
  expect(await found({ projectId: PROJECT })).toBe(PRODUCTION);
});

it('is that of the job, where there is one', async () => {
  expect(await found({ jobId: DAILY })).toBe(PRODUCTION);
});

it('is not found of a job that does not exist', async () => {
  const missing = found({ jobId: 12 });
  await expect(missing).rejects.toThrow(FatalError);
  await expect(missing).rejects.toThrow(`Account ${ACCOUNT} has no job 12 that this token may see: check job_id.`);
});

it('is not found where the account is not known, and the configuration can do without', async () => {
  const asked = async () => {
    throw new FatalError('The token sees two accounts.');
  };
  const missing = environmentOf(integration(), asked, never);
  await expect(missing).rejects.toThrow(FatalError);
  await expect(missing).rejects.toThrow(/two accounts.*It was asked because no environment_id is given/);
});
