import { type Command, InvalidArgumentError, Option } from 'commander';
import { suggest } from '../../config/suggest.ts';
import { FatalError } from '../../domain/errors.ts';
import { findLineage, integrationsWith, knownNodes, type Lineage } from '../../store/read/lineage.ts';
import type { Reader } from '../../store/read/snapshot.ts';
import { integrationNames } from '../../store/read/tests.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { answer, type Io } from '../io.ts';
import { lineageDot, lineageMermaid } from '../lineage-graph.ts';
import { lineageTree } from '../lineage-tree.ts';
import { type CommonOptions, common, readConfig, requireKnown, withStore } from '../session.ts';

interface LineageFlags extends CommonOptions {
  readonly integration?: string;
  readonly up?: boolean;
  readonly down?: boolean;
  readonly depth?: number;
  readonly format?: 'tree' | 'json' | 'mermaid' | 'dot';
}

const MATCHES = 5;
const NO_STORE = 'No integration was synced yet: run "dbt-observer sync" first.';

/** The command `lineage`. */
export function addLineage(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('lineage')
    .description('what a node depends on, and what depends on it')
    .argument('<unique-id>', "dbt's unique id, such as model.shop.orders")
    .option('--integration <name>', 'the integration, where several have such a node')
    .option('--up', 'only what it depends on')
    .option('--down', 'only what depends on it')
    .option('--depth <edges>', 'go at most so far', depthOf)
    .addOption(
      new Option('--format <format>', 'form of the answer (default: tree)').choices(['tree', 'json', 'mermaid', 'dot']),
    )
    .action(async (uniqueId: string, flags: LineageFlags) => exit(await runLineage(io, uniqueId, flags)));
  common(command, 'lineage model.shop.orders --down --depth 2');
}

async function runLineage(io: Io, uniqueId: string, flags: LineageFlags): Promise<ExitCode> {
  const { up = false, down = false, depth = null, format } = flags;
  if (io.json && format !== undefined && format !== 'json') {
    throw new FatalError(`--json and --format ${format} exclude each other: leave one of them out.`);
  }
  const config = await readConfig(io, flags);
  const lineage = await withStore(io, config, async (reader) => {
    const integration = await integrationOf(reader, uniqueId, flags.integration);
    return findLineage(reader, { integration, uniqueId, up: up || !down, down: down || !up, depth });
  });
  if (lineage === undefined) throw new FatalError(NO_STORE);
  answer({ ...io, json: io.json || format === 'json' }, lineage, () => lineageText(lineage, flags));
  return EXIT.done;
}

function lineageText(lineage: Lineage, { up = false, down = false, format }: LineageFlags): string {
  if (format === 'mermaid') return lineageMermaid(lineage);
  if (format === 'dot') return lineageDot(lineage);
  const directions = [...(up || !down ? (['up'] as const) : []), ...(down || !up ? (['down'] as const) : [])];
  return directions.map((direction) => lineageTree(lineage, direction)).join('\n');
}

function depthOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of edges, at least 1.');
}

/** The integration whose node is meant. @throws FatalError when there is none, with close matches, or more than one. */
async function integrationOf(reader: Reader, uniqueId: string, wanted: string | undefined): Promise<string> {
  const names = await integrationNames(reader);
  if (names.length === 0) throw new FatalError(NO_STORE);
  if (wanted !== undefined) requireKnown(wanted, names);
  const having = (await integrationsWith(reader, uniqueId)).filter((name) => wanted === undefined || name === wanted);
  const [only, ...more] = having;
  if (only === undefined) throw new FatalError(unknownNode(uniqueId, await knownNodes(reader, wanted)));
  if (more.length === 0) return only;
  throw new FatalError(`Several integrations have ${uniqueId}: choose one with --integration (${having.join(', ')}).`);
}

/** The sentence for an id that no node has: what comes close to it, or where ids are found. */
export function unknownNode(
  uniqueId: string,
  known: readonly { readonly unique_id: string; readonly name: string | null }[],
): string {
  const wanted = uniqueId.toLowerCase();
  const containing = known
    .filter(({ unique_id: id }) => id.toLowerCase().includes(wanted))
    .map(({ unique_id: id }) => id);
  // The name alone is short enough to compare with every node's.
  const meant = suggest(
    wanted.split('.').at(-1) ?? '',
    known.flatMap(({ name }) => name ?? []),
  );
  const named = known.filter(({ name }) => name !== null && name === meant).map(({ unique_id: id }) => id);
  const matches = [...new Set([...containing.sort((a, b) => a.length - b.length), ...named])].slice(0, MATCHES);
  const hint = matches.length === 0 ? 'The view dbt.nodes lists all of them.' : `Did you mean ${matches.join(' or ')}?`;
  return `There is no node "${uniqueId}". ${hint}`;
}
