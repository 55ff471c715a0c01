import { SyncError } from '../../domain/errors.ts';
import type { ResourceType } from '../../domain/records.ts';
import type { Page } from '../../domain/source.ts';
import { catalogEntry } from '../../normalize/artifacts/catalog.ts';
import { type Bag, isBag } from '../../normalize/artifacts/fields.ts';
import { freshnessRow } from '../../normalize/artifacts/freshness.ts';
import { givesCode, givesResults, whichOf } from '../../normalize/artifacts/invocation.ts';
import { isCompiledOnly, type ResultContext, resultRow } from '../../normalize/artifacts/run-results.ts';
import { typeOfId } from '../../normalize/artifacts/type-of-id.ts';
import type { Artifact } from './artifact.ts';
import { damagePages } from './damage.ts';
import { pagesByType } from './pages-by-type.ts';

/** How many nodes of a type there are, for progress: these pages tell of nodes that other pages count. */
export type Totals = (resourceType: ResourceType) => number;

/** The type of the page that a record of nobody's type goes with. */
const typeOf = (uniqueId: unknown): ResourceType =>
  (typeof uniqueId === 'string' ? typeOfId(uniqueId) : null) ?? 'model';

/** What a file of results says of its invocation, and what reading it found. */
export interface ResultsFile {
  /** dbt's name of the command; null when the file does not tell. */
  readonly which: string | null;
  /** False for invocations that only parsed or compiled. */
  readonly givesResults: boolean;
  /** Its rows may have the code that was compiled of their nodes. */
  readonly givesCode: boolean;
  readonly elapsedS: number | null;
}

/**
 * What kind of invocation wrote these results. Where the command is not told, a test that is called a success gives it
 * away: a test that was executed passes.
 */
export function resultsFile(artifact: Artifact): ResultsFile {
  const which = whichOf(artifact.value('args'));
  const elapsed = artifact.value('elapsed_time');
  const elapsedS = typeof elapsed === 'number' && Number.isFinite(elapsed) && elapsed >= 0 ? elapsed : null;
  const isCompiled = () => [...artifact.members('results')].some(({ raw }) => isCompiledOnly(raw));
  const gives = which === null ? !isCompiled() : givesResults(which);
  return { which, elapsedS, givesResults: gives, givesCode: givesCode(which) };
}

/** Freshness checks of any version: before dbt 0.19 they lay under their sources' ids. */
function* checks(artifact: Artifact) {
  yield* artifact.members('results');
  for (const { key, raw, depth } of artifact.members('sources')) {
    yield { raw: isBag(raw) ? { unique_id: key, ...raw } : raw, depth };
  }
}

/** The results of one invocation. @throws SyncError when a row is no JSON, after what came before it. */
export function runResultPages(artifact: Artifact, context: ResultContext, totals: Totals): Generator<Page> {
  return pagesByType(totals, function* (add) {
    for (const { raw, depth } of artifact.members('results')) {
      const normalized = resultRow(raw, depth, context);
      const first = normalized.records[0] ?? normalized.rejects?.[0];
      yield* add(typeOf(first?.uniqueId), normalized);
    }
  });
}

/** The code alone that an invocation without results compiled. @throws as {@link runResultPages}. */
export function compiledPages(artifact: Artifact, context: ResultContext, totals: Totals): Generator<Page> {
  return pagesByType(totals, function* (add) {
    for (const { raw, depth } of artifact.members('results')) {
      const records = resultRow(raw, depth, context).records.flatMap((record) =>
        record.kind === 'compiled' ? [{ ...record, isBuilt: false }] : [],
      );
      if (records.length > 0) yield* add(typeOf(records[0]?.uniqueId), { records });
    }
  });
}

/** The rows up to one that is no JSON, which the results' own pages tell of. */
function* readable(artifact: Artifact) {
  try {
    yield* artifact.members('results');
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}

/** The code of the nodes that an invocation executed without an error, by their ids. */
function builtCode(artifact: Artifact): Map<string, string> {
  const codes = new Map<string, string>();
  if (artifact.kind !== 'run_results' || !resultsFile(artifact).givesResults) return codes;
  for (const { raw } of readable(artifact)) {
    if (!isBag(raw)) continue;
    const { unique_id: id, compiled_code: code, status } = raw;
    if (typeof id !== 'string' || typeof code !== 'string' || typeof status !== 'string') continue;
    if (status.toLowerCase() !== 'error') codes.set(id, code);
  }
  return codes;
}

/**
 * The pages of a manifest, with the results of its own invocation: code that they say again was built, and not only
 * compiled, at their time.
 */
export function* withBuiltCode(pages: Iterable<Page>, results: readonly Artifact[]): Generator<Page> {
  const artifact = results.find(({ kind, invocation }) => kind === 'run_results' && invocation.generatedAt !== null);
  if (artifact === undefined) {
    yield* pages;
    return;
  }
  const codes = builtCode(artifact);
  const at = artifact.invocation.generatedAt;
  for (const page of pages) {
    const records = page.records.map((record) =>
      record.kind === 'compiled' && codes.get(record.uniqueId) === record.code
        ? { ...record, at, isBuilt: true }
        : record,
    );
    yield { ...page, records };
  }
}

/** The freshness checks of one invocation. @throws SyncError when a row is no JSON, after what came before it. */
export function freshnessPages(artifact: Artifact, context: ResultContext, totals: Totals): Generator<Page> {
  return pagesByType(totals, function* (add) {
    for (const { raw, depth } of checks(artifact)) yield* add('source', freshnessRow(raw, depth, context));
  });
}

/** The ids of the nodes that an artifact of this kind tells of, as far as rows have any; parsed as they are asked for. */
export function* idsTold(artifact: Artifact): Generator<string> {
  if (artifact.kind === 'catalog') {
    for (const collection of CATALOG_COLLECTIONS) yield* artifact.keys(collection);
    return;
  }
  for (const { raw } of checks(artifact)) {
    const row: Bag = isBag(raw) ? raw : {};
    const id = row.unique_id ?? (isBag(row.node) ? row.node.unique_id : null);
    if (typeof id === 'string') yield id;
  }
}

const CATALOG_COLLECTIONS = ['nodes', 'sources'];

/** The relations of a catalog. @throws SyncError when an entry is no JSON, after what came before it. */
export function* catalogPages(artifact: Artifact, totals: Totals): Generator<Page> {
  const at = artifact.invocation.generatedAt;
  yield* damagePages(artifact);
  yield* pagesByType(totals, function* (add) {
    for (const collection of CATALOG_COLLECTIONS) {
      for (const { key, raw, depth } of artifact.members(collection)) {
        yield* add(typeOf(key), catalogEntry(key, raw, { depth, at }));
      }
    }
  });
}
