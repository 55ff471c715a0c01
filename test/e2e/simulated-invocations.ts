import { type Micros, NODES, SECOND, type SimNode } from './simulated-project.ts';

/** One result as a file of results has it. */
export interface SimRow {
  readonly node: SimNode;
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  readonly startedAt: Micros | null;
  readonly completedAt: Micros | null;
  readonly seconds: number;
  readonly rowsAffected: number | null;
  readonly batches: { readonly successful: number; readonly failed: number } | null;
}

/** One check of a source. */
export interface SimCheck {
  readonly node: SimNode;
  /** Null when it could not be made. */
  readonly snapshottedAt: Micros | null;
  readonly maxLoadedAt: Micros | null;
  readonly status: string;
}

/** What one invocation of dbt left. */
export interface SimInvocation {
  readonly id: string;
  readonly which: string;
  readonly generatedAt: Micros;
  readonly rows: readonly SimRow[];
  readonly checks: readonly SimCheck[];
}

/** Limits of every source, in hours. */
export const WARN_AFTER = 12;
export const ERROR_AFTER = 24;

/** How nodes fare: what is broken stays so for a while. */
export interface Health {
  readonly random: () => number;
  readonly states: Map<string, string>;
}

const between = (random: () => number, least: number, most: number) =>
  least + Math.floor(random() * (most - least + 1));

/** Some nodes never fail. */
const isSound = (id: string) => id.startsWith('seed.') || id.startsWith('unit_test.');

function testState({ random, states }: Health, id: string): string {
  if (isSound(id)) return 'pass';
  const now = states.get(id) ?? 'pass';
  const [stays, others] = now === 'pass' ? [0.93, ['warn', 'fail', 'error']] : [0.6, ['pass', 'fail', 'warn']];
  const next = random() < stays ? now : (others[between(random, 0, others.length - 1)] ?? 'pass');
  states.set(id, next);
  return next;
}

function buildState({ random, states }: Health, { id }: SimNode): string {
  if (isSound(id)) return 'success';
  const now = states.get(id) ?? 'success';
  const next = random() < (now === 'error' ? 0.45 : 0.035) ? 'error' : 'success';
  states.set(id, next);
  if (next === 'error') return next;
  const odd = random();
  if (id.endsWith('int_sessions') && odd < 0.2) return 'partial success';
  if (id.endsWith('dim_countries') && odd < 0.3) return odd < 0.1 ? 'no-op' : 'reused';
  return id.endsWith('fct_revenue') && odd < 0.04 ? 'dreamt' : next;
}

const NOTHING_DONE = { startedAt: null, completedAt: null, rowsAffected: null, batches: null, failures: null };

function testRow(health: Health, node: SimNode, times: Pick<SimRow, 'startedAt' | 'completedAt' | 'seconds'>): SimRow {
  const status = testState(health, node.id);
  const failures = status === 'error' ? null : status === 'pass' ? 0 : between(health.random, 1, 90);
  const message = status === 'pass' ? null : status === 'error' ? 'Database Error in test' : `Got ${failures} results`;
  return { ...NOTHING_DONE, ...times, node, status, message, failures };
}

function buildRow(health: Health, node: SimNode, times: Pick<SimRow, 'startedAt' | 'completedAt' | 'seconds'>): SimRow {
  const status = buildState(health, node);
  if (status === 'no-op' || status === 'reused') return { ...NOTHING_DONE, node, status, message: status, seconds: 0 };
  const rowsAffected = status === 'error' ? null : between(health.random, 1, 5_000);
  const message = status === 'error' ? `Database Error in ${node.id}` : `SELECT ${rowsAffected}`;
  const batches = status === 'partial success' ? { successful: 3, failed: 1 } : null;
  return { ...NOTHING_DONE, ...times, node, status, message, rowsAffected, batches };
}

export interface Executing {
  readonly id: string;
  readonly which: string;
  readonly generatedAt: Micros;
  readonly nodes: readonly SimNode[];
}

/** Executes nodes one after the other; below what could not be built everything is skipped. */
export function executed(health: Health, { nodes, ...rest }: Executing): SimInvocation {
  const { generatedAt } = rest;
  const lost = new Set<string>();
  let at = generatedAt - nodes.length * 2 * SECOND - 345_678;
  const rows = nodes.map((node): SimRow => {
    if (node.parents.some((parent) => lost.has(parent))) {
      lost.add(node.id);
      return { ...NOTHING_DONE, node, status: 'skipped', message: 'Skipped due to a parent', seconds: 0 };
    }
    const seconds = between(health.random, 1, 1_900) / 1_000;
    const times = { startedAt: at, completedAt: at + Math.round(seconds * SECOND), seconds };
    at += 2 * SECOND;
    const row = node.type === 'test' ? testRow(health, node, times) : buildRow(health, node, times);
    if (node.type !== 'test' && row.status === 'error') lost.add(node.id);
    return row;
  });
  return { ...rest, rows, checks: [] };
}

/** Checks the freshness of all sources. */
export function checked(
  random: () => number,
  { id, generatedAt }: Pick<Executing, 'id' | 'generatedAt'>,
): SimInvocation {
  const sources = NODES.filter(({ type }) => type === 'source');
  const checks = sources.map((node, index): SimCheck => {
    if (random() < 0.05) return { node, snapshottedAt: null, maxLoadedAt: null, status: 'runtime error' };
    const hours = between(random, 0, 30);
    const snapshottedAt = generatedAt - (sources.length - index) * SECOND;
    const maxLoadedAt = snapshottedAt - hours * 3_600 * SECOND;
    const status = hours > ERROR_AFTER ? 'error' : hours > WARN_AFTER ? 'warn' : 'pass';
    return { node, snapshottedAt, maxLoadedAt, status };
  });
  return { id, which: 'freshness', generatedAt, rows: [], checks };
}
