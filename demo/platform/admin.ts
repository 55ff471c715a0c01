import { jobJson, runJson, stepJson } from './admin-json.ts';
import { enveloped, listOf, notFound, type Reply } from './envelope.ts';
import { type Progress, visibleRuns } from './environments.ts';
import { artifactBytes, type History, type HistoryRun } from './history.ts';

interface Found {
  history: History;
  run: HistoryRun;
}

/** The part of the Admin API v2 that reads: account, environments, jobs, runs with their steps, artifacts. */
export function adminReply(url: URL, progress: Progress[]): Reply {
  const [, account, rest] = /^\/api\/v2\/accounts\/(\d+)\/(.*)$/.exec(url.pathname) ?? [];
  const own = progress.filter(({ history }) => String(history.account.id) === account);
  const first = own[0]?.history;
  if (!first || rest === undefined) return notFound();
  const histories = own.map(({ history }) => history);
  if (rest === '') return enveloped({ ...first.account, state: 1, plan: 'enterprise', locked: false });
  if (rest === 'environments/') return listOf(histories.flatMap(environmentsJson), url);
  if (rest === 'jobs/') return listOf(histories.flatMap(jobsJson), url);
  if (rest === 'runs/')
    return listOf(
      allRuns(own).map(({ history, run }) => runJson(history, run, related(url))),
      url,
    );
  return runReply(rest, url, allRuns(own));
}

function allRuns(progress: Progress[]): Found[] {
  return progress.flatMap((one) => visibleRuns(one).map((run) => ({ history: one.history, run })));
}

function runReply(path: string, url: URL, runs: Found[]): Reply {
  const [, id, artifact] = /^runs\/(\d+)\/(?:artifacts\/(.*))?$/.exec(path) ?? [];
  const found = runs.find(({ run }) => String(run.id) === id);
  if (!found) return notFound();
  if (artifact === '') return enveloped(artifactNames(found.run));
  if (artifact !== undefined) return artifactReply(found, artifact, url.searchParams.get('step'));
  const { history, run } = found;
  const steps = related(url).includes('run_steps') ? run.steps.map((step) => stepJson(run, step)) : [];
  return enveloped({ ...runJson(history, run, related(url)), run_steps: steps });
}

/** A run that left no files has null here, not an empty list. */
function artifactNames(run: HistoryRun): string[] | null {
  const names = [...new Set(run.steps.flatMap((step) => step.artifacts))].sort();
  return names.length === 0 ? null : names;
}

/** Without a step the file as it lay there when the run ended, with one the file of that invocation; never enveloped. */
function artifactReply({ history, run }: Found, name: string, index: string | null): Reply {
  const step =
    index === null
      ? run.steps.findLast((one) => one.artifacts.includes(name))
      : run.steps.find((one) => String(one.index) === index);
  const bytes = step && artifactBytes(history, run, step, name);
  return bytes ? { status: 200, bytes } : notFound();
}

/** Clients write the list in three ways: a,b and ["a"] and ['a']. */
function related(url: URL): string[] {
  return (url.searchParams.get('include_related') ?? '').split(/[^a-z_]+/).filter(Boolean);
}

function environmentsJson({ environments, account, project }: History): Record<string, unknown>[] {
  return environments.map((environment) => ({
    ...environment,
    account_id: account.id,
    project_id: project.id,
    state: 1,
  }));
}

function jobsJson(history: History): Record<string, unknown>[] {
  return history.jobs.map((job) => jobJson(history, job));
}
