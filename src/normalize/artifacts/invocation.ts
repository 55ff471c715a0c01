import { z } from 'zod';
import { maskEmails } from '../../domain/emails.ts';
import { type Bag, bag, instantOf, isBag, json, textOf } from './fields.ts';

/** What an artifact says of the invocation that wrote it. */
export interface Invocation {
  /** Null in artifacts from before dbt 0.19 and in those that tools rewrote. */
  readonly invocationId: string | null;
  readonly generatedAt: string | null;
  readonly startedAt: string | null;
  readonly dbtVersion: string | null;
  readonly projectName: string | null;
  /** MD5 of the project's name, which manifests before dbt 1.7 do not tell. */
  readonly projectId: string | null;
  readonly adapterType: string | null;
  /** Why the dbt platform ran it, with e-mail addresses masked. */
  readonly reason: string | null;
  readonly cause: string | null;
}

const loose = z.object({ metadata: bag, generated_at: json });

/** Reads the metadata of any artifact; a value that is not what it should be counts as not said. */
export function invocationOf(top: unknown): Invocation {
  const { metadata = {}, generated_at: oldTime } = loose.catch({ metadata: {}, generated_at: null }).parse(top);
  const said: Bag = metadata ?? {};
  const env: Bag = isBag(said.env) ? said.env : {};
  const reason = textOf(env.DBT_CLOUD_RUN_REASON);
  return {
    invocationId: textOf(said.invocation_id) || null,
    generatedAt: instantOf(said.generated_at ?? oldTime),
    startedAt: instantOf(said.invocation_started_at ?? said.run_started_at),
    dbtVersion: textOf(said.dbt_version) || null,
    projectName: textOf(said.project_name) || null,
    projectId: textOf(said.project_id) || null,
    adapterType: textOf(said.adapter_type) || null,
    reason: reason === null ? null : maskEmails(reason),
    cause: textOf(env.DBT_CLOUD_RUN_REASON_CATEGORY),
  };
}

/** Commands that build and test nothing: what their results call success was compiled, or not even that. */
const WITHOUT_RESULTS: ReadonlyMap<string, 'compiled' | 'read'> = new Map([
  ['generate', 'compiled'],
  ['docs', 'compiled'],
  ['docs.generate', 'compiled'],
  ['docs generate', 'compiled'],
  ['compile', 'compiled'],
  ['parse', 'read'],
  ['list', 'read'],
  ['ls', 'read'],
  ['show', 'read'],
]);

/** dbt's name of the command in lower case; null where the artifact does not tell (before 0.21, and rewritten files). */
export function whichOf(args: unknown): string | null {
  if (!isBag(args)) return null;
  const nested = isBag(args.__other__) ? args.__other__ : {};
  const said = [args.which, args.rpc_method, args.command, nested.which].map((word) => textOf(word));
  return said.find((word) => word !== null && word !== '')?.toLowerCase() ?? null;
}

/** What artifacts call a command in another way than who types it. */
const TYPED: { readonly [which: string]: string } = {
  generate: 'docs generate',
  'docs.generate': 'docs generate',
  freshness: 'source freshness',
  'snapshot-freshness': 'source snapshot-freshness',
};

/** The command as it is typed; null where the artifact does not tell. */
export function commandOf(which: string | null): string | null {
  return which === null ? null : `dbt ${TYPED[which] ?? which}`;
}

/** Whether the results of such an invocation say what was built and tested. An unknown command's do. */
export function givesResults(which: string | null): boolean {
  return which === null || !WITHOUT_RESULTS.has(which);
}

/** Whether its results may have the code that was compiled of their nodes. */
export function givesCode(which: string | null): boolean {
  return which === null || WITHOUT_RESULTS.get(which) !== 'read';
}
