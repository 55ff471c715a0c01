import { expect, it } from 'vitest';
import { type Scene, scene } from './cli.ts';
import { build, DAILY, PRODUCTION } from './mini-history.ts';

async function synced(shop: Scene, ...args: string[]) {
  const { code, out } = await shop.sync('--access-url', shop.platform.url, '--json', ...args);
  const [result] = JSON.parse(out) as Record<string, unknown>[];
  return { code, result };
}

it.each([
  'artifacts',
  'auto',
])("a job that is none of the environment's is told by a sync of it (source: %s)", async (name) => {
  const shop = await scene(build(1, ['a']));
  const { code, result } = await synced(shop, '--source', name, '--job-id', '99');
  const warning = expect.stringMatching(`Environment ${PRODUCTION} has no job 99 .* There are: .*Daily build`);
  expect([code, result]).toMatchObject([0, { warnings: [warning] }]);
  const known = await synced(shop, '--source', name, '--name', 'known', '--job-id', String(DAILY));
  expect(known.result).toMatchObject({ warnings: [] });
});
