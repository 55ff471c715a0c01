import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FilesIntegration } from '../config/types.ts';
import type { Invocation } from '../normalize/artifacts/invocation.ts';
import { openArtifact } from '../sources/artifacts/artifact.ts';
import { type ArtifactFile, findFiles } from '../sources/artifacts/folder-files.ts';
import { MAX_ARTIFACT_MB, readArtifactFile } from '../sources/artifacts/read.ts';
import { type CheckName, failed, minute, ok, skipped, span, type Verdict, warning } from './check.ts';

const DAY = 24 * 60 * 60_000;
const AFTER_FOLDER = ['artifacts', 'project', 'freshness'] as const;

/** An artifact, and what it says of itself, or why it cannot be read. */
interface Found {
  readonly file: ArtifactFile;
  readonly said: Invocation | null;
  readonly problem: string | null;
}

/** Receives each verdict as soon as it is known. */
export type Say = (check: CheckName, verdict: Verdict) => void;

/** Opens every artifact of a folder as a sync would; only what is wrong with their elements a sync alone can say. */
export async function checkFolder({ artifactsDir: dir }: FilesIntegration, now: Date, say: Say): Promise<void> {
  const folder = await folderVerdict(dir);
  say('folder', folder);
  if (folder.status === 'failed') {
    for (const name of AFTER_FOLDER) say(name, skipped('there is no folder to look into'));
    return;
  }
  const files = await findFiles(dir).catch((error: unknown) => error);
  if (!Array.isArray(files)) {
    const message = files instanceof Error ? files.message : String(files);
    say('artifacts', failed(message, 'Name the folder that dbt writes to (target, unless target-path says another).'));
    for (const name of AFTER_FOLDER.slice(1)) say(name, skipped('there are no artifacts'));
    return;
  }
  const found: Found[] = [];
  // One after the other, for they may be large.
  for (const file of files as ArtifactFile[]) found.push(await opened(file));
  say('artifacts', artifactsVerdict(found));
  say('project', projectVerdict(found));
  say('freshness', freshnessVerdict(found, now));
}

async function folderVerdict(dir: string): Promise<Verdict> {
  const is = await stat(dir).catch(() => undefined);
  const mend =
    "Correct artifacts_dir (it names dbt's target folder; relative paths start at the configuration's folder).";
  if (is === undefined) return failed(`There is no folder ${dir}.`, `${mend} If it is right, run dbt first.`);
  if (!is.isDirectory()) return failed(`${dir} is no folder.`, mend);
  try {
    await access(dir, constants.R_OK | constants.X_OK);
  } catch {
    return failed(`This user may not read ${dir}.`, 'Give it the right to, or run the sync as the user that runs dbt.');
  }
  return ok(dir);
}

async function opened(file: ArtifactFile): Promise<Found> {
  const { kind, path } = file;
  try {
    const { invocation } = openArtifact(kind, path, await readArtifactFile(path, MAX_ARTIFACT_MB));
    return { file, said: invocation, problem: null };
  } catch (error) {
    return { file, said: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

function problemVerdict(found: readonly Found[]): Verdict | undefined {
  const broken = found.filter(({ problem }) => problem !== null);
  if (broken.length === 0) return undefined;
  const said = broken.map(({ problem }) => problem).join(' ');
  if (broken.some(({ file }) => file.kind === 'manifest')) {
    return failed(said, 'Have dbt write the manifest again, for example by dbt parse.');
  }
  return warning(said, 'A sync leaves it out and is partial: have dbt write it again.');
}

function artifactsVerdict(found: readonly Found[]): Verdict {
  const problem = problemVerdict(found);
  if (problem !== undefined) return problem;
  const told = found.map(({ file, said }) => {
    const version = said?.dbtVersion;
    return `${basename(file.path)}${version == null ? '' : ` (dbt ${version})`}`;
  });
  if (found.some(({ file }) => file.kind === 'manifest')) return ok(told.join(', '));
  return warning(
    `There is no manifest.json beside ${told.join(', ')}: a sync reads only results, catalog and freshness, and is partial.`,
    'Run any dbt command that parses the project, such as dbt build or dbt parse.',
  );
}

function projectVerdict(found: readonly Found[]): Verdict {
  const there = found.find(({ file }) => file.kind === 'manifest');
  if (there === undefined) return skipped('only a manifest names its project');
  const manifest = there.said;
  if (manifest === null) return skipped('its manifest cannot be read');
  const { projectName, adapterType } = manifest;
  if (projectName === null) return ok('not named by its manifest, as before dbt 1.7');
  return ok(adapterType === null ? projectName : `${projectName}, on ${adapterType}`);
}

function freshnessVerdict(found: readonly Found[], now: Date): Verdict {
  const times = found.map(({ said }) => Date.parse(said?.generatedAt ?? '')).filter((time) => !Number.isNaN(time));
  if (times.length === 0) return skipped('the artifacts do not say when they were written');
  const newest = new Date(Math.max(...times));
  const age = now.getTime() - newest.getTime();
  const since = `the newest artifact is of ${minute(newest)}, ${span(age)} ago`;
  if (age <= DAY) return ok(since);
  return warning(
    `${since}: dbt has not run here for more than a day.`,
    'If it has run elsewhere, name the folder it wrote to.',
  );
}
