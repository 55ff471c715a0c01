import { tokenInVariable } from '../config/secrets.ts';
import { addressesOf } from '../doctor/access-url.ts';
import type { Check, CheckName, Verdict } from '../doctor/check.ts';
import { type Choice, environmentChoices } from '../doctor/choices.ts';
import { askDiscovery, type EnvironmentState } from '../doctor/discovery.ts';
import { reachHost } from '../doctor/host.ts';
import { checkIntegration, type Description } from '../doctor/integration.ts';
import { FatalError, SyncError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { checkText } from './doctor-text.ts';
import { type Answer, type Draft, nameOf, problemWith, readAddress } from './init-draft.ts';
import { answered, type Setting, sentence, without } from './init-setting.ts';

/** Which answers a failed check puts in doubt. */
const DOUBTED: { readonly [check in CheckName]?: readonly Answer[] } = {
  access_url: ['accessUrl'],
  host: ['accessUrl'],
  token: ['accessUrl', 'tokenEnv'],
  discovery: ['tokenEnv'],
  environment: ['accountId', 'projectId', 'environmentId'],
};

const idOf = (text: string | undefined) => (text === undefined || text === '' ? undefined : Number(text));

/** Asks for everything that says which environment is meant, until dbt agrees or the person insists. */
export async function describeEnvironment(setting: Setting, given: Draft): Promise<Draft> {
  let draft = given;
  for (;;) {
    draft = await withAddress(setting, draft);
    const { draft: known, token } = await withToken(setting, draft);
    draft = await withEnvironment(setting, known, token);
    if (setting.unchecked || token === undefined) return draft;
    const { failures, learned } = await examined(setting, draft, token);
    draft = { ...learned, ...draft };
    const [first] = failures;
    if (first === undefined) return draft;
    if (setting.questions === undefined) throw new SyncError(sentence(first));
    if (await setting.questions.confirm('Keep these answers all the same?')) return draft;
    draft = without(
      draft,
      failures.flatMap(({ check }) => DOUBTED[check] ?? []),
    );
  }
}

async function withAddress(setting: Setting, given: Draft): Promise<Draft> {
  let draft = given;
  for (;;) {
    const optional = draft.discoveryUrl !== undefined;
    const question = 'Access URL of the account, or the address of any of its pages';
    const text = await answered(setting, draft, { answer: 'accessUrl', question, optional });
    if (text === '') return draft;
    const { accessUrl, ...ids } = readAddress(text);
    // What was said by a flag goes before what an address tells beside.
    draft = { ...ids, ...draft, accessUrl };
    const addresses = addressesOf({ accessUrl, discoveryUrl: draft.discoveryUrl });
    const failure =
      addresses.discovery === undefined ? addresses.verdict : await unreachable(setting, addresses.discovery);
    if (failure === undefined) return draft;
    if (setting.questions === undefined) throw new SyncError(sentence(failure));
    setting.questions.say(`  ${sentence(failure)}`);
    draft = without(draft, ['accessUrl']);
  }
}

async function unreachable({ unchecked, wire }: Setting, endpoint: string): Promise<Verdict | undefined> {
  if (unchecked) return undefined;
  const { verdict } = await reachHost(endpoint, wire);
  return verdict.status === 'failed' ? verdict : undefined;
}

async function withToken(setting: Setting, given: Draft): Promise<{ draft: Draft; token?: Secret }> {
  const { questions, unchecked } = setting;
  let draft = given;
  for (;;) {
    const question = 'Environment variable that holds the token';
    const tokenEnv = await answered(setting, draft, { answer: 'tokenEnv', question, fallback: 'DBT_TOKEN' });
    draft = { ...draft, tokenEnv };
    if (unchecked) return { draft };
    const found = tokenInVariable(tokenEnv);
    if ('secret' in found) return { draft, token: found.secret };
    if (questions === undefined) {
      throw new FatalError(`${found.problem} Set it, or give --no-check to write the file without asking dbt.`);
    }
    questions.say(`  ${found.problem}`);
    if (await questions.confirm('Go on without asking dbt whether the answers are right?')) return { draft };
    draft = without(draft, ['tokenEnv']);
  }
}

async function withEnvironment(setting: Setting, draft: Draft, token: Secret | undefined): Promise<Draft> {
  if (draft.environmentId !== undefined && problemWith('environmentId', draft.environmentId) === undefined)
    return draft;
  const choices = token === undefined || draft.accessUrl === undefined ? [] : await choicesOf(setting, draft, token);
  const chosen = await chosenFrom(setting, choices);
  if (chosen !== undefined) {
    const { id, name, projectName, accountId, projectId } = chosen;
    return {
      ...draft,
      environmentId: String(id),
      accountId: String(accountId),
      ...(projectId !== undefined && { projectId: String(projectId) }),
      ...(projectName !== undefined && { nameProposal: nameOf(projectName, name) }),
    };
  }
  if (token !== undefined && setting.questions === undefined) await refuseWrongToken(setting, draft, token);
  const question = "Id of the environment (it is in the address of the environment's page)";
  return { ...draft, environmentId: await answered(setting, draft, { answer: 'environmentId', question }) };
}

/** Whether the API takes a token is told for any environment. */
const ANY_ENVIRONMENT = 1;

/**
 * What is missing is not to be looked for with a token that is of no use.
 * @throws SyncError that says what is wrong with the host or the token.
 */
async function refuseWrongToken(setting: Setting, draft: Draft, token: Secret): Promise<void> {
  const { discovery: endpoint } = addressesOf(draft);
  if (endpoint === undefined) return;
  const failure = await unreachable(setting, endpoint);
  if (failure !== undefined) throw new SyncError(sentence(failure));
  const { kind, ...told } = await askDiscovery({ endpoint, token, environmentId: ANY_ENVIRONMENT }, setting.wire);
  if (kind === 'bad_token' && 'message' in told) throw new SyncError(told.message);
}

async function choicesOf(setting: Setting, draft: Draft, token: Secret): Promise<Choice[]> {
  const asked = { url: new URL(draft.accessUrl ?? '').origin, token, projectId: idOf(draft.projectId) };
  const choices = await environmentChoices({ ...asked, accountId: idOf(draft.accountId) }, setting.wire);
  if (choices.length > 0 || draft.accountId !== undefined || setting.questions === undefined) return choices;
  const question = 'Id of the account (empty: it is learned from the API)';
  const accountId = await answered(setting, draft, { answer: 'accountId', question, optional: true });
  return accountId === '' ? [] : environmentChoices({ ...asked, accountId: Number(accountId) }, setting.wire);
}

/** Without anybody to ask, the production environment is meant if there is exactly one. */
async function chosenFrom({ questions }: Setting, choices: readonly Choice[]): Promise<Choice | undefined> {
  const production = choices.filter(({ isProduction }) => isProduction);
  if (questions === undefined) return production.length === 1 ? production[0] : undefined;
  if (choices.length === 0) return undefined;
  const shown = choices.map(({ id, name, isProduction, projectName, projectId }) => {
    const project = projectName ?? (projectId === undefined ? '' : `project ${projectId}`);
    return `${name}${isProduction ? ' (production)' : ''}${project === '' ? '' : `, ${project}`}, ${id}`;
  });
  const other = 'another one, by its id';
  const index = await questions.choose('Which environment', [...shown, other]);
  return choices[index];
}

async function examined(
  { wire, width, show }: Setting,
  draft: Draft,
  token: Secret,
): Promise<{ failures: Check[]; learned: Draft }> {
  const config: Description = {
    name: draft.name ?? 'default',
    accessUrl: draft.accessUrl,
    discoveryUrl: draft.discoveryUrl,
    accountId: idOf(draft.accountId),
    projectId: idOf(draft.projectId),
    environmentId: Number(draft.environmentId),
    source: 'auto',
  };
  const tell = (check: Check) => show(checkText(check, width));
  const { checks, findings } = await checkIntegration(
    { config, token: { secret: token } },
    { wire, now: new Date(), tell },
  );
  const state = findings?.discovery.kind === 'state' ? findings.discovery.state : undefined;
  return {
    failures: checks.filter(({ status }) => status === 'failed'),
    learned: state === undefined ? {} : learnedOf(state),
  };
}

/** Whose the environment is goes into the file, so that another one is never taken for it. */
function learnedOf({ accountId, projectId, projectName }: EnvironmentState): Draft {
  return {
    ...(accountId !== null && { accountId: String(accountId) }),
    ...(projectId !== null && { projectId: String(projectId) }),
    ...(projectName !== null && { nameProposal: nameOf(projectName) }),
  };
}
