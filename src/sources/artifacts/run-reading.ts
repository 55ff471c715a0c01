import { SyncError } from '../../domain/errors.ts';
import type { Reject, ResourceType } from '../../domain/records.ts';
import type { Run } from '../../domain/runs.ts';
import type { AdminApi } from '../admin/api.ts';
import { fetchArtifact } from '../admin/artifact-files.ts';
import type { Kept } from '../admin/keep.ts';
import { getRun, type RunScope, type RunWithSteps } from '../admin/run-list.ts';
import { type Artifact, openArtifact } from './artifact.ts';
import { plainBytes } from './read.ts';
import type { Scratch } from './scratch.ts';
import type { Ungiven } from './ungiven.ts';
import type { ArtifactKind } from './versions.ts';

/** Whose runs are read. */
export interface RunSourceOptions {
  readonly api: AdminApi;
  readonly accountId: number;
  /** Null: whichever the environment belongs to. */
  readonly projectId: number | null;
  readonly environmentId: number;
  /** Results are those of this job's runs alone; null: of every job's. */
  readonly jobId: number | null;
  /** Runs that say nothing of the state, such as checks of proposals, are read like all others. */
  readonly everyRun: boolean;
  /** Larger artifacts are refused, in MB. */
  readonly maxArtifactMb: number;
}

/** Which runs are listed: those of the job, where it is of one. */
export function runScope({ accountId, environmentId, jobId }: RunSourceOptions): RunScope {
  return { accountId, environmentId, jobId: jobId ?? undefined };
}

/** One reading of the runs: whom it asks, where downloads lie, and what it found beside the pages. */
export interface RunReading extends RunSourceOptions {
  readonly signal: AbortSignal;
  /** The name of the dbt project that is stored; null when none is. */
  readonly project: string | null;
  readonly scratch: Scratch;
  readonly limits: Set<string>;
  readonly warnings: Set<string>;
  /** The runs that were asked for with their steps. */
  readonly details: Map<number, Promise<RunWithSteps | null>>;
  states: readonly ResourceType[];
  /** Requests of either kind that failed since the last answer. */
  readonly failures: { file: number; run: number };
  /** Kinds of files that the token may not read. */
  readonly forbidden: Map<ArtifactKind, Ungiven>;
}

/** A reading that has found nothing yet. */
export function newReading(
  options: RunSourceOptions,
  rest: Pick<RunReading, 'signal' | 'project' | 'scratch'>,
): RunReading {
  const found = { limits: new Set<string>(), warnings: new Set<string>(), details: new Map(), states: [] };
  return { ...options, ...rest, ...found, failures: { file: 0, run: 0 }, forbidden: new Map() };
}

/** Host and status alone would not tell which of many files the service failed to give. */
export async function naming<Result>(what: string, asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw new SyncError(`${error.message} It was asked for ${what}.`, { cause: error.cause });
  }
}

/** The run with its steps, which is asked for once. @returns null when it is gone. @throws RejectError */
export function detailsOf({ api, accountId, details, signal }: RunReading, { id }: Run): Promise<RunWithSteps | null> {
  const known = details.get(id);
  if (known !== undefined) return known;
  const asked = naming(`run ${id}`, getRun(api, { accountId, runId: id }, signal));
  details.set(id, asked);
  return asked;
}

/** An artifact of a run; without a step the file as the run left it. */
export interface Wanted {
  readonly kind: ArtifactKind;
  readonly runId: number;
  readonly step?: number | undefined;
}

/** An artifact that waits to be opened. */
export interface Download {
  readonly kind: ArtifactKind;
  /** What it is called in messages. */
  readonly name: string;
  readonly kept: Kept;
}

/** @returns null when there is no such file. @throws RejectError when it is larger than is allowed. */
export async function download(reading: RunReading, { kind, runId, step }: Wanted): Promise<Download | null> {
  const { api, accountId, scratch, signal } = reading;
  const path = `${kind}.json`;
  const to = scratch.path();
  const name = `${path} of ${step === undefined ? '' : `step ${step} of `}run ${runId}`;
  const kept = await naming(name, fetchArtifact(api, { accountId, runId, path, step, to }, signal));
  return kept === null ? null : { kind, name, kept };
}

/** Opens a download, once. @throws SyncError as `openArtifact`, and when it is too large unpacked. */
export async function opened(reading: RunReading, { kind, name, kept }: Download): Promise<Artifact> {
  const artifact = openArtifact(kind, name, await plainBytes(name, await kept.take(), reading.maxArtifactMb));
  for (const warning of artifact.warnings) reading.warnings.add(warning);
  return artifact;
}

/** The sentence of an error that concerns one file alone; any other error goes on its way. */
export function sentenceOf(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  throw error;
}

/** What is kept of a file that was refused. */
export function refusedFile({ message }: Error, { kind, runId, step }: Wanted): Reject {
  return {
    resourceType: null,
    uniqueId: null,
    reason: message,
    raw: { artifact: kind, run: runId, step: step ?? null },
  };
}
