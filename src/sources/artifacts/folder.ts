import { createHash } from 'node:crypto';
import { FatalError, SyncError } from '../../domain/errors.ts';
import type { ResourceType } from '../../domain/records.ts';
import type { EnvironmentFacts, Page, Probe, Source, Stored } from '../../domain/source.ts';
import type { Invocation } from '../../normalize/artifacts/invocation.ts';
import { type Artifact, openArtifact } from './artifact.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import { type ArtifactFile, findFiles, peek } from './folder-files.ts';
import { artifactPages, runIdOf } from './invocation-pages.ts';
import { countByType, manifestContext, manifestPages, statedTypes } from './manifest-pages.ts';
import { type Home, homeName, otherPackages, otherProject, packagesOf } from './other-project.ts';
import { readArtifactFile } from './read.ts';
import { idsTold, withBuiltCode } from './result-pages.ts';

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
  /** What is stored of the project. */
  readonly home: Home & Pick<Stored, 'definedAt'>;
  /** Every package that the project is known to have. */
  readonly packages: Set<string>;
}

/** What reading the folder found, beside the pages. */
interface Reading {
  /** Files that could be opened, and are of this project. */
  opened: number;
  states: readonly ResourceType[];
  limits: string[];
  warnings: string[];
}

const INSTEAD = 'give the other project an integration of its own, by another name (or --name).';

/** Refuses artifacts of another project than the one that is stored. */
function refuseOther(dir: string, manifest: Artifact, home: Home): void {
  const other = otherProject(manifest, home);
  if (other === null) return;
  throw new FatalError(
    `The manifest in ${dir} belongs to ${other}, and this integration to ${homeName(home)}: correct artifacts_dir, or ${INSTEAD}`,
  );
}

/** What a person should know who syncs a manifest from before the one that is stored; nothing otherwise. */
function olderThan(definedAt: string | null, { name, invocation: { generatedAt } }: Artifact): string[] {
  if (generatedAt === null || definedAt === null || Date.parse(generatedAt) >= Date.parse(definedAt)) return [];
  return [
    `${name} is of ${generatedAt}, and what is stored of ${definedAt}: nodes stay as they are, and only results, catalog and freshness that are newer were taken.`,
  ];
}

/** Results, checks and catalogs do not name their project; but their nodes do. @throws SyncError when all are strange. */
function refuseStrange(artifact: Artifact, { packages }: Known): void {
  const strange = otherPackages(idsTold(artifact), packages);
  if (strange === null) return;
  throw new SyncError(
    `${artifact.name} is of another project: it tells of nodes of ${strange} alone, none of which this integration has. It was not read: have dbt write it again, or ${INSTEAD}`,
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
    return openArtifact(kind, path, await readArtifactFile(path, maxArtifactMb));
  }

  function note({ warnings }: Artifact): void {
    reading.warnings.push(...warnings);
    reading.opened += 1;
  }

  /** The manifest of this project, or why there is none. @throws FatalError when it is another's. */
  async function openManifest(file: ArtifactFile | undefined, { home, packages }: Known): Promise<Artifact | string> {
    if (file === undefined)
      return `${dir} has no manifest.json: only results, catalog and freshness could be read; run dbt parse to have one.`;
    try {
      const manifest = await openFile(file);
      refuseOther(dir, manifest, home);
      for (const name of packagesOf(manifest)) packages.add(name);
      note(manifest);
      reading.warnings.push(...olderThan(home.definedAt, manifest));
      return manifest;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Whether its invocation built anything is for its results to say. */
  function* manifestOf(manifest: Artifact, results: readonly Artifact[], { counts }: Known): Generator<Page> {
    try {
      const context = manifestContext(manifest, { runId: runIdOf(manifest.invocation), isBuild: false });
      const { invocationId } = manifest.invocation;
      const own = results.filter(({ invocation }) => invocationId !== null && invocation.invocationId === invocationId);
      yield* withBuiltCode(manifestPages(manifest, context), own);
      reading.states = statedTypes(manifest);
    } catch (error) {
      yield { ...EMPTY_PAGE, total: counts.get('model') ?? 0, incomplete: [messageOf(error)] };
    }
  }

  /** A file that cannot be read takes nothing of the others with it; what it would have told is missed. */
  async function openOthers(files: readonly ArtifactFile[], known: Known): Promise<Artifact[]> {
    const artifacts: Artifact[] = [];
    for (const file of files) {
      try {
        const artifact = await openFile(file);
        refuseStrange(artifact, known);
        note(artifact);
        artifacts.push(artifact);
      } catch (error) {
        reading.limits.push(messageOf(error));
      }
    }
    return artifacts;
  }

  function* othersOf(artifacts: readonly Artifact[], { counts }: Known): Generator<Page> {
    for (const artifact of artifacts) {
      try {
        yield* artifactPages(artifact, (type) => counts.get(type) ?? 0);
      } catch (error) {
        reading.limits.push(messageOf(error));
      }
    }
  }

  /**
   * The manifest is opened first, for it tells what the others must be of; but the catalog is told before it: columns
   * are there when the store writes the nodes. So is the code that they were built with, which results tell.
   */
  async function* pagesOf(files: readonly ArtifactFile[], known: Known): AsyncGenerator<Page> {
    let manifest: Artifact | string | undefined = await openManifest(
      files.find(({ kind }) => kind === 'manifest'),
      known,
    );
    if (typeof manifest !== 'string') for (const [type, count] of countByType(manifest)) known.counts.set(type, count);
    const catalogs = files.filter(({ kind }) => kind === 'catalog');
    yield* othersOf(await openOthers(catalogs, known), known);
    const others = files.filter(({ kind }) => kind !== 'manifest' && kind !== 'catalog');
    const results = await openOthers(others, known);
    if (typeof manifest === 'string') yield { ...EMPTY_PAGE, incomplete: [manifest] };
    else yield* manifestOf(manifest, results, known);
    // It is large, and nobody needs it any more.
    manifest = undefined;
    yield* othersOf(results, known);
  }

  async function* pages(signal: AbortSignal, { projectName, packages, definedAt }: Stored): AsyncGenerator<Page> {
    reading = { opened: 0, states: [], limits: [], warnings: [] };
    const files = await findFiles(dir);
    const missed: string[] = [];
    const known: Known = { counts: new Map(), home: { projectName, packages, definedAt }, packages: new Set(packages) };
    if (projectName !== null && known.packages.size > 0) known.packages.add(projectName);
    for await (const page of pagesOf(files, known)) {
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
