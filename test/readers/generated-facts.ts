import { randomFrom } from '../e2e/simulated-project.ts';
import { layerOf } from '../oracle/layer.ts';
import type { FactCheck, FactNode, FactResult, FactRun, Facts } from './facts.ts';

const DAYS = 70;
const FIRST = Date.UTC(2026, 8, 11);
const MINUTE = 60_000;
/** Each model's parents come before it. */
const MODELS: { readonly [name: string]: readonly string[] } = {
  stg_shop__orders: ['source.roastery.shop.orders'],
  stg_shop__payments: ['source.roastery.shop.payments'],
  stg_beans: ['source.roastery.shop.beans'],
  int_paid: ['model.roastery.stg_shop__orders', 'model.roastery.stg_shop__payments'],
  int_roasts: ['model.roastery.stg_beans'],
  fct_orders: ['model.roastery.int_paid'],
  fct_roasts: ['model.roastery.int_roasts', 'model.roastery.stg_shop__orders'],
  dim_beans: ['model.roastery.stg_beans'],
  fct_margin: ['model.roastery.fct_orders', 'model.roastery.fct_roasts'],
  leftovers: [],
};
const EXPOSURES: { readonly [name: string]: readonly string[] } = {
  margins: ['model.roastery.fct_margin'],
  beans: ['model.roastery.dim_beans'],
};
const OWNERS = [null, 'Ada', 'Bo'];

const NOTHING: Omit<FactNode, 'id' | 'type' | 'name'> = {
  packageName: 'roastery',
  database: null,
  schema: null,
  identifier: null,
  layer: null,
  group: null,
  owner: null,
  description: null,
  url: null,
  dbtUrl: null,
  tested: null,
  column: null,
  parents: [],
  columns: [],
  contract: false,
  isDeprecated: false,
};

type Draw = () => number;

function modelOf(name: string, parents: readonly string[], draw: Draw): FactNode {
  const layer = layerOf(name, `models/${name}.sql`);
  return {
    ...NOTHING,
    id: `model.roastery.${name}`,
    type: 'model',
    name,
    database: 'db',
    schema: layer,
    identifier: name,
    layer,
    owner: OWNERS[Math.floor(draw() * 3)] ?? null,
    description: draw() < 0.6 ? `About ${name}` : null,
    parents,
    columns: ['id', 'at', 'amount'].map((column) => ({ name: column, description: draw() < 0.5 ? 'told' : null })),
    contract: draw() < 0.3,
    isDeprecated: draw() < 0.2,
  };
}

function testsOf(model: FactNode, draw: Draw): FactNode[] {
  return ['id', 'amount']
    .filter(() => draw() < 0.8)
    .map((column) => ({
      ...NOTHING,
      id: `test.roastery.not_null_${model.name}_${column}.abc`,
      type: 'test',
      name: `not_null_${model.name}_${column}`,
      owner: model.owner,
      tested: model.id,
      column,
      parents: [model.id],
    }));
}

function nodesOf(draw: Draw): FactNode[] {
  const sources = ['orders', 'payments', 'beans'].map((name) => ({
    ...NOTHING,
    id: `source.roastery.shop.${name}`,
    type: 'source',
    name,
  }));
  const models = Object.entries(MODELS).map(([name, parents]) => modelOf(name, parents, draw));
  const exposures = Object.entries(EXPOSURES).map(([name, parents]) => {
    const owner = OWNERS[1 + Math.floor(draw() * 2)] ?? null;
    return {
      ...NOTHING,
      id: `exposure.roastery.${name}`,
      type: 'exposure',
      name,
      owner,
      url: `https://bi/${name}`,
      parents,
    };
  });
  return [
    ...sources,
    ...models,
    ...[...sources.slice(0, 1), ...models].flatMap((of) => testsOf(of, draw)),
    ...exposures,
  ];
}

function runOf(day: number, draw: Draw): FactRun {
  const begin = FIRST + day * 1_440 * MINUTE + 6 * 60 * MINUTE;
  const at = (minutes: number) => new Date(begin + Math.round(minutes * MINUTE)).toISOString();
  const counts = day % 9 !== 4;
  return {
    id: String(1_000 + day),
    ...(counts ? { jobId: '7', job: 'Daily' } : { jobId: '8', job: 'Checks' }),
    status: ['success', 'error', 'cancelled'][Math.floor(draw() ** 2 * 3)] ?? 'error',
    createdAt: at(0),
    startedAt: at(draw() * 5),
    finishedAt: at(40 + draw() * 20),
    gitSha: `sha${day}`,
    retryOf: day % 10 === 7 ? String(999 + day) : null,
    counts,
  };
}

function statusOf(isTest: boolean, mood: number, draw: Draw): string {
  const drawn = draw();
  if (drawn < 0.05) return 'skipped';
  if (!isTest) return drawn < 0.05 + mood / 3 ? 'error' : 'success';
  if (drawn < 0.05 + mood) return draw() < 0.8 ? 'fail' : 'error';
  return drawn < 0.1 + 1.5 * mood ? 'warn' : 'pass';
}

/** What a run says of the nodes that it takes: one after another, so that each begins when its parents are done. */
function resultsOf(
  run: FactRun,
  day: number,
  { nodes, draw }: { nodes: readonly FactNode[]; draw: Draw },
): FactResult[] {
  const begin = Date.parse(run.startedAt ?? run.createdAt);
  const done = new Map<string, number>();
  return nodes
    .filter(({ type, name }) => (type === 'model' || type === 'test') && name.length % 7 !== 6 && draw() < 0.9)
    .map(({ id, type, parents }, index) => {
      const startS = Math.max(0, ...parents.map((parent) => done.get(parent) ?? 0)) + draw();
      const seconds =
        Math.round((1 + index / 4 + (day > DAYS - 25 && index % 3 === 0 ? 2 : 0) + draw()) * 1_000) / 1_000;
      done.set(id, startS + seconds);
      const status = statusOf(type === 'test', index % 5 === 0 ? 0.3 : 0.05, draw);
      const at = (second: number) => new Date(begin + Math.round(second * 1_000)).toISOString();
      const timed = status !== 'skipped';
      return {
        id,
        runId: run.id,
        step: 1,
        status,
        failures: status === 'fail' || status === 'warn' ? 1 + Math.floor(draw() * 9) : null,
        at: run.finishedAt ?? '',
        startedAt: timed ? at(startS) : null,
        completedAt: timed ? at(startS + seconds) : null,
        seconds,
      };
    });
}

function checksOf(run: FactRun, draw: Draw): FactCheck[] {
  return ['orders', 'payments', 'beans'].map((name) => {
    const drawn = draw();
    const ageS = Math.floor(draw() * 90_000);
    const loadedAt = new Date(Date.parse(run.createdAt) - ageS * 1_000).toISOString();
    const status = drawn < 0.6 ? 'pass' : drawn < 0.8 ? 'warn' : 'error';
    return { id: `source.roastery.shop.${name}`, at: run.createdAt, status, loadedAt, ageS };
  });
}

/** A project with seventy days of runs, the same for the same seed. Its last run is of the day of reading. */
export function generatedFacts(seed: number): Facts {
  const draw = randomFrom(seed);
  const nodes = nodesOf(draw);
  const runs = Array.from({ length: DAYS }, (_, day) => runOf(day, draw));
  return {
    now: new Date(FIRST + (DAYS - 1) * 1_440 * MINUTE + 18 * 60 * MINUTE).toISOString(),
    nodes,
    runs,
    results: runs.flatMap((run, day) => resultsOf(run, day, { nodes, draw })),
    checks: runs.filter(({ counts }) => counts).flatMap((run) => checksOf(run, draw)),
    changes: [],
    days: null,
    removedModels: [],
  };
}
