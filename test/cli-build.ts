import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/**
 * Writes the source as JavaScript into a new folder that is laid out as the package is, and gives the path of the
 * command line: many processes of it start in a fraction of the time that its source takes.
 */
export function buildCli(folder: string): string {
  mkdirSync(folder);
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
  return join(folder, 'dist/cli/main.js');
}
