import { environmentJson, jobJson, projectJson, runJson, stepJson } from './admin-json.ts';
import type { JsonObject } from './artifacts.ts';
import { enveloped, listOf, notFound, type Reply, webPage } from './envelope.ts';
import { type Progress, visibleRuns } from './environments.ts';
import { artifactBytes, type History, type HistoryRun, type HistoryStep } from './history.ts';

interface Found {
  history: History;
  run: HistoryRun;
}

/** What one account of the platform holds. */
interface Account {
  histories: History[];
  runs: Found[];
  url: URL;
}

/**
 * The part of the Admin API v2 and v3 that reads: accounts, projects, environments, jobs, runs with their steps,
 * artifacts. What is outside of the API is not the API's to answer.
 */
export function adminReply(url: URL, progress: Progress[]): Reply {
  if (!/^\/api\/v[23]\//.test(url.pathname)) return webPage(404, 'Page not found');
  if (url.pathname === '/api/v2/accounts/') return listOf(accountsJson(progress), url);
  const [, version, account, path] = /^\/api\/v([23])\/accounts\/(\d+)\/(.*)$/.exec(url.pathname) ?? [];
  const own = progress.filter(({ history }) => String(history.account.id) === account);
  if (own.length === 0 || path === undefined) return notFound();
  const runs = own.flatMap((one) => visibleRuns(one).map((run) => ({ history: one.history, run })));
  const found = { histories: own.map(({ history }) => history), runs, url };
  const common = path === '' ? enveloped(accountsJson(own)[0]) : projectsReply(path, found);
  return common ?? (version === '2' ? version2(path, found) : version3(path, found)) ?? notFound();
}

function projectsReply(path: string, { histories, url }: Account): Reply | null {
  return listOrOne(path, 'projects', { rows: histories.map(projectJson), url });
}

function version2(path: string, account: Account): Reply | null {
  const { histories, runs, url } = account;
  return (
    listOrOne(path, 'environments', { rows: histories.flatMap(environmentsJson), url }) ??
    listOrOne(path, 'jobs', { rows: histories.flatMap(jobsJson), url, state: 'active' }) ??
    (path === 'runs/' ? listOf(runsJson(account), url) : (stepReply(path, runs) ?? runReply(path, url, runs)))
  );
}

/** Here environments belong to a project. */
function version3(path: string, { histories, url }: Account): Reply | null {
  const [, project, rest = ''] = /^projects\/(\d+)\/(.*)$/.exec(path) ?? [];
  const history = histories.find((one) => String(one.project.id) === project);
  return history ? listOrOne(rest, 'environments', { rows: environmentsJson(history), url }) : null;
}

interface Rows {
  rows: JsonObject[];
  url: URL;
  /** What the parameter `state` is when it is left out; "all" where it is not said. */
  state?: string;
}

const STATES: Record<string, number> = { active: 1, deleted: 2 };

/** `name/` is the list, `name/7/` its row of that id, deleted or not. */
function listOrOne(path: string, name: string, { rows, url, state = 'all' }: Rows): Reply | null {
  if (path === `${name}/`) {
    const wanted = STATES[url.searchParams.get('state') ?? state];
    return listOf(wanted === undefined ? rows : rows.filter((row) => row.state === wanted), url);
  }
  const row = rows.find(({ id }) => path === `${name}/${id}/`);
  return row ? enveloped(row) : null;
}

function runsJson({ runs, url }: Account): JsonObject[] {
  return runs.map(({ history, run }) => runJson(history, run, related(url)));
}

function runReply(path: string, url: URL, runs: Found[]): Reply | null {
  const [, id, artifact] = /^runs\/(\d+)\/(?:artifacts\/(.*))?$/.exec(path) ?? [];
  const found = runs.find(({ run }) => String(run.id) === id);
  if (!found) return null;
  if (artifact === '') return enveloped(artifactNames(found.run));
  if (artifact !== undefined) return artifactReply(found, artifact, url.searchParams.get('step'));
  const { history, run } = found;
  const asked = related(url);
  const steps = asked.includes('run_steps') ? run.steps.map((step) => stepJson(run, step, asked)) : [];
  return enveloped({ ...runJson(history, run, asked), run_steps: steps });
}

function stepReply(path: string, runs: Found[]): Reply | null {
  const [, id] = /^steps\/(\d+)\/$/.exec(path) ?? [];
  if (id === undefined) return null;
  const steps = runs.flatMap(({ run }) => run.steps.map((step) => stepJson(run, step, [])));
  const step = steps.find((one) => String(one.id) === id);
  return step ? enveloped(step) : null;
}

/** A run that left no files has null here, not an empty list. */
function artifactNames(run: HistoryRun): string[] | null {
  const names = [...new Set(run.steps.flatMap((step) => step.artifacts))].sort();
  return names.length === 0 ? null : names;
}

/** Without a step the file as it lay there when the run ended, with one the file of that invocation; never enveloped. */
function artifactReply({ history, run }: Found, name: string, index: string | null): Reply {
  const step = index === null ? lastWith(run, name) : run.steps.find((one) => String(one.index) === index);
  const bytes = step && artifactBytes(history, run, step, name);
  return bytes ? { status: 200, bytes } : notFound();
}

function lastWith(run: HistoryRun, name: string): HistoryStep | undefined {
  return run.steps.findLast((one) => one.artifacts.includes(name));
}

/** Clients write the list in three ways: a,b and ["a"] and ['a']. */
function related(url: URL): string[] {
  return (url.searchParams.get('include_related') ?? '').split(/[^a-z_]+/).filter(Boolean);
}

function accountsJson(progress: Progress[]): JsonObject[] {
  const accounts = new Map(progress.map(({ history }) => [history.account.id, history.account]));
  return [...accounts.values()].map((account) => ({ ...account, state: 1, plan: 'enterprise', locked: false }));
}

function environmentsJson(history: History): JsonObject[] {
  return history.environments.map((environment) => environmentJson(history, environment));
}

function jobsJson(history: History): JsonObject[] {
  return history.jobs.map((job) => jobJson(history, job));
}
