import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** The command line as JavaScript: many processes of it start in half the time that its source takes. */
export interface Build {
  readonly main: string;
  remove(): void;
}

/** Writes the source as JavaScript into a folder of its own that is laid out as the package is. */
export function buildCli(): Build {
  const folder = mkdtempSync(join(tmpdir(), 'faults-build-'));
  for (const name of ['node_modules', 'migrations', 'package.json']) symlinkSync(join(ROOT, name), join(folder, name));
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const target = join(folder, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'src', file), 'utf8'), {
      compilerOptions: OPTIONS,
    });
    writeFileSync(target, outputText);
  }
  return { main: join(folder, 'dist/cli/main.js'), remove: () => rmSync(folder, { recursive: true }) };
}
