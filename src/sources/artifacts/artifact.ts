import { SyncError } from '../../domain/errors.ts';
import { type Invocation, invocationOf } from '../../normalize/artifacts/invocation.ts';
import { damageOf } from './damage.ts';
import { parseJson } from './lenient-json.ts';
import { unreadable, unreadableElement } from './refusal.ts';
import { type Member, ScanError, type Span, scan, type TopLevel } from './scan.ts';
import { type ArtifactKind, artifactOf, isKnown, newestVersion, schemaVersion } from './versions.ts';

/** One member of an opened top-level value, parsed. */
export interface ParsedMember {
  readonly key: string;
  readonly raw: unknown;
  readonly depth: number;
}

/** An artifact whose structure was found and whose elements are parsed one by one as they are asked for. */
export interface Artifact {
  readonly kind: ArtifactKind;
  /** What it is called in messages. */
  readonly name: string;
  /** 0 when it says none. */
  readonly version: number;
  readonly invocation: Invocation;
  /** What a person should know of it, one sentence each. */
  readonly warnings: readonly string[];
  /** What of its text could not be read, in one sentence; null when all of it could. */
  readonly damage: string | null;
  /** Whether there is an object under this key, as a collection of members by their ids is. */
  hasObject(key: string): boolean;
  /** The keys of an opened top-level object. */
  keys(key: string): readonly string[];
  /** @param only parses the members with these keys alone. @throws SyncError when an element turns out to be no JSON. */
  members(key: string, only?: ReadonlySet<string>): Generator<ParsedMember>;
  /** A small top-level value, parsed whole; undefined when there is none. @throws SyncError */
  value(key: string): unknown;
}

interface Structure {
  readonly name: string;
  readonly bytes: Buffer;
  readonly top: ReadonlyMap<string, TopLevel>;
}

function parse({ name, bytes }: Structure, { start, end }: Span, key: string): unknown {
  try {
    return parseJson(bytes.toString('utf8', start, end));
  } catch (cause) {
    throw unreadableElement(name, bytes, { key, cause });
  }
}

function parsedValue(structure: Structure, key: string): unknown {
  const found = structure.top.get(key);
  return found === undefined ? undefined : parse(structure, found, key);
}

function* membersOf(structure: Structure, key: string, only?: ReadonlySet<string>): Generator<ParsedMember> {
  const members: readonly Member[] = structure.top.get(key)?.members ?? [];
  for (const member of members) {
    if (only?.has(member.key) === false) continue;
    yield { key: member.key, raw: parse(structure, member, member.key || key), depth: member.depth };
  }
}

function scanned(name: string, bytes: Buffer, opened: readonly string[]): Structure {
  const keys = new Set(opened);
  try {
    return { name, bytes, top: scan(bytes, (key) => keys.has(key)) };
  } catch (error) {
    if (error instanceof ScanError) throw unreadable(name, bytes, error);
    throw error;
  }
}

const fileOf = (kind: ArtifactKind) => `${kind}.json`;

/** A manifest is worth reading for what else is in it, even if its nodes are missing. */
function hasContent(kind: ArtifactKind, top: Structure['top'], isSaid: boolean): boolean {
  return (kind === 'manifest' && isSaid) || artifactOf(kind).signs.some((sign) => top.get(sign)?.members != null);
}

/** The version that a file of this kind says. @throws SyncError when it is of another kind, or of none. */
function versionOf(kind: ArtifactKind, { name, top }: Structure, metadata: unknown): number {
  const said = schemaVersion((metadata as { dbt_schema_version?: unknown } | null | undefined)?.dbt_schema_version);
  if (said !== null && said.kind !== kind) {
    const what = said.kind === null ? `an artifact of dbt (${said.word})` : `a ${fileOf(said.kind)} of dbt`;
    throw new SyncError(`${name} is ${what} and not what its name says: put the ${fileOf(kind)} there.`);
  }
  if (hasContent(kind, top, said !== null)) return said?.version ?? 0;
  throw new SyncError(
    `${name} is JSON, but no ${fileOf(kind)} of dbt: it has no ${artifactOf(kind).signs.join(' and no ')}.`,
  );
}

function warningsOf(kind: ArtifactKind, name: string, version: number): string[] {
  if (isKnown(kind, version)) return [];
  return [
    `${name} is version ${version} of its schema and this program knows it up to ${newestVersion(kind)}: what it knows of it was read; a newer release may read more.`,
  ];
}

/**
 * Opens an artifact of the kind that is expected.
 * @param bytes plain UTF-8, kept until the artifact is dropped.
 * @throws SyncError when the bytes are no artifact of this kind: one sentence that names it and says what to do.
 */
export function openArtifact(kind: ArtifactKind, name: string, bytes: Buffer): Artifact {
  const structure = scanned(name, bytes, artifactOf(kind).opened);
  const metadata = parsedValue(structure, 'metadata');
  const version = versionOf(kind, structure, metadata);
  const invocation = invocationOf({ metadata, generated_at: parsedValue(structure, 'generated_at') });
  const { top } = structure;
  return {
    kind,
    name,
    version,
    invocation,
    warnings: warningsOf(kind, name, version),
    damage: damageOf(name, bytes, top),
    hasObject: (key) => top.get(key)?.isObject === true,
    keys: (key) => top.get(key)?.members?.map((member) => member.key) ?? [],
    members: (key, only) => membersOf(structure, key, only),
    value: (key) => parsedValue(structure, key),
  };
}
