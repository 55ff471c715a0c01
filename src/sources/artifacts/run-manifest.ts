import { FatalError, NothingYetError, RejectError, SyncError } from '../../domain/errors.ts';
import type { Run } from '../../domain/runs.ts';
import type { Stored } from '../../domain/source.ts';
import { listArtifacts } from '../admin/artifact-files.ts';
import { stepCommand } from '../admin/step-command.ts';
import type { Artifact } from './artifact.ts';
import { otherProject } from './other-project.ts';
import { tellsState } from './run-choice.ts';
import type { RunLog } from './run-log.ts';
import { type Download, detailsOf, download, opened, type RunReading, sentenceOf } from './run-reading.ts';
import { given, Ungiven } from './ungiven.ts';

/** So many runs are looked at for a manifest. */
const LOOK_BACK = 20;
/** So many of them may be such that the service fails to give them. */
const PATIENCE = 3;

/** The manifest that says what the environment holds, and the run it is of. */
export interface ChosenManifest {
  readonly manifest: Artifact;
  readonly run: Run;
  /** Its invocation built what it compiled, for all that is known. */
  readonly isBuild: boolean;
}

/** A manifest, and the command of the step that wrote it; null when nobody tells. */
interface Found {
  readonly file: Download;
  readonly command: string | null;
}

/** What was looked at in vain. */
interface Search {
  readonly looked: Run[];
  /** Manifests that could not be used, and why. */
  readonly broken: string[];
  readonly foreign: string[];
  /** What the service failed to give. */
  readonly ungiven: Ungiven[];
}

/** @throws FatalError when it is larger than is allowed: those of other runs are no smaller. */
async function downloadManifest(reading: RunReading, run: Run, step?: number): Promise<Download | null> {
  try {
    return await download(reading, { kind: 'manifest', runId: run.id, step });
  } catch (error) {
    if (error instanceof RejectError) throw new FatalError(error.message, { cause: error });
    throw error;
  }
}

/**
 * The manifest as the run left it; where the last step has none, that of the last step that has one.
 * @param isKnown the run is stored with all that its results tell, what it built among it: nobody asks for its steps.
 */
async function manifestOf(reading: RunReading, run: Run, isKnown: boolean): Promise<Found | null> {
  const last = await downloadManifest(reading, run);
  if (last !== null && isKnown) return { file: last, command: null };
  const asked = detailsOf(reading, run).catch((error: unknown) => {
    if (error instanceof RejectError) return null;
    throw error;
  });
  const details = await given(reading, asked);
  if (details instanceof Ungiven && last === null) throw details.cause;
  const steps = details instanceof Ungiven ? [] : (details?.steps.toReversed() ?? []);
  if (last !== null) return { file: last, command: steps.find(({ command }) => command !== null)?.command ?? null };
  for (const { index, command } of steps) {
    const file = command === null ? null : await downloadManifest(reading, run, index);
    if (file !== null) return { file, command };
  }
  return null;
}

/** Whether a command builds or tests what it compiles. */
function isBuilding(command: string | null): boolean {
  const { leaves, isCertain } = stepCommand(command ?? '');
  return leaves === 'run_results' && isCertain;
}

async function openIfUsable(reading: RunReading, file: Download, search: Search): Promise<Artifact | null> {
  const { project } = reading;
  let manifest: Artifact;
  try {
    manifest = await opened(reading, file);
  } catch (error) {
    search.broken.push(sentenceOf(error));
    return null;
  }
  const other = otherProject(manifest, { projectName: project });
  if (other === null) return manifest;
  search.foreign.push(`${file.name} belongs to ${other}, and this integration to ${project}`);
  return null;
}

function noRun({ environmentId }: RunReading): NothingYetError {
  return new NothingYetError(
    `Environment ${environmentId} has no finished deploy run that kept its artifacts: let one of its jobs run, then sync again.`,
  );
}

/** Why none of the runs gave a manifest, and what to do. */
async function failure(reading: RunReading, { looked, broken, foreign, ungiven }: Search): Promise<Error> {
  const { api, accountId, environmentId, signal } = reading;
  const [newest] = looked;
  if (newest === undefined) return noRun(reading);
  if (ungiven[0] !== undefined) return ungiven[0].cause;
  const [sentence] = broken;
  if (sentence !== undefined) {
    return new SyncError(`No run of environment ${environmentId} has a manifest that can be read: ${sentence}`);
  }
  if (foreign[0] !== undefined) {
    return new FatalError(
      `${foreign[0]}: correct environment_id, or give the other project an integration of its own.`,
    );
  }
  if ((await listArtifacts(api, { accountId, runId: newest.id }, signal)) === null) {
    return new FatalError(
      `${new URL(api.origin).host} gives no artifact of run ${newest.id} nor of the runs before it (404): the token may see runs, but not their artifacts. It needs a permission set that reads them, such as Read-Only or Job Viewer.`,
    );
  }
  const runs = looked.length === 1 ? `Run ${newest.id}` : `None of the ${looked.length} newest runs`;
  return new NothingYetError(
    `${runs} of environment ${environmentId} left ${looked.length === 1 ? 'no' : 'a'} manifest.json: let a job build, compile or parse the project, then sync again.`,
  );
}

/**
 * The newest manifest that can be used: that of the newest finished run that sets the state, else of one before it.
 * One that was passed over because it is another project's is a warning; one that is broken or that the service fails to give is missed, and asked for
 * again by the next pass.
 * @throws SyncError or FatalError that says why there is none and what to do.
 */
export async function newestManifest(
  reading: RunReading,
  log: RunLog,
  { completeRuns }: Stored,
): Promise<ChosenManifest> {
  const search: Search = { looked: [], broken: [], foreign: [], ungiven: [] };
  for await (const run of log.runs()) {
    if (!tellsState(run, reading) || run.hasArtifacts === false) continue;
    search.looked.push(run);
    const found = await given(reading, manifestOf(reading, run, completeRuns.has(String(run.id))));
    if (found instanceof Ungiven && search.ungiven.push(found) === PATIENCE) break;
    const manifest =
      found === null || found instanceof Ungiven ? null : await openIfUsable(reading, found.file, search);
    if (found !== null && !(found instanceof Ungiven) && manifest !== null) {
      const instead = `The manifest of run ${run.id} was read instead.`;
      const missed = [...search.ungiven.map(({ message }) => message), ...search.broken];
      for (const sentence of missed) reading.limits.add(`${sentence} ${instead}`);
      for (const sentence of search.foreign) reading.warnings.add(`${sentence}. ${instead}`);
      return { manifest, run, isBuild: isBuilding(found.command) };
    }
    if (search.looked.length === LOOK_BACK) break;
  }
  throw await failure(reading, search);
}
