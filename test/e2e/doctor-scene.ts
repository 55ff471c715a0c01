import { onTestFinished } from 'vitest';
import { DEFAULT_TOKEN, type Platform } from '../../demo/platform/platform.ts';
import { integrationFromFlags } from '../../src/config/flags.ts';
import { examine } from '../../src/doctor/doctor.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createTestDatabase } from '../store/database.ts';
import { cli, type Ended } from './cli.ts';
import { ACCOUNT, build, type MiniRun, PRODUCTION, PROJECT } from './mini-history.ts';
import { given } from './mini-platform.ts';

/** One check as `--json` tells it. */
export interface ToldCheck {
  readonly integration: string | null;
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly mend?: string;
}

export interface Examined {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly checks: readonly ToldCheck[];
  /** The check of a name. */
  check(name: string): ToldCheck | undefined;
  /** Status by name of check. */
  readonly statuses: Record<string, string>;
}

export function examined({ code, out, err }: Ended): Examined {
  const { checks } = JSON.parse(out) as { checks: ToldCheck[] };
  return { code, out, err, ...looked(checks) };
}

function looked(checks: readonly ToldCheck[]): Pick<Examined, 'checks' | 'check' | 'statuses'> {
  return {
    checks,
    check: (name) => checks.find(({ check }) => check === name),
    statuses: Object.fromEntries(checks.map(({ check, status }) => [check, status])),
  };
}

/** A platform and a database, and `doctor` between them. */
export interface Clinic {
  readonly platform: Platform;
  readonly databaseUrl: string;
  readonly env: Record<string, string>;
  /** Examines the production environment; the given arguments come last and win. */
  doctor(...args: string[]): Promise<Examined>;
  /** The same as text. */
  text(...args: string[]): Promise<Ended>;
  /** The same examination without a process of its own; configured values win. */
  examine(configured?: Record<string, string | undefined>): Promise<Omit<Examined, 'out' | 'err'>>;
}

export async function clinic(...runs: MiniRun[]): Promise<Clinic> {
  const platform = await given(...(runs.length === 0 ? [build(1, ['a'])] : runs));
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const env = { DATABASE_URL: database.url, TOKEN: DEFAULT_TOKEN };
  const described = {
    '--access-url': platform.url,
    '--discovery-url': `${platform.url}/graphql`,
    '--account-id': String(ACCOUNT),
    '--project-id': String(PROJECT),
    '--environment-id': String(PRODUCTION),
    '--token-env': 'TOKEN',
  };
  const examineHere = async (configured: Record<string, string | undefined> = {}) => {
    const flags = {
      accessUrl: platform.url,
      discoveryUrl: `${platform.url}/graphql`,
      accountId: String(ACCOUNT),
      projectId: String(PROJECT),
      environmentId: String(PRODUCTION),
      tokenEnv: 'TOKEN',
      ...configured,
    };
    const config = await integrationFromFlags(flags, env);
    if (config.source === 'files') throw new Error('A folder has no platform.');
    const checks = await examine({
      integrations: [{ config, token: { secret: config.token } }],
      database: { kind: 'url', url: new Secret(database.url) },
      userAgent: 'dbt-observer/test',
      proxies: undefined,
      signal: new AbortController().signal,
      tell: () => undefined,
      onNotice: () => undefined,
    });
    return { code: checks.some(({ status }) => status === 'failed') ? 1 : 0, ...looked(checks) };
  };
  const text = (...args: string[]) => cli(['doctor', ...Object.entries(described).flat(), ...args], { env });
  return {
    platform,
    databaseUrl: database.url,
    env,
    text,
    examine: examineHere,
    doctor: async (...args) => examined(await text('--json', ...args)),
  };
}
