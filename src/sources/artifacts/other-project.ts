import { createHash } from 'node:crypto';
import type { Stored } from '../../domain/source.ts';
import { packageOf } from '../../normalize/normalized.ts';
import type { Artifact } from './artifact.ts';
import { collectionsOf } from './manifest-faults.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** What is stored tells of the project that it is of. An environment of the platform is told apart by its ids, too. */
export type Home = Pick<Stored, 'projectName'> & Partial<Pick<Stored, 'packages'>>;

const NONE: ReadonlySet<string> = new Set();

/** So many packages are named in a sentence. */
const NAMED = 5;

function listed(packages: ReadonlySet<string>): string {
  const names = [...packages].slice(0, NAMED);
  return packages.size > NAMED ? `${names.join(', ')} and others` : names.join(', ');
}

/** The packages of a manifest's nodes. Macros do not count: every project has those of dbt. */
export function packagesOf(manifest: Artifact): Set<string> {
  const collections = collectionsOf(manifest).filter((collection) => collection !== 'macros');
  return new Set(collections.flatMap((collection) => manifest.keys(collection).flatMap((id) => packageOf(id) ?? [])));
}

/** Manifests before dbt 1.7 tell the MD5 of their project's name alone: the name is that of one of their packages. */
export function projectNameOf(manifest: Artifact): string | null {
  const { projectName, projectId } = manifest.invocation;
  if (projectName !== null || projectId === null) return projectName;
  return [...packagesOf(manifest)].find((name) => md5(name) === projectId) ?? null;
}

/** Nobody named the project: whoever shares no package with what is stored is another one. */
function sharesNone(own: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  return known.size > 0 && ![...own].some((name) => known.has(name));
}

/**
 * What a manifest of another project than the stored one calls itself; null when it is of that one, or any is welcome.
 * One that tells neither name nor hash, as no dbt writes it, is of the project that it has nodes of.
 */
export function otherProject(manifest: Artifact, { projectName: stored, packages = NONE }: Home): string | null {
  const { projectName, projectId } = manifest.invocation;
  const name = projectNameOf(manifest);
  const other = name === null ? 'another project' : `the project ${name}`;
  if (stored !== null && projectName !== null) return projectName === stored ? null : other;
  if (stored !== null && projectId !== null) return projectId === md5(stored) ? null : other;
  const own = packagesOf(manifest);
  if (!sharesNone(name === null ? own : new Set([...own, name]), stored === null ? packages : new Set([stored])))
    return null;
  if (name !== null) return other;
  return own.size === 0
    ? `${other} (it names none, and has no nodes)`
    : `${other} (it names none, and has nodes of ${listed(own)})`;
}

/** How the stored project is called in a sentence. */
export function homeName({ projectName, packages = NONE }: Home): string {
  return projectName ?? listed(packages);
}

/**
 * The packages of these nodes, for a sentence, when all of them are strange to the project; null otherwise. Of usual
 * nodes no more than the first is looked at.
 */
export function otherPackages(uniqueIds: Iterable<string>, known: ReadonlySet<string>): string | null {
  if (known.size === 0) return null;
  const strange = new Set<string>();
  for (const uniqueId of uniqueIds) {
    const name = packageOf(uniqueId);
    if (name !== null && known.has(name)) return null;
    if (name !== null) strange.add(name);
  }
  return strange.size === 0 ? null : listed(strange);
}
