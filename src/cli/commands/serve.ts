import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../../config/types.ts';
import { FatalError } from '../../domain/errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import type { Io } from '../io.ts';
import { ROLES, type Role } from '../roles.ts';
import { type CommonOptions, common, readConfig } from '../session.ts';

interface ServeFlags extends CommonOptions {
  readonly role?: Role;
  readonly concurrency: number;
  readonly port?: number;
}

const CONCURRENCY = 4;
const MOST_AT_ONCE = 64;
const HIGHEST_PORT = 65_535;

/** The command `serve`. */
export function addServe(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('serve')
    .description('keep every integration in sync by its schedule, until a signal stops it')
    .addOption(
      new Option('--role <role>', 'do only this; the others run elsewhere on the same database').choices(ROLES),
    )
    .option('--concurrency <jobs>', 'jobs that this process does at once', jobs, CONCURRENCY)
    .option('--port <port>', 'where it tells its health and metrics and takes webhooks, instead of server.port', port)
    .action(async (flags: ServeFlags) => exit(await runServe(io, flags)));
  common(command, 'serve --role worker --concurrency 8');
}

function jobs(text: string): number {
  const number = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MOST_AT_ONCE) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_AT_ONCE}.`);
}

function port(text: string): number {
  const number = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (number <= HIGHEST_PORT) return number;
  throw new InvalidArgumentError(`It must be a whole number from 0 (any that is free) to ${HIGHEST_PORT}.`);
}

async function runServe(io: Io, flags: ServeFlags): Promise<ExitCode> {
  const { role, concurrency } = flags;
  const read = await readConfig(io, flags, {
    tokens: role === undefined || role === 'worker',
    webhooks: role === undefined || role === 'server',
  });
  const config = { ...read, server: { ...read.server, port: flags.port ?? read.server.port } };
  requireIntegrations(config);
  const roles = role === undefined ? ROLES : [role];
  const interruption = interruptible(io, 'the job goes back to the queue; the state before it stayed.');
  const { signal } = interruption;
  try {
    // Whatever else this program does has no use for a queue, a scheduler and a server.
    const { serve } = await import('../serving.ts');
    await serve(io, config, { roles, concurrency, signal });
    return EXIT.done;
  } finally {
    interruption.release();
  }
}

/** @throws FatalError when there is nothing to serve. */
function requireIntegrations({ integrations, file }: Config): void {
  if (integrations.length > 0) return;
  const where =
    file === undefined ? 'there is no configuration file: run init, or name one with --config' : `${file} has none`;
  throw new FatalError(`serve needs integrations, but ${where}.`);
}
