import { createHash } from 'node:crypto';
import { FatalError, SyncError } from '../../domain/errors.ts';
import type { ResourceType } from '../../domain/records.ts';
import type { EnvironmentFacts, Page, Probe, Source, Stored } from '../../domain/source.ts';
import type { Invocation } from '../../normalize/artifacts/invocation.ts';
import { type Artifact, openArtifact } from './artifact.ts';
import { type ArtifactFile, findFiles, peek } from './folder-files.ts';
import { artifactPages, EMPTY_PAGE, runIdOf } from './invocation-pages.ts';
import { countByType, manifestContext, manifestPages, statedTypes } from './manifest-pages.ts';
import { otherProject } from './other-project.ts';
import { readArtifactFile } from './read.ts';
import type { Totals } from './result-pages.ts';

export interface FolderSourceOptions {
  /** dbt's target folder, or any other with its artifacts, plain or gzipped. */
  readonly dir: string;
  /** Larger artifacts are refused, in MB. */
  readonly maxArtifactMb: number;
}

/** What is known while the pages go by. */
interface Known {
  /** Nodes by their type, once the manifest was read. */
  readonly counts: Map<ResourceType, number>;
  /** The project that is stored. */
  readonly project: string | null;
}

/** What reading the folder found, beside the pages. */
interface Reading {
  /** Files that could be opened. */
  opened: number;
  states: readonly ResourceType[];
  limits: string[];
  warnings: string[];
}

/** Refuses artifacts of another project than the one that is stored. */
function refuseOther(dir: string, invocation: Invocation, project: string | null): void {
  const other = otherProject(invocation, project);
  if (other === null) return;
  throw new FatalError(
    `The manifest in ${dir} belongs to ${other}, and this integration to ${project}: correct artifacts_dir, or give the other project an integration of its own, by another name (or --name).`,
  );
}

function messageOf(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  throw error;
}

const timeOf = ({ mtimeNs }: ArtifactFile) => new Date(Number(mtimeNs / 1_000_000n)).toISOString();

function tokenOf(files: readonly ArtifactFile[]): string {
  const hash = createHash('sha256');
  for (const { path, size, mtimeNs } of files) hash.update(`${path} ${size} ${mtimeNs}\n`);
  return hash.digest('base64');
}

/** Reads the artifacts of one folder as the state of one environment; each file may come from another invocation. */
export function createFolderSource({ dir, maxArtifactMb }: FolderSourceOptions): Source {
  let reading: Reading = { opened: 0, states: [], limits: [], warnings: [] };
  let totalBytes = 0;

  /** Early previews of dbt Fusion wrote the metadata among the rest, so that the whole file has to be read. */
  async function invocationIn(manifest: ArtifactFile): Promise<Invocation | null> {
    const said = await peek(manifest);
    if (said !== null) return said;
    const { kind, path } = manifest;
    try {
      return openArtifact(kind, path, await readArtifactFile(path, maxArtifactMb)).invocation;
    } catch (error) {
      // The pages say what is wrong with it.
      if (error instanceof SyncError) return null;
      throw error;
    }
  }

  async function probe(): Promise<Probe> {
    const files = await findFiles(dir);
    const manifest = files.find(({ kind }) => kind === 'manifest');
    const said = manifest === undefined ? null : await invocationIn(manifest);
    const environment: EnvironmentFacts = {
      adapterType: said?.adapterType ?? null,
      projectName: said?.projectName ?? null,
      gitSha: null,
      // Trimmed manifests do not say when they were made: it was not after they were written.
      updatedAt: said?.generatedAt ?? (manifest === undefined ? null : timeOf(manifest)),
    };
    return { token: tokenOf(files), environment };
  }

  async function openFile({ kind, path, size }: ArtifactFile): Promise<Artifact> {
    totalBytes += size;
    const artifact = openArtifact(kind, path, await readArtifactFile(path, maxArtifactMb));
    reading.warnings.push(...artifact.warnings);
    reading.opened += 1;
    return artifact;
  }

  async function* manifestOf(file: ArtifactFile | undefined, { counts, project }: Known): AsyncGenerator<Page> {
    if (file === undefined) {
      const missing = `${dir} has no manifest.json: only results, catalog and freshness could be read; run dbt parse to have one.`;
      yield { ...EMPTY_PAGE, incomplete: [missing] };
      return;
    }
    try {
      const manifest = await openFile(file);
      refuseOther(dir, manifest.invocation, project);
      for (const [type, count] of countByType(manifest)) counts.set(type, count);
      // Whether its invocation built anything is for the results to say, which have the code then.
      const context = manifestContext(manifest, { runId: runIdOf(manifest.invocation), isBuild: false });
      yield* manifestPages(manifest, context);
      reading.states = statedTypes(manifest);
    } catch (error) {
      yield { ...EMPTY_PAGE, total: counts.get('model') ?? 0, incomplete: [messageOf(error)] };
    }
  }

  /** A file that cannot be read takes nothing of the others with it; what it would have told is missed. */
  async function* othersOf(file: ArtifactFile, totals: Totals): AsyncGenerator<Page> {
    try {
      yield* artifactPages(await openFile(file), totals);
    } catch (error) {
      reading.limits.push(messageOf(error));
    }
  }

  /** The catalog goes first: columns are there when the store writes the nodes. */
  async function* pagesOf(files: readonly ArtifactFile[], known: Known): AsyncGenerator<Page> {
    const totals: Totals = (type) => known.counts.get(type) ?? 0;
    for (const file of files.filter(({ kind }) => kind === 'catalog')) yield* othersOf(file, totals);
    const manifest = files.find(({ kind }) => kind === 'manifest');
    yield* manifestOf(manifest, known);
    const results = files.filter(({ kind }) => kind !== 'manifest' && kind !== 'catalog');
    for (const file of results) yield* othersOf(file, totals);
  }

  async function* pages(signal: AbortSignal, { projectName }: Stored): AsyncGenerator<Page> {
    reading = { opened: 0, states: [], limits: [], warnings: [] };
    const files = await findFiles(dir);
    const missed: string[] = [];
    for await (const page of pagesOf(files, { counts: new Map(), project: projectName })) {
      signal.throwIfAborted();
      missed.push(...page.incomplete);
      yield page;
    }
    // A pass in part would say that something of the folder is in the store.
    if (reading.opened === 0) throw new SyncError([...missed, ...reading.limits].join(' '));
  }

  return {
    name: 'artifacts',
    get states() {
      return reading.states;
    },
    get limits() {
      return reading.limits;
    },
    get warnings() {
      return reading.warnings;
    },
    probe,
    pages,
    traffic: () => ({ requests: 0, bytes: totalBytes }),
  };
}
