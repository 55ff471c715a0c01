import { COLLECTIONS } from '../../normalize/artifacts/collections.ts';

export type ArtifactKind = 'manifest' | 'run_results' | 'catalog' | 'sources';

interface KnownArtifact {
  readonly kind: ArtifactKind;
  /** Its word in `metadata.dbt_schema_version`. */
  readonly schema: string;
  /** Versions that are known, each range with both ends (schemas.getdbt.com; 20 was written by early previews of Fusion). */
  readonly versions: readonly (readonly [number, number])[];
  /** Top-level keys whose members are read one by one. */
  readonly opened: readonly string[];
  /** A file without a version is one of this kind when it has one of these. */
  readonly signs: readonly string[];
}

/** Every artifact that is read. A new version of one is a new end of its range. */
export const ARTIFACTS: readonly KnownArtifact[] = [
  {
    kind: 'manifest',
    schema: 'manifest',
    versions: [
      [1, 12],
      [20, 20],
    ],
    opened: [...COLLECTIONS, 'disabled'],
    signs: ['nodes'],
  },
  { kind: 'run_results', schema: 'run-results', versions: [[1, 6]], opened: ['results'], signs: ['results'] },
  { kind: 'catalog', schema: 'catalog', versions: [[1, 1]], opened: ['nodes', 'sources'], signs: ['nodes', 'sources'] },
  {
    kind: 'sources',
    schema: 'sources',
    versions: [[1, 3]],
    opened: ['results', 'sources'],
    signs: ['results', 'sources'],
  },
];

export function artifactOf(kind: ArtifactKind): KnownArtifact {
  const found = ARTIFACTS.find((artifact) => artifact.kind === kind);
  if (found === undefined) throw new TypeError(`There is no artifact ${kind}.`);
  return found;
}

/** What `metadata.dbt_schema_version` says: the kind, null for one that is not read, and the version. */
export interface SchemaVersion {
  readonly kind: ArtifactKind | null;
  readonly word: string;
  readonly version: number;
}

const SCHEMA = /\/dbt\/([a-z-]+)\/v(\d{1,6})\b/;

/** Null when the file says no version: those from before dbt 0.19 and those that tools rewrote. */
export function schemaVersion(text: unknown): SchemaVersion | null {
  const [, word, version] = SCHEMA.exec(typeof text === 'string' ? text : '') ?? [];
  if (word === undefined || version === undefined) return null;
  return { kind: ARTIFACTS.find(({ schema }) => schema === word)?.kind ?? null, word, version: Number(version) };
}

/** Whether this version is known; 0 stands for none. */
export function isKnown(kind: ArtifactKind, version: number): boolean {
  return version === 0 || artifactOf(kind).versions.some(([from, to]) => version >= from && version <= to);
}

export function newestVersion(kind: ArtifactKind): number {
  const numbers = artifactOf(kind).versions.map(([, to]) => to);
  // Version 20 was taken back: what came after it says 12 again.
  return kind === 'manifest' ? 12 : Math.max(...numbers);
}
