import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Manifest, RunResult, RunResults } from '../platform/artifacts.ts';
import { artifactReader, type History, type HistoryRun, type HistoryStep, loadHistory } from '../platform/history.ts';
import { copiesOf } from './copies.ts';
import type { Pieces } from './json-text.ts';
import { findLink } from './links.ts';
import { linkIn, manifestText, type Plan } from './manifest.ts';
import { type Names, namesOf } from './names.ts';
import { isGood } from './outcomes.ts';
import { catalogText, type Fate, fateOf, resultsText, sourcesText } from './results.ts';

export interface MultiplyOptions {
  /** Folder of the recorded history. */
  readonly history: string;
  /** Folder that the multiplied history is written to; its last segment becomes the history's name. */
  readonly out: string;
  /** At least so many models: whole copies of the project are made. */
  readonly models: number;
  /** Only the first so many runs; all of them when left out. */
  readonly runs?: number;
  /** Equal seeds draw the same failures and the same edges between copies. */
  readonly seed?: string;
  /** The share of copies, from 0 to 1, that a run's failures befall; the first copy always fares as recorded. */
  readonly failing?: number;
}

/** What was written. */
export interface Multiplied {
  readonly copies: number;
  readonly runs: number;
  /** Nodes of all copies by the first manifest, without the project's macros. */
  readonly nodes: number;
  /** Bytes of all artifacts before compression. */
  readonly bytes: number;
}

/** A share with which most copies are well and every run that failed still fails in many. */
const FAILING = 0.1;

/**
 * Writes a history of an environment many times as large: copies of the recorded project with names of their own, each
 * building on another, through the same runs. One artifact's original is in memory at a time, never its multiple.
 */
export async function multiplyHistory(options: MultiplyOptions): Promise<Multiplied> {
  const history = loadHistory(options.history);
  const runs = history.runs.slice(0, options.runs);
  const seed = options.seed ?? 'dbt-observer';
  const { first, examples, unsteady } = survey(history, runs);
  const models = [...first.nodes.values()].filter(({ resource_type: type }) => type === 'model').length;
  const copies = copiesOf(Math.max(1, Math.ceil(options.models / models)), seed);
  const link = findLink(first, (uniqueId) => !unsteady.has(uniqueId));
  const fate = fateOf({ seed, share: options.failing ?? FAILING, examples });
  let bytes = 0;
  for (const run of runs) {
    for (const step of run.steps) {
      bytes += await multiplyStep({ history, run, step, fate, out: options.out }, (names) => {
        return { names, copies, link: linkIn(names, link) };
      });
    }
  }
  writeHistory(history, runs, options.out);
  return { copies: copies.length, runs: runs.length, nodes: first.nodes.size * copies.length, bytes };
}

/** The first manifest's names, how each node goes when it goes well, and which nodes ever went otherwise. */
function survey(history: History, runs: readonly HistoryRun[]) {
  const read = artifactReader(history);
  const steps = runs.flatMap((run) => run.steps.map((step) => ({ run, step })));
  const firstStep = steps.find(({ step }) => step.artifacts.includes('manifest.json'));
  const manifest = firstStep && read(firstStep.run, firstStep.step, 'manifest.json');
  if (!manifest) throw new Error(`No run of ${history.folder} has a manifest: there is nothing to multiply.`);
  const results = steps.flatMap(({ run, step }) => executed(read(run, step, 'run_results.json')));
  return {
    first: namesOf(manifest),
    examples: new Map<string, RunResult>(results.filter(isGood).map((result) => [result.unique_id, result])),
    unsteady: new Set(results.filter((result) => !isGood(result)).map((result) => result.unique_id)),
  };
}

/** Compiling for the docs says "success" of everything, which is not how anything went. */
function executed(artifact: RunResults | null): RunResult[] {
  return artifact === null || artifact.args?.which === 'generate' ? [] : artifact.results;
}

interface StepOf {
  readonly history: History;
  readonly run: HistoryRun;
  readonly step: HistoryStep;
  readonly fate: Fate;
  readonly out: string;
}

async function multiplyStep(of: StepOf, planOf: (names: Names) => Plan): Promise<number> {
  const { history, run, step, fate, out } = of;
  if (step.artifacts.length === 0) return 0;
  const folder = join(out, 'runs', String(run.id), String(step.index));
  mkdirSync(folder, { recursive: true });
  const read = artifactReader(history);
  const manifest: Manifest | null = read(run, step, 'manifest.json');
  if (!manifest) throw new Error(`Step ${step.index} of run ${run.id} has artifacts but no manifest.`);
  const plan = planOf(namesOf(manifest));
  const how = { plan, fate, step: { runId: run.id, retry: step.name.includes('dbt retry') } };
  const results = read(run, step, 'run_results.json');
  const catalog = read(run, step, 'catalog.json');
  const sources = read(run, step, 'sources.json');
  return (
    (await write(join(folder, 'manifest.json.gz'), manifestText(manifest, plan))) +
    (results ? await write(join(folder, 'run_results.json.gz'), resultsText(results, how)) : 0) +
    (catalog ? await write(join(folder, 'catalog.json.gz'), catalogText(catalog, how)) : 0) +
    (sources ? await write(join(folder, 'sources.json.gz'), sourcesText(sources, how)) : 0)
  );
}

async function write(file: string, pieces: Pieces): Promise<number> {
  let bytes = 0;
  const counted = function* () {
    for (const chunk of chunks(pieces)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted()), createGzip({ level: 1 }), createWriteStream(file));
  return bytes;
}

const CHUNK = 1 << 16;

/** Many small pieces would cost more in the stream than in the compressor. */
function* chunks(pieces: Pieces): Iterable<Buffer> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

function writeHistory({ folder: _, ...history }: History, runs: readonly HistoryRun[], out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'history.json'), JSON.stringify({ ...history, name: basename(out), runs }, null, 1));
}
