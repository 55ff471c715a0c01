import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../../src/app.ts';
import type { Io } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/program.ts';

async function ran(...argv: string[]) {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    json: argv.includes('--json'),
    isTerminal: false,
    columns: undefined,
    errColumns: 80,
    debug: false,
  };
  return { code: await run(argv, io), out, err };
}

describe('a wrong command line', () => {
  it.each([
    ['an option of a part that is not built', ['sync', '--since', '3d'], "unknown option '--since'"],
    ['a folder and a source', ['sync', '--artifacts', 'target', '--source', 'auto'], 'exclude each other'],
    ['a folder and names', ['sync', 'shop', '--artifacts', 'target'], 'not both'],
    ['a command that does not exist yet', ['graph'], "unknown command 'graph'"],
    ['a source that --source cannot choose', ['sync', '--source', 'files'], 'choices are auto, discovery, artifacts'],
    ['a missing argument', ['lineage'], "missing required argument 'unique-id'"],
    ['a depth that is no number', ['lineage', 'model.a.b', '--depth', 'two'], 'It must be a whole number of edges'],
    ['a number of runs that is none', ['runs', '--limit', '0'], 'It must be a whole number of runs'],
    ['names and a description at once', ['sync', 'shop', '--name', 'shop'], 'not both'],
  ])('with %s ends with code 2 and one sentence', async (_, argv, expected) => {
    const { code, out, err } = await ran(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: [^\n]+\n$/);
    expect(err).toContain(expected);
  });

  it('suggests the command that was probably meant', async () => {
    expect((await ran('stauts')).err).toContain('Did you mean status?');
  });

  it('is told as JSON where JSON is wanted', async () => {
    const { code, out } = await ran('status', '--json', '--nonsense');
    expect([code, JSON.parse(out)]).toEqual([
      2,
      { error: { message: "unknown option '--nonsense'", type: 'UsageError' } },
    ]);
  });
});

it.each(['tree', 'mermaid', 'dot'])('a lineage is not both JSON and %s', async (format) => {
  const { code, out, err } = await ran('lineage', 'model.a.b', '--format', format, '--json');
  expect([code, err]).toEqual([2, `error: --json and --format ${format} exclude each other: leave one of them out.\n`]);
  expect(JSON.parse(out)).toEqual({ error: { message: expect.stringContaining('exclude'), type: 'FatalError' } });
});

it('a working directory that was deleted is named as what is wrong', async () => {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  const directory = mkdtempSync(join(tmpdir(), 'deleted-'));
  process.chdir(directory);
  rmdirSync(directory);
  const { code, err } = await ran('status');
  expect([code, err]).toEqual([2, 'error: The working directory does not exist any more: change to one that does.\n']);
});

describe('help', () => {
  it.each([
    'sync',
    'status',
    'tests',
    'runs',
    'lineage',
    'migrate',
    'db',
    'db start',
    'db stop',
    'db url',
  ])('of %s has an example', async (command) => {
    const { code, out } = await ran(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/Example:\n {2}\$ .*dbt-observer/);
  });

  it('is shown where a command is missing, which is an error', async () => {
    const { code, err } = await ran();
    expect(code).toBe(2);
    expect(err).toMatch(/^Usage: dbt-observer/);
  });
});

it('tells its version', async () => {
  expect(await ran('--version')).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
});
