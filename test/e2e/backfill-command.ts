import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, folder } from './cli.ts';
import { ACCOUNT, ENVIRONMENT } from './simulated-runs.ts';
import type { RunScene } from './simulated-scene.ts';

/** Runs `backfill` in a process of its own, of another environment than the scene's. */
export async function commandOf(
  { service, databaseUrl }: RunScene,
  { environment }: { readonly environment: number },
  ...args: string[]
) {
  const cwd = folder();
  const keys = ['name: shop', `access_url: ${service.url}`, `account_id: ${ACCOUNT}`, `environment_id: ${environment}`];
  const rest = `database: { url: "${databaseUrl}" }\nrequests_per_minute: 5000\n`;
  const config = `integrations: [{ ${keys.join(', ')}, token: secret-token }]\n${rest}`;
  writeFileSync(join(cwd, 'dbt-observer.yaml'), config);
  return cli(['backfill', 'shop', ...args], { cwd });
}

/** Runs `backfill` in a process of its own. */
export const command = (scene: RunScene, ...args: string[]) => commandOf(scene, { environment: ENVIRONMENT }, ...args);

/** The lines of `--json`. */
export const jsonLines = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
