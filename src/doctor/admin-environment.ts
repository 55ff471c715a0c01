import { finishedAt, newestDeploy } from '../sources/admin/runs.ts';
import { failed, minute, ok, skipped, span, type Verdict, warning } from './check.ts';
import { described, type EnvironmentCase, environmentsOf, forDevelopment, listed, otherOwner } from './environment.ts';

const DAY = 24 * 60 * 60_000;

/** Why no environment is meant, although none is named: there is none, or more than one, or nobody tells. */
export function noEnvironment({ admin, projectId }: EnvironmentCase): Verdict {
  const known = environmentsOf(admin)?.filter(({ project_id: id }) => projectId === undefined || id === projectId);
  const place = "it is in the address of the environment's page";
  if (known === undefined) {
    return failed(
      'environment_id is not given, and the Admin API does not tell which is production.',
      `Write environment_id (${place}).`,
    );
  }
  const where = projectId === undefined ? 'The account' : `Project ${projectId}`;
  const production = known.filter(({ deployment_type: type }) => type === 'production').length;
  const many = production > 1 ? `${production} production environments` : 'no environment marked as production';
  const choice = listed(known);
  const mend = choice === '' ? `Write environment_id (${place}).` : `Write one of them as environment_id: ${choice}.`;
  return failed(`environment_id is not given, and ${where.replace(/^T/, 't')} has ${many}.`, mend);
}

/** The environment as the Admin API alone tells it. */
export function adminEnvironmentVerdict(one: EnvironmentCase): Verdict {
  const { environmentId: id, admin } = one;
  const known = environmentsOf(admin);
  if (id === undefined || known === undefined) return skipped('only the Admin API tells of it');
  const found = known.find((environment) => environment.id === id);
  if (found === undefined) {
    const mend = `Check environment_id, and which projects the token may see. The account has: ${listed(known)}.`;
    return failed(`The account has no environment ${id} for this token.`, mend);
  }
  if (found.type === 'development') return forDevelopment(found, known);
  return otherOwner(one, undefined, found) ?? ok(described(id, { projectName: null }, found));
}

/** How old the state is that a sync would make of artifacts. */
export function runFreshness({ admin, now }: EnvironmentCase): Verdict {
  const run = admin?.kind === 'data' && admin.runs !== undefined ? newestDeploy(admin.runs) : undefined;
  const end = run === undefined ? undefined : finishedAt(run);
  if (end === undefined) return skipped('there is no run that has ended');
  const age = now.getTime() - end.getTime();
  const since = `the newest run ended at ${minute(end)}, ${span(age)} ago`;
  if (age <= DAY) return ok(since);
  const message = `${since}: nothing has run for more than a day.`;
  return warning(message, 'If jobs should run more often, look at their schedules in dbt.');
}

/** Whether the newest run left what a state is made of. */
export function artifactsVerdict({ admin }: EnvironmentCase): Verdict {
  const finding = admin?.kind === 'data' ? admin.artifacts : undefined;
  if (finding === undefined) return skipped('there is no run that has ended');
  const { runId, paths } = finding;
  if (paths === undefined) {
    const mend = 'Give the token the permission set "Read-Only" or "Job Viewer".';
    return failed(`The artifacts of run ${runId} are gone, or not for this token.`, mend);
  }
  const names = ['manifest.json', 'run_results.json', 'catalog.json', 'sources.json'];
  const left = names.filter((name) => paths?.includes(name));
  if (left.includes('manifest.json')) return ok(`run ${runId} left ${left.join(', ')}`);
  const message = `Run ${runId} left no manifest.json: a sync looks for one in older runs.`;
  return warning(message, 'Look at the run in dbt: dbt build, run, test, compile or docs generate writes one.');
}
