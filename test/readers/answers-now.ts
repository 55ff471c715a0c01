import { groupBy } from '../oracle/group-by.ts';
import { type FactNode, isBad } from './facts.ts';
import type { Past } from './past.ts';

export type Cell = string | number | boolean | null;
export type Answer = (past: Past) => readonly (readonly Cell[])[];

const MART = 'model.roastery.fct_orders';
const STAGED = 'model.roastery.stg_shop__orders';
const latest = (times: readonly (string | null | undefined)[]): string | null =>
  times.reduce<string | null>((best, at) => (at != null && (best === null || at > best) ? at : best), null);
const ofType = ({ facts }: Past, type: string) => facts.nodes.filter((node) => node.type === type);
const failing = (past: Past) => past.facts.nodes.filter(({ id }) => isBad(past.verdict(id)));
const lastSuccess = (past: Past, id: string) => past.executed(id).findLast(({ status }) => status === 'success');

/** The newest check of each source that breaches. */
function breached(past: Past, id: string): boolean {
  const checks = past.facts.checks.filter((check) => check.id === id).toSorted((a, b) => a.at.localeCompare(b.at));
  return ['warn', 'error'].includes(checks.at(-1)?.status ?? '');
}

const exposures: Answer = (past) =>
  ofType(past, 'exposure').flatMap((exposure) => {
    const above = [...past.upstream(exposure.id).keys()];
    const failed = above.flatMap(past.testsOf).filter(({ id }) => isBad(past.verdict(id))).length;
    const errored = above.filter((id) => id.startsWith('model.') && isBad(past.verdict(id))).length;
    if (failed + errored === 0) return [];
    return [[exposure.name, exposure.owner, exposure.url, 'fail', failed, errored]];
  });

/** What the verdict is, without its reason and the lateness of builds, which other tests look at. */
const relation: Answer = (past) =>
  past.facts.nodes
    .filter(({ identifier, type }) => identifier === 'fct_orders' && type === 'model')
    .map((node) => {
      const verdicts = [past.verdict(node.id), ...past.testsOf(node.id).map(({ id }) => past.verdict(id))];
      const isStale = [...past.upstream(node.id).keys()].some((id) => breached(past, id));
      const told = verdicts.some((one) => one !== null) ? 'ok' : 'unknown';
      const worst = verdicts.some(isBad) ? 'fail' : verdicts.includes('warn') ? 'warn' : isStale ? 'stale' : told;
      const tested = latest(past.testsOf(node.id).map(({ id }) => past.executed(id).at(-1)?.at));
      return [node.database, node.schema, node.identifier, worst, lastSuccess(past, node.id)?.at ?? null, tested];
    });

const broken: Answer = (past) =>
  failing(past).map(({ id, owner, dbtUrl }) => [
    id,
    past.executed(id).at(-1)?.status ?? null,
    past.failingSince(id),
    owner,
    dbtUrl,
  ]);

const notRun: Answer = (past) =>
  ofType(past, 'test').flatMap(({ id }) => {
    const at = past.executed(id).at(-1)?.at ?? null;
    if (at !== null && past.within(at, 3)) return [];
    const why = past.results(id).length === 0 ? 'never ran' : at === null ? 'always skipped' : 'not for three days';
    return [[id, at, why]];
  });

const isDocumented = ({ description }: { readonly description: string | null }) => (description ?? '') !== '';

function counts(past: Past, models: readonly FactNode[]): number[] {
  const columns = models.flatMap((model) => model.columns);
  const tested = models.filter(({ id }) => past.testsOf(id).length > 0);
  return [
    models.length,
    tested.length,
    models.filter(isDocumented).length,
    columns.length,
    columns.filter(isDocumented).length,
  ];
}

const DIMENSIONS: { readonly [name: string]: (model: FactNode) => string | null } = {
  package: ({ packageName }) => packageName,
  group: ({ group }) => group,
  owner: ({ owner }) => owner,
  schema: ({ schema }) => schema,
  layer: ({ layer }) => layer,
};

const coverage: Answer = (past) => {
  const models = ofType(past, 'model');
  const feeding = new Set(ofType(past, 'exposure').flatMap(({ id }) => [...past.upstream(id).keys()]));
  const untested = models.filter(({ id }) => feeding.has(id) && past.testsOf(id).length === 0);
  return [
    ...Object.entries(DIMENSIONS).flatMap(([name, of]) =>
      [...groupBy(models, of)].map(([value, members]) => [name, value, ...counts(past, members)]),
    ),
    ...untested.map((model) => ['feeds an exposure, untested', model.id, ...counts(past, [model])]),
  ];
};

/**
 * The ancestor that began to fail no later and has no such one above it, of several the first; a test follows from what
 * it tests.
 */
const rootCauses: Answer = (past) => {
  const origin = (node: FactNode) => past.node(node.tested ?? '')?.id ?? node.id;
  const since = new Map<string, string>();
  for (const node of failing(past)) {
    const at = past.failingSince(node.id) ?? '';
    if (at < (since.get(origin(node)) ?? '~')) since.set(origin(node), at);
  }
  const reaching = (id: string, at: string) =>
    [...past.upstream(id).keys()].filter((above) => (since.get(above) ?? '~') <= at);
  const causes = failing(past).map((node) => {
    const above = reaching(origin(node), past.failingSince(node.id) ?? '').filter(
      (id) => reaching(id, since.get(id) ?? '').length === 0,
    );
    const [first] = above.toSorted(
      (a, b) => (since.get(a) ?? '').localeCompare(since.get(b) ?? '') || a.localeCompare(b),
    );
    return { cause: first ?? node.tested ?? node.id, at: past.failingSince(node.id) };
  });
  return [...groupBy(causes, ({ cause }) => cause)].map(([cause, of]) => [
    cause,
    of.length,
    of.map(({ at }) => at).toSorted()[0] ?? null,
  ]);
};

const hits: Answer = (past) => {
  const reached = [...past.downstream(STAGED)].map(([id, distance]) => ({ type: past.node(id)?.type ?? '', distance }));
  return [...groupBy(reached, ({ type }) => type)].map(([type, of]) => {
    const distances = of.map(({ distance }) => distance);
    return [type, of.length, Math.min(...distances), Math.max(...distances)];
  });
};

const lastBuild: Answer = (past) => {
  const built = lastSuccess(past, MART);
  const run = past.facts.runs.find(({ id }) => id === built?.runId);
  return [[built?.runId ?? null, run?.job ?? null, run?.gitSha ?? null, built?.at ?? null]];
};

const standing: Answer = (past) => [
  ...past.testsOf(MART).map(({ id, column }) => ['test', id, column]),
  ...(past.node(MART)?.contract === true ? [['contract', MART, 'enforced']] : []),
  ...[...past.downstream(MART)]
    .filter(([id]) => past.node(id)?.type !== 'test')
    .map(([id, distance]) => [past.node(id)?.type ?? null, id, `at distance ${distance}`]),
];

const lacking = <Item>(items: readonly Item[], has: (item: Item) => boolean): number =>
  items.filter((item) => !has(item)).length;

/** A row for each day; contracts are those of now. */
const gaps: Answer = (past) => {
  const { now, days, nodes } = past.facts;
  const contracts = lacking(ofType(past, 'model'), ({ contract }) => contract);
  return (days ?? [{ day: now.slice(0, 10), nodes }]).map(({ day, nodes: then }) => {
    const models = then.filter(({ type }) => type === 'model');
    const columns = models.flatMap((model) => model.columns);
    return [
      ...[day, models.length, lacking(models, isDocumented), lacking(columns, isDocumented)],
      ...[lacking(models, ({ owner }) => owner !== null), contracts],
    ];
  });
};

const unused: Answer = (past) => {
  const children = groupBy(
    past.facts.nodes.filter(({ type }) => type !== 'test').flatMap(({ parents }) => parents),
    (parent) => parent,
  );
  return ofType(past, 'model').flatMap(({ id, isDeprecated }) => {
    const count = children.get(id)?.length ?? 0;
    return count === 0 || isDeprecated ? [[id, count === 0 ? 'unused' : 'deprecated', count]] : [];
  });
};

/** Answers to what is, by the number of the question. */
export const ANSWERS_NOW: { readonly [question: number]: Answer } = {
  1: exposures,
  2: relation,
  3: broken,
  8: notRun,
  9: coverage,
  12: rootCauses,
  13: hits,
  15: lastBuild,
  16: standing,
  17: gaps,
  19: unused,
};
