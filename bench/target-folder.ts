import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { multiplyHistory } from '../demo/multiply/multiply.ts';
import { loadHistory } from '../demo/platform/history.ts';

const HISTORY = fileURLToPath(new URL('../demo/histories/duckdb', import.meta.url));

/** Nodes of the recorded project for each of its models: copies are counted by models. */
const NODES_PER_MODEL = 115 / 32;

/** A folder like dbt's target folder, of a large project. */
export interface TargetFolder {
  readonly dir: string;
  /** Its plain files. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly nodes: number;
}

/** Texts that are not Latin-1 take V8 two bytes per character, so one of them has to be there. */
function withWideCharacter(): Transform {
  let isDone = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = isDone ? -1 : chunk.indexOf('"description": "');
      isDone ||= at >= 0;
      const place = at + '"description": "'.length;
      done(null, at < 0 ? chunk : Buffer.concat([chunk.subarray(0, place), Buffer.from('→ '), chunk.subarray(place)]));
    },
  });
}

async function unpack(from: string, to: string): Promise<void> {
  const parts = [createReadStream(from), createGunzip()] as const;
  if (to.endsWith('manifest.json')) await pipeline(...parts, withWideCharacter(), createWriteStream(to));
  else await pipeline(...parts, createWriteStream(to));
}

/** Writes what the first run of the recorded history would have left of a project with so many nodes. */
export async function writeTargetFolder(folder: string, nodes: number): Promise<TargetFolder> {
  const out = join(folder, 'large');
  const made = await multiplyHistory({
    history: HISTORY,
    out,
    models: Math.ceil(nodes / NODES_PER_MODEL),
    runs: 1,
  });
  const [run] = loadHistory(out).runs;
  const step = run?.steps.find(({ artifacts }) => artifacts.includes('run_results.json'));
  const docs = run?.steps.find(({ artifacts }) => artifacts.includes('catalog.json'));
  if (run === undefined || step === undefined || docs === undefined) throw new Error('The history has no such run.');
  const dir = join(folder, 'target');
  await mkdir(dir);
  const wanted = [
    [step.index, 'manifest.json'],
    [step.index, 'run_results.json'],
    [docs.index, 'catalog.json'],
  ] as const;
  for (const [index, name] of wanted) {
    await unpack(join(out, 'runs', String(run.id), String(index), `${name}.gz`), join(dir, name));
  }
  const files = wanted.map(([, name]) => join(dir, name));
  return { dir, files, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0), nodes: made.nodes };
}
