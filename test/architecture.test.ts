import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importProblems, type SourceFile, shapeProblems, styleProblems } from './architecture-rules.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
/** Not ours to shape: what codegen writes, and a dbt project with what dbt made of it. */
const FOREIGN = ['src/generated/', 'demo/project/', 'demo/histories/'];

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(`${TOP}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(ending));
}

const files: SourceFile[] = ['src', 'demo', 'bench', 'test']
  .flatMap((folder) => filesIn(folder, '.ts'))
  .map((path) => ({ path, text: readFileSync(`${TOP}${path}`, 'utf8') }));
const handWritten = files.filter(({ path }) => !FOREIGN.some((folder) => path.startsWith(folder)));

const source = (path: string, ...lines: string[]): SourceFile => ({ path, text: `${lines.join('\n')}\n` });

test('there are files to look at', () => {
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['src/domain/errors.ts', 'test/architecture.test.ts']),
  );
});

test('every import goes down in rank, stays in its folder, or is a package that may be used there', () => {
  expect(files.flatMap(importProblems)).toEqual([]);
});

test('src has no enum, no unexcused any, no silenced compiler, and keeps environment, console and exit in their place', () => {
  expect(handWritten.filter(({ path }) => path.startsWith('src/')).flatMap(styleProblems)).toEqual([]);
});

test('every hand-written file has a telling kebab-case name, at most 300 lines, and something of its own', () => {
  expect(handWritten.flatMap(shapeProblems)).toEqual([]);
});

test('migrations are numbered from 1 without gap or double and are at most 300 lines long', () => {
  const paths = filesIn('migrations', '.sql').sort();
  const numbers = paths.map((path) => /^migrations\/(\d{4})_[a-z0-9_]+\.sql$/.exec(path)?.[1]);
  expect(numbers).toEqual(paths.map((_, index) => String(index + 1).padStart(4, '0')));
  expect(paths.filter((path) => readFileSync(`${TOP}${path}`, 'utf8').split('\n').length > 301)).toEqual([]);
});

test.each([
  ['a higher rank', 'src/domain/records.ts', "import { a } from '../config/load.ts';"],
  ['another part of the same rank', 'src/sources/discovery/client.ts', "import { a } from '../../store/pool.ts';"],
  ['the other way round', 'src/store/pool.ts', "import { a } from '../sources/hosts.ts';"],
  ['a type of a higher rank', 'src/normalize/model.ts', "import type { A } from '../sync/sync.ts';"],
  ['by passing on', 'src/config/load.ts', "export { a } from '../store/pool.ts';"],
  ['at run time', 'src/http/http.ts', "export const a = () => import('../cli/main.ts');"],
  ['the demo from src', 'src/cli/demo.ts', "import { a } from '../../demo/platform/platform.ts';"],
  ['a test from src', 'src/cli/demo.ts', "import { a } from '../../test/store/database.ts';"],
  ['a package in domain', 'src/domain/records.ts', "import { z } from 'zod';"],
  ['pg outside the store', 'src/sync/sync.ts', "import pg from 'pg';"],
  ['kysely outside the store', 'src/server/server.ts', "import { sql } from 'kysely';"],
  ['a file of kysely', 'src/server/server.ts', "import { sql } from 'kysely/helpers/postgres';"],
  ['COPY outside the store', 'src/sources/hosts.ts', "import { from } from 'pg-copy-streams';"],
  ['graphql-request outside sources', 'src/sync/sync.ts', "import { gql } from 'graphql-request';"],
  ['ky outside http', 'src/sources/hosts.ts', "import ky from 'ky';"],
  ['node-cron outside schedule', 'src/queue/queue.ts', "import cron from 'node-cron';"],
  ['graphile-worker outside queue', 'src/schedule/ticks.ts', "import { run } from 'graphile-worker';"],
  ['commander outside cli', 'src/config/flags.ts', "import { Command } from 'commander';"],
  ['an HTTP server outside server', 'src/http/http.ts', "import { createServer } from 'node:http';"],
  ['src from the demo platform', 'demo/platform/platform.ts', "import { a } from '../../src/normalize/model.ts';"],
  ['src from the oracle', 'test/oracle/load.ts', "import { a } from '../../src/domain/records.ts';"],
  ['the demo from the oracle', 'test/oracle/load.ts', "import { a } from '../../demo/platform/platform.ts';"],
  ['a test from the bench', 'bench/bench.ts', "import { a } from '../test/store/database.ts';"],
  ['an unknown part', 'src/shared/text.ts', 'export const a = 1;'],
])('the import rules refuse %s', (_, path, text) => {
  expect(importProblems(source(path, text))).toHaveLength(1);
});

test.each([
  ['a lower rank', 'src/cli/main.ts', "import { a } from '../store/pool.ts';"],
  ['its own folder', 'src/store/publish/graph.ts', "import { a } from '../pool.ts';"],
  ['a package of its own', 'src/store/pool.ts', "import pg from 'pg';"],
  ['src from a test', 'test/unit/config/load.test.ts', "import { a } from '../../../src/config/load.ts';"],
  ['an import that is only text', 'src/domain/records.ts', 'export const a = "import { b } from \'zod\'";'],
])('the import rules allow %s', (_, path, text) => {
  expect(importProblems(source(path, text))).toEqual([]);
});

test.each([
  ['an enum', 'src/sync/sync.ts', 'export enum Color { red }'],
  ['any', 'src/sync/sync.ts', 'export const a = (b: any) => b;'],
  ['a silenced error', 'src/sync/sync.ts', '// @ts-expect-error: it is wrong'],
  ['the environment', 'src/store/pool.ts', 'export const a = process.env.HOME;'],
  ['an exit', 'src/sync/sync.ts', 'process.exit(1);'],
  ['the console', 'src/sync/sync.ts', "console.log('a');"],
])('the style rules refuse %s', (_, path, text) => {
  expect(styleProblems(source(path, text))).toHaveLength(1);
});

test('the style rules allow an any with a reason, words in comments, and each global in its place', () => {
  const excuse = '// biome-ignore lint/suspicious/noExplicitAny: the caller knows';
  expect(styleProblems(source('src/sync/sync.ts', excuse, 'export type A = Set<any>;'))).toEqual([]);
  expect(styleProblems(source('src/sync/sync.ts', '// any enum, process.env or console'))).toEqual([]);
  expect(styleProblems(source('src/config/load.ts', 'export const a = process.env.HOME;'))).toEqual([]);
  expect(styleProblems(source('src/cli/main.ts', 'console.log(process.exitCode);'))).toEqual([]);
});

test.each([
  ['a long file', source('demo/demo.ts', ...Array.from({ length: 301 }, () => 'f();'))],
  ['camel case', source('src/sync/syncAll.ts', 'f();')],
  ['a folder in camel case', source('src/storeRead/pages.ts', 'f();')],
  ['utils', source('src/sync/utils.ts', 'f();')],
  ['an index', source('src/sync/index.ts', 'f();')],
  ['a barrel', source('src/sync/all.ts', "export * from './sync.ts';")],
])('the shape rules refuse %s', (_, file) => {
  expect(shapeProblems(file)).toHaveLength(1);
});
