import { variable } from '../config/secrets.ts';
import { databaseUrlProblem } from '../config/urls.ts';
import type { CheckName, Verdict } from '../doctor/check.ts';
import { type DatabaseSubject, examineDatabase } from '../doctor/database.ts';
import { SyncError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { checkText } from './doctor-text.ts';
import { type Draft, NO_DATABASE } from './init-draft.ts';
import { answered, type Setting, sentence, type Wanted, without } from './init-setting.ts';

/** The variable that every command takes for the database where there is no file; a file goes before it. */
const USUAL = 'DATABASE_URL';

/** Asks where the store is to be, and whether it can be there. */
export async function describeDatabase(setting: Setting, given: Draft): Promise<Draft> {
  const { questions, unchecked, width, show, wire } = setting;
  let draft = given;
  for (;;) {
    const text = await answered(setting, draft, databaseQuestion());
    const databaseEnv = text === NO_DATABASE ? '' : text;
    draft = { ...draft, databaseEnv };
    if (databaseEnv === '' || unchecked) return draft;
    const { verdicts } = await examineDatabase(subjectOf(databaseEnv), { onNotice: show, signal: wire.signal });
    for (const [check, verdict] of Object.entries(verdicts) as [CheckName, Verdict][]) {
      show(checkText({ integration: null, check, ...verdict }, width));
    }
    const failure = Object.values(verdicts).find(({ status }) => status === 'failed');
    if (failure === undefined) return draft;
    if (questions === undefined) throw new SyncError(sentence(failure));
    if (await questions.confirm('Keep this database all the same?')) return draft;
    draft = without(draft, ['databaseEnv']);
  }
}

function databaseQuestion(): Wanted {
  const isSet = (variable(USUAL) ?? '') !== '';
  const otherwise = isSet ? NO_DATABASE : 'empty';
  const question = `Environment variable with the database's URL (${otherwise}: an embedded PostgreSQL beside the file)`;
  return { answer: 'databaseEnv', question, optional: true, fallback: isSet ? USUAL : '' };
}

function subjectOf(name: string): DatabaseSubject {
  const url = variable(name);
  if (url === undefined) {
    const mend = `Set it, name another one, or give --database-env ${NO_DATABASE} for an embedded PostgreSQL.`;
    return { kind: 'problem', message: `The environment variable ${name} is not set here.`, mend };
  }
  const problem = databaseUrlProblem(url);
  if (problem === undefined) return { kind: 'url', url: new Secret(url.trim()) };
  const mend = 'Correct the variable, or name another one.';
  const what = url.trim() === '' ? 'is empty' : problem;
  return { kind: 'problem', message: `The environment variable ${name} ${what}.`, mend };
}

/** Asks for what needs no check of dbt: the name and the schedule. */
export async function describeSchedule(setting: Setting, draft: Draft): Promise<Draft> {
  const fallback = draft.nameProposal ?? 'analytics-prod';
  const name = await answered(setting, draft, {
    answer: 'name',
    question: 'Name of the integration, shown in every view',
    fallback,
  });
  const ask = 'Cron schedule on which you will run the sync, such as */15 * * * * (empty: none)';
  const schedule = await answered(setting, draft, { answer: 'schedule', question: ask, optional: true });
  if (schedule === '') return { ...draft, name, schedule: undefined, timeZone: undefined };
  const zone = 'Time zone of the schedule';
  return {
    ...draft,
    name,
    schedule,
    timeZone: await answered(setting, draft, { answer: 'timeZone', question: zone, fallback: 'UTC' }),
  };
}
