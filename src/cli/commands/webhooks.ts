import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type SecretKeeper, subscribe, subscriptionsOf, withUrl } from '../../app/webhooks/subscribe.ts';
import type { IntegrationConfig } from '../../config/types.ts';
import { webUrlProblem, withScheme } from '../../config/urls.ts';
import { FatalError } from '../../domain/errors.ts';
import { createLogger } from '../../log.ts';
import { recentDeliveries, testSubscription } from '../../sources/admin/deliveries.ts';
import {
  deleteSubscription,
  EVENT_TYPES,
  listSubscriptions,
  type Subscription,
  type SubscriptionScope,
} from '../../sources/admin/subscriptions.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { answer, type Io } from '../io.ts';
import { secretFile } from '../secret-file.ts';
import { type CommonOptions, common, readConfig, requireKnown } from '../session.ts';
import {
  createdJson,
  createdText,
  deletedText,
  listedJson,
  listedText,
  refusalHint,
  testText,
} from '../webhooks-text.ts';

interface WebhooksFlags extends CommonOptions {
  readonly url?: string;
  readonly id?: string;
  readonly secretFile?: string;
}

/** What an action works with. */
interface Work {
  readonly io: Io;
  readonly integration: IntegrationConfig;
  readonly scope: SubscriptionScope;
  readonly flags: WebhooksFlags;
  readonly signal: AbortSignal;
}

type Action = (work: Work) => Promise<ExitCode>;

/** The commands `webhooks create`, `list`, `test` and `delete`. */
export function addWebhooks(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const webhooks = program.command('webhooks').description('have dbt tell of runs as they end');
  webhooks.addHelpText(
    'after',
    '\nExample:\n  $ dbt-observer webhooks create analytics-prod --url https://observer.example.com',
  );
  const add = (name: string, description: string, action: Action, example: string) => {
    const command = webhooks.command(name).description(description);
    command.argument('<name>', 'integration of the configuration');
    command.action(async (of: string, flags: WebhooksFlags) => exit(await run(io, { of, flags }, action)));
    return common(command, `webhooks ${example}`);
  };
  const url = 'the address that dbt is to call; without a path, /webhooks/dbt/<name> is added';
  add(
    'create',
    'make a webhook in dbt, or switch on the one that is there',
    create,
    'create prod --url https://o.example.com',
  )
    .requiredOption('--url <url>', url)
    .option('--secret-file <path>', 'a new file for the secret, which dbt tells only once (default: print it)');
  add('list', "show the account's webhooks", list, 'list prod');
  add('test', 'have dbt send a test delivery', test, 'test prod')
    .option('--url <url>', url)
    .option('--id <id>', 'the webhook of this id');
  add('delete', 'delete a webhook in dbt', remove, 'delete prod --id wsu_12345')
    .option('--url <url>', 'those that call this address; without a path, /webhooks/dbt/<name> is added')
    .option('--id <id>', 'the webhook of this id');
}

async function run(io: Io, { of, flags }: { of: string; flags: WebhooksFlags }, action: Action): Promise<ExitCode> {
  const config = await readConfig(io, flags, { tokens: true });
  requireKnown(
    of,
    config.integrations.map(({ name }) => name),
  );
  const integration = config.integrations.find(({ name }) => name === of);
  if (integration === undefined) throw new FatalError(`There is no integration "${of}".`);
  const { level, format } = config.log;
  const logger = createLogger({
    level: level === 'info' ? 'warn' : level,
    format: format === 'auto' ? (io.isTerminal ? 'pretty' : 'json') : format,
    write: io.json ? () => undefined : io.err,
  });
  const interruption = interruptible(io, 'what dbt has done by then stays; look with "webhooks list".');
  try {
    const { signal } = interruption;
    const scope = await subscriptionsOf(integration, { logger, limits: config.limits }, signal);
    return await action({ io, integration, scope, flags, signal });
  } finally {
    interruption.release();
  }
}

/** @throws FatalError unless dbt could call it. */
function addressOf(text: string, name: string): string {
  const problem = webUrlProblem(text);
  if (problem !== undefined) throw new FatalError(`--url ${problem}.`);
  const url = new URL(withScheme(text));
  if (url.pathname === '/') url.pathname = pathOf(name);
  return url.href;
}

const pathOf = (name: string) => `/webhooks/dbt/${name}`;

async function create({ io, integration, scope, flags, signal }: Work): Promise<ExitCode> {
  const { name } = integration;
  const path = flags.secretFile;
  if (io.json && path === undefined) {
    throw new FatalError('With --json the secret needs a place of its own: give --secret-file.');
  }
  let printed: string | undefined;
  const onPaper: SecretKeeper = {
    prepare: async () => undefined,
    keep: async (secret) => {
      printed = secret;
    },
    discard: async () => undefined,
  };
  const keeper = path === undefined ? onPaper : secretFile(path);
  const jobIds = integration.source !== 'files' && integration.jobId !== undefined ? [integration.jobId] : [];
  const wish = {
    name: `dbt-observer ${name}`,
    url: addressOf(flags.url ?? '', name),
    events: EVENT_TYPES,
    jobIds,
    description: null,
  };
  const subscribed = await subscribe({ scope, wish, keeper, signal });
  // A file that is there already is that of an earlier time.
  const isMissed = subscribed.how !== 'created' && path !== undefined && !existsSync(path);
  const place = { name, path, secret: printed, isMissed };
  answer(io, createdJson(subscribed, path), () => createdText(subscribed, place));
  return isMissed ? EXIT.partial : EXIT.done;
}

async function list({ io, scope, signal }: Work): Promise<ExitCode> {
  const all = await listSubscriptions(scope, signal);
  const recent = await Promise.all(all.map(({ id }) => recentDeliveries(scope, id, signal)));
  const listed = all.map((subscription, index) => ({ subscription, recent: recent[index] ?? null }));
  answer(io, listedJson(listed), () => listedText(listed, io.columns));
  return EXIT.done;
}

/** Those that the flags name; without any, those that call the integration's usual path. */
function chosen(all: readonly Subscription[], { url, id }: WebhooksFlags, name: string): readonly Subscription[] {
  if (id !== undefined) return all.filter((one) => one.id === id);
  if (url !== undefined) return withUrl(all, addressOf(url, name));
  return all.filter((one) => URL.canParse(one.url) && new URL(one.url).pathname === pathOf(name));
}

async function test({ io, integration: { name }, scope, flags, signal }: Work): Promise<ExitCode> {
  const found = chosen(await listSubscriptions(scope, signal), flags, name);
  const [one] = found;
  if (one === undefined) throw new FatalError('There is no such webhook: look with "webhooks list", or create it.');
  if (found.length > 1) {
    throw new FatalError(
      `There are ${found.length} of them: give one by --id: ${found.map(({ id }) => id).join(', ')}.`,
    );
  }
  const tested = await testSubscription(scope, one.id, { signal });
  const { isDelivered: delivered, status, error } = tested;
  const hint = refusalHint(name, tested);
  answer(io, { id: one.id, url: one.url, delivered, status, error, hint }, () => testText(one, tested, hint));
  return tested.isDelivered === false ? EXIT.failed : EXIT.done;
}

async function remove({ io, integration: { name }, scope, flags, signal }: Work): Promise<ExitCode> {
  if (flags.id === undefined && flags.url === undefined) {
    throw new FatalError('Say which one is to be deleted: --id, or --url for all that call an address.');
  }
  const ids =
    flags.id === undefined
      ? chosen(await listSubscriptions(scope, signal), flags, name).map(({ id }) => id)
      : [flags.id];
  const deleted: string[] = [];
  for (const id of ids) if (await deleteSubscription(scope, id, signal)) deleted.push(id);
  if (deleted.length === 0) {
    throw new FatalError('There is no such webhook, or the token may not delete it: look with "webhooks list".');
  }
  answer(io, { deleted }, () => deletedText(deleted));
  return EXIT.done;
}
