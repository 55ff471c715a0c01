import { checked, executed, type Health, type SimInvocation } from './simulated-invocations.ts';
import { HOUR, MINUTE, type Micros, NODES, randomFrom, SECOND, type SimNode, shuffled } from './simulated-project.ts';

export const ACCOUNT = 11;
export const PROJECT = 22;
export const ENVIRONMENT = 33;
export const OTHER_ENVIRONMENT = 34;
export const JOBS = { daily: 401, tests: 402, checks: 403, merges: 404, elsewhere: 405 } as const;

export type Word = 'running' | 'success' | 'error' | 'cancelled';

export interface SimStep {
  readonly index: number;
  readonly name: string;
  /** Null for what the platform does itself. */
  readonly command: string | null;
  readonly status: Word;
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
  readonly left: SimInvocation | null;
  /** The service shows the file of a step before it where it left none. */
  readonly showsLeftover: boolean;
}

export interface SimRun {
  readonly id: number;
  readonly kind: Kind;
  readonly jobId: number;
  readonly environmentId: number;
  readonly status: Word;
  readonly cause: string;
  readonly schemaOverride: string | null;
  readonly retryOf: number | null;
  /** It ran after the nodes that are old had been deleted. */
  readonly isLate: boolean;
  readonly createdAt: Micros;
  readonly startedAt: Micros;
  readonly finishedAt: Micros | null;
  readonly steps: readonly SimStep[];
}

/** How many runs there are of each kind, in an order that the seed gives. */
const KINDS = {
  build: 60,
  full: 45,
  tests: 28,
  partial: 25,
  failing: 16,
  crashed: 4,
  'not cloned': 6,
  cancelled: 8,
  check: 9,
  'other schema': 4,
  parse: 4,
  retried: 9,
  rerun: 4,
  merge: 4,
  gone: 2,
  lost: 3,
  unsaved: 2,
  unparsed: 5,
  elsewhere: 5,
} as const;

export type Kind = keyof typeof KINDS | 'going';

/** When the first run is made. */
export const BEGIN: Micros = Date.parse('2026-02-02T01:00:00Z') * 1_000;

interface Command {
  readonly command: string;
  readonly status?: Word;
  readonly isStarted?: boolean;
  readonly left?: (generatedAt: Micros) => SimInvocation;
}

interface World {
  readonly health: Health;
  readonly id: number;
  readonly isLate: boolean;
}

const idOf = ({ id }: World, part: string) => `${id}-${part}`;

function nodesOf({ isLate, health }: World, kind: Kind): SimNode[] {
  const there = NODES.filter(({ type, isOld }) => type !== 'source' && !(isOld && isLate));
  if (kind === 'tests') return there.filter(({ type }) => type === 'test');
  if (kind === 'partial') return there.filter(() => health.random() < 0.3);
  return there;
}

function build(world: World, kind: Kind, share = 1): (at: Micros) => SimInvocation {
  const nodes = nodesOf(world, kind);
  const which = kind === 'tests' ? 'test' : 'build';
  const some = nodes.slice(0, Math.ceil(share * nodes.length));
  return (generatedAt) => {
    if (kind === 'failing' || kind === 'retried') world.health.states.set('model.shop.int_orders', 'error');
    return executed(world.health, { id: idOf(world, which), which, generatedAt, nodes: some });
  };
}

/** What failed and what was skipped is tried again. */
function retry(world: World, first: () => SimInvocation | undefined): (at: Micros) => SimInvocation {
  return (generatedAt) => {
    const again = first()?.rows.filter(({ status }) => ['error', 'fail', 'skipped'].includes(status)) ?? [];
    for (const { node } of again) world.health.states.delete(node.id);
    const which = world.id % 2 === 0 ? 'retry' : 'build';
    return executed(world.health, {
      id: idOf(world, 'retry'),
      which,
      generatedAt,
      nodes: again.map(({ node }) => node),
    });
  };
}

function commandsOf(world: World, kind: Kind): Command[] {
  const { random } = world.health;
  const fresh = (generatedAt: Micros) => checked(random, { id: idOf(world, 'freshness'), generatedAt });
  const plain: Command = { command: 'dbt build', left: build(world, kind) };
  let first: SimInvocation | undefined;
  switch (kind) {
    case 'full':
      return [
        { command: 'dbt source freshness', left: fresh },
        { command: 'dbt build', left: build(world, kind) },
        { command: 'dbt run-operation grant_all' },
        { command: 'dbt docs generate' },
      ];
    case 'tests':
      return [{ command: 'dbt test --exclude tag:slow', left: build(world, kind) }];
    case 'crashed':
      return [
        { command: 'dbt seed', left: build({ ...world, health: { ...world.health, random: () => 0.5 } }, kind, 0.05) },
        { command: 'dbt build', status: 'error' },
      ];
    case 'cancelled': {
      const left = world.id % 2 === 0 ? { left: build(world, kind, 0.5) } : {};
      return [
        { command: 'dbt build', status: 'cancelled', ...left },
        { command: 'dbt docs generate', status: 'cancelled', isStarted: false },
      ];
    }
    case 'parse':
      return [{ command: 'dbt parse' }, { command: 'dbt --quiet compile' }];
    case 'retried': {
      const left = build(world, kind);
      const noted = (at: Micros) => (first = left(at));
      return [
        { command: 'dbt build', status: 'error', left: noted },
        { command: 'dbt retry', left: retry(world, () => first) },
      ];
    }
    case 'unparsed':
      return [{ command: 'dbt build', status: 'error' }];
    case 'not cloned':
      return [{ command: 'dbt build', status: 'cancelled', isStarted: false }];
    default:
      return [plain];
  }
}

const isBad = ({ rows }: SimInvocation) => rows.some(({ status }) => status === 'error' || status === 'fail');

/** The platform's own steps, then the commands one after the other. */
function stepsOf(world: World, kind: Kind, startedAt: Micros): SimStep[] {
  const isCloned = kind !== 'not cloned';
  const none = { command: null, left: null, showsLeftover: false };
  const own = (index: number, name: string, isStarted = isCloned): SimStep => {
    const at = isStarted
      ? { startedAt: startedAt + index * SECOND, finishedAt: startedAt + (index + 1) * SECOND }
      : null;
    return {
      ...none,
      index,
      name,
      status: isStarted ? 'success' : 'cancelled',
      startedAt: null,
      finishedAt: null,
      ...at,
    };
  };
  const clone = own(1, 'Clone Git Repository', true);
  const before = [
    { ...clone, status: isCloned ? clone.status : ('error' as const) },
    own(2, 'Create Profile from Connection'),
  ];
  let at = startedAt + 10 * SECOND + 7;
  const invoked = commandsOf(world, kind).map(({ command, status, isStarted = true, left }, index): SimStep => {
    const length = (2 + Math.floor(world.health.random() * (kind === 'partial' ? 400 : 20))) * MINUTE + 123_001;
    const [from, to] = [at, at + length];
    if (isStarted) at = to;
    const file = left?.(to - 2 * SECOND - 511) ?? null;
    return {
      index: index + 3,
      name: `Invoke dbt with \`${command}\``,
      command,
      status: status ?? (file !== null && isBad(file) ? 'error' : 'success'),
      startedAt: isStarted ? from : null,
      finishedAt: isStarted ? to : null,
      left: file,
      showsLeftover: world.id % 3 !== 0,
    };
  });
  return [...before, ...invoked];
}

function jobOf(kind: Kind): Pick<SimRun, 'jobId' | 'environmentId' | 'cause' | 'schemaOverride'> {
  const usual = { environmentId: ENVIRONMENT, cause: 'scheduled', schemaOverride: null };
  if (kind === 'tests') return { ...usual, jobId: JOBS.tests };
  if (kind === 'check') return { ...usual, jobId: JOBS.checks, cause: 'ci', schemaOverride: 'dbt_pr_7' };
  if (kind === 'merge') return { ...usual, jobId: JOBS.merges, cause: 'merge' };
  if (kind === 'other schema') return { ...usual, jobId: JOBS.daily, cause: 'api', schemaOverride: 'tryout' };
  if (kind === 'elsewhere') return { ...usual, jobId: JOBS.elsewhere, environmentId: OTHER_ENVIRONMENT };
  return { ...usual, jobId: JOBS.daily };
}

function statusOf(steps: readonly SimStep[], kind: Kind): Word {
  if (kind === 'cancelled') return 'cancelled';
  return steps.some(({ status }) => status === 'error') ? 'error' : 'success';
}

function runOf(world: World, kind: Kind, createdAt: Micros): SimRun {
  const startedAt = createdAt + 42 * SECOND + 17;
  const isGoing = kind === 'going';
  const steps = isGoing ? [] : stepsOf(world, kind, startedAt);
  const ends = steps.flatMap(({ finishedAt }) => finishedAt ?? []);
  return {
    id: world.id,
    kind,
    ...jobOf(kind),
    isLate: world.isLate,
    status: isGoing ? 'running' : statusOf(steps, kind),
    retryOf: kind === 'rerun' ? world.id - 7 : null,
    createdAt,
    startedAt,
    finishedAt: isGoing ? null : Math.max(...ends) + 3 * SECOND,
    steps,
  };
}

export interface Simulation {
  readonly seed?: number;
  /** How many of the runs, from the first. */
  readonly runs?: number;
  /** From the beginning of one run to that of the next, on average. */
  readonly every?: Micros;
}

/** The runs of a simulated environment in the order of their ids, of which the last one goes on. */
export function simulatedRuns({
  seed = 5,
  runs = Number.POSITIVE_INFINITY,
  every = 4 * HOUR,
}: Simulation = {}): SimRun[] {
  const random = randomFrom(seed);
  const health: Health = { random, states: new Map() };
  const all = Object.entries(KINDS).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as Kind));
  const kinds = [...shuffled(all, random).slice(0, runs - 1), 'going' as const];
  let at = BEGIN;
  return kinds.map((kind, index) => {
    at += Math.round(every * (0.1 + 1.8 * random()));
    const world: World = { health, id: 9_990 + 7 * index, isLate: index > kinds.length / 2 };
    return runOf(world, kind, at);
  });
}
