import { variable } from '../config/secrets.ts';
import type { CheckName, Verdict } from '../doctor/check.ts';
import { examineDatabase } from '../doctor/database.ts';
import { SyncError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { checkText } from './doctor-text.ts';
import type { Draft } from './init-draft.ts';
import { answered, type Setting, sentence, without } from './init-setting.ts';

/** Asks where the store is to be, and whether it can be there. */
export async function describeDatabase(setting: Setting, given: Draft): Promise<Draft> {
  const { questions, unchecked, width, show } = setting;
  let draft = given;
  for (;;) {
    const question = "Environment variable with the database's URL (empty: an embedded PostgreSQL beside the file)";
    const databaseEnv = await answered(setting, draft, { answer: 'databaseEnv', question, optional: true });
    draft = { ...draft, databaseEnv };
    if (databaseEnv === '' || unchecked) return draft;
    const url = variable(databaseEnv);
    const problem = { kind: 'problem' as const, message: `The environment variable ${databaseEnv} is not set here.` };
    const { verdicts } = await examineDatabase(url ? { kind: 'url', url: new Secret(url) } : problem, show);
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
