import type { Verdict } from '../doctor/check.ts';
import type { Wire } from '../doctor/host.ts';
import { FatalError } from '../domain/errors.ts';
import { type Answer, type Draft, problemWith } from './init-draft.ts';
import type { Questions } from './questions.ts';

/** What the questions of `init` work with. */
export interface Setting {
  /** Undefined when nobody can be asked: then what is missing or wrong is an error. */
  readonly questions: Questions | undefined;
  readonly wire: Wire;
  /** Nothing is asked of dbt and of the database. */
  readonly unchecked: boolean;
  readonly width: number | undefined;
  /** Shows checks to a person. */
  readonly show: (text: string) => void;
}

/** Flags by the answers they give, for sentences about them. */
const FLAGS: { readonly [answer in Answer]: string } = {
  accessUrl: '--access-url',
  discoveryUrl: '--discovery-url',
  accountId: '--account-id',
  projectId: '--project-id',
  environmentId: '--environment-id',
  tokenEnv: '--token-env',
  name: '--name',
  schedule: '--schedule',
  timeZone: '--time-zone',
  databaseEnv: '--database-env',
};

export interface Wanted {
  readonly answer: Answer;
  readonly question: string;
  readonly fallback?: string;
  /** An empty answer is one. */
  readonly optional?: boolean;
}

/** The answer of the draft, or of the person; asked again while it is wrong. */
export async function answered({ questions }: Setting, draft: Draft, wanted: Wanted): Promise<string> {
  const { answer, question, fallback = '', optional = false } = wanted;
  let text = draft[answer];
  for (;;) {
    if (text === undefined && questions === undefined) {
      if (fallback !== '' || optional) return fallback;
      throw new FatalError(
        `${FLAGS[answer]} is missing: give it, or run "dbt-observer init" at a terminal to be asked.`,
      );
    }
    text ??= await questions?.ask(question, fallback);
    const problem = text === '' && optional ? undefined : problemWith(answer, text ?? '');
    if (problem === undefined) return text ?? '';
    if (questions === undefined) throw new FatalError(`${FLAGS[answer]} ${problem}.`);
    questions.say(`  It ${problem}.`);
    text = undefined;
  }
}

/**
 * Refuses flags that are wrong before anything is asked.
 * @throws FatalError with the sentence of the first one.
 */
export function refuseWrongFlags(draft: Draft, isAsked: boolean): void {
  for (const [answer, flag] of Object.entries(FLAGS) as [Answer, string][]) {
    const text = draft[answer];
    // An empty one says that there is none; whether that is possible is judged where it is asked for.
    const problem = text === undefined || text === '' ? undefined : problemWith(answer, text);
    if (problem !== undefined) throw new FatalError(`${flag} ${problem}.`);
  }
  if (draft.timeZone !== undefined && !draft.schedule && !isAsked) {
    throw new FatalError('--time-zone is the zone of a schedule: give --schedule, too, or leave it out.');
  }
}

/** The draft without some of its answers, so that they are asked for again. */
export const without = (draft: Draft, answers: readonly Answer[]): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([answer]) => !answers.includes(answer as Answer)));

/** What is wrong, and what to do. */
export const sentence = ({ message, mend }: Verdict) => (mend === undefined ? message : `${message} ${mend}`);
