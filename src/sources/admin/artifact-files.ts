import { z } from 'zod';
import type { AdminApi } from './api.ts';
import { failureKind } from './failures.ts';
import type { Kept } from './keep.ts';

/** The run whose artifacts are asked for. */
export interface RunId {
  readonly accountId: number;
  readonly runId: number;
}

const folderOf = ({ accountId, runId }: RunId) => `/api/v2/accounts/${accountId}/runs/${runId}/artifacts/`;

async function unlessMissing<Result>(request: Promise<Result>): Promise<Result | null> {
  try {
    return await request;
  } catch (error) {
    if (failureKind(error) === 'not_found') return null;
    throw error;
  }
}

/**
 * The paths of all files that a run left, of which there may be thousands (Admin API v2, "List run artifacts").
 * @returns null when the run is gone, or its artifacts are not for this token.
 */
export async function listArtifacts(api: AdminApi, run: RunId, signal: AbortSignal): Promise<string[] | null> {
  return unlessMissing(
    api
      .get(folderOf(run), z.array(z.string()).nullable(), signal)
      // A run that left no files has null here.
      .then((paths) => paths ?? []),
  );
}

/** One file of a run, and where to put it. */
export interface ArtifactRequest extends RunId {
  /** As {@link listArtifacts} has it, such as `manifest.json`. */
  readonly path: string;
  /** {@link RunStep.index} of the step that wrote it; left out: the file as the last step left it. */
  readonly step?: number | undefined;
  /** The file for what is too large to be kept in memory. */
  readonly to: string;
}

/**
 * Fetches one artifact as it was written, byte by byte (Admin API v2, "Retrieve run artifact", which has no envelope).
 * @returns null when there is no such file; {@link whyMissing} says more.
 * @throws RejectError when it is larger than is allowed.
 */
export async function fetchArtifact(
  api: AdminApi,
  { path, step, to, ...run }: ArtifactRequest,
  signal: AbortSignal,
): Promise<Kept | null> {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const query = step === undefined ? '' : `?step=${step}`;
  return unlessMissing(api.keep(`${folderOf(run)}${encoded}${query}`, to, signal));
}

/**
 * Why an artifact was not there, in one sentence: the service answers alike for a file that was never written and for
 * one that the token may not read.
 * @param paths as {@link listArtifacts} gives them.
 */
export function whyMissing(
  paths: readonly string[] | null,
  { runId, path, step }: Pick<ArtifactRequest, 'runId' | 'path' | 'step'>,
): string {
  if (paths === null) return `Run ${runId} is gone, or the token may not read its artifacts.`;
  if (paths.length === 0) return `Run ${runId} left no artifacts.`;
  if (!paths.includes(path)) return `Run ${runId} left no ${path}.`;
  return step === undefined
    ? `Run ${runId} lists ${path} but does not give it.`
    : `Step ${step} of run ${runId} wrote no ${path}.`;
}
