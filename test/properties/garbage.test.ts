import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Page } from '../../src/domain/source.ts';
import { normalizeOrReject } from '../../src/normalize/normalized.ts';
import { toPage } from '../../src/sources/discovery/page.ts';
import { openStore, report, scope, start, type TestStore } from '../store/builders.ts';
import { pathsOf } from '../unit/normalize/nasty.ts';
import { refusals } from '../unit/normalize/refusals.ts';
import { garbage, WORST } from './nasty.ts';
import { type RecordedNode, recordNodes } from './recorded-nodes.ts';
import { numRuns, TIMES } from './runs.ts';

const RECORDED = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));

let nodes: RecordedNode[];

beforeAll(async () => {
  nodes = await recordNodes(RECORDED, 8);
});

/** A real node in which some values have become garbage. */
const broken = fc
  .record({
    at: fc.nat(),
    edits: fc.array(fc.tuple(fc.nat(), garbage), { minLength: 1, maxLength: 3 }),
  })
  .map(({ at, edits }): RecordedNode => {
    const recorded = nodes[at % nodes.length];
    if (recorded === undefined) throw new Error('There is no recorded node.');
    const paths = pathsOf(recorded.node);
    const node = edits.reduce<unknown>((value, [place, other]) => {
      return put(value, paths[place % paths.length] ?? [], other);
    }, recorded.node);
    return { ...recorded, node: node as RecordedNode['node'] };
  });

/** Puts a value at a path, or above it where an earlier one has cut the path off. It copies no deeper than it must. */
function put(value: unknown, [key, ...rest]: readonly (string | number)[], other: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  copy[key] = put(copy[key], rest, other);
  return copy;
}

it('any JSON in any field of a real node ends in records that the store takes, or in a reject with its reason', () => {
  fc.assert(
    fc.property(broken, ({ resourceType, normalize, node }) => {
      const { records, rejects = [] } = normalizeOrReject(resourceType, normalize, node);
      expect(records.flatMap(refusals)).toEqual([]);
      for (const { reason, raw } of rejects)
        expect([typeof reason, reason === '', raw]).toEqual(['string', false, raw]);
      const { uniqueId } = node;
      const isTold = records.some((record) => record.uniqueId === uniqueId);
      expect(isTold || rejects.some(({ raw }) => raw === node) || isNothing(normalize, node)).toBe(true);
    }),
    numRuns(2_000),
  );
});

/** Of an applied exposure nothing is read. */
const isNothing = (normalize: RecordedNode['normalize'], node: unknown) =>
  JSON.stringify(normalize(node)) === JSON.stringify({ records: [] });

function pageOf({ resourceType, name, normalize, node }: RecordedNode): Promise<Page> {
  const page = { nodes: [node], total: 1, incomplete: [] };
  return toPage({ resourceType, name, normalize, isWanted: () => true }, page);
}

async function publish({ store }: TestStore, integration: string, given: readonly RecordedNode[]) {
  const pass = await store.begin(scope({ name: integration, maxRemovalRatio: 1 }), start());
  try {
    for (const node of given) await pass.stage(await pageOf(node));
    return await pass.publish(report({ complete: true }));
  } finally {
    await pass.release();
  }
}

async function readEverything({ rows }: TestStore, integration: string): Promise<void> {
  const views = await rows<{ name: string }>(
    "select table_name as name from information_schema.views where table_schema = 'dbt'",
  );
  for (const { name } of views) await rows(`select * from dbt.${name} where integration = $1`, [integration]);
}

/** Each field of each kind of node in turn has the value, on a node of its own. */
function everywhere(value: unknown): RecordedNode[] {
  const kinds = new Map(nodes.map((recorded) => [recorded.name, recorded]));
  return [...kinds.values()].flatMap((recorded) =>
    pathsOf(recorded.node).map((path, index) => {
      const own = { ...recorded.node, uniqueId: `${recorded.node.uniqueId}_${index}` };
      return { ...recorded, node: put(own, path, value) as RecordedNode['node'] };
    }),
  );
}

it.each(WORST.slice(0, 4 * TIMES))(
  '%s is published in any field of any node, and can be read',
  { timeout: 120_000 },
  async (_name, value) => {
    const store = await openStore();
    await publish(store, 'everywhere', everywhere(value));
    await readEverything(store, 'everywhere');
  },
);

it('whatever garbage a pass brings, it is published, can be read, and writes nothing when it comes again', {
  timeout: 900_000,
}, async () => {
  const store = await openStore();
  let integrations = 0;
  const passes = fc.array(fc.array(broken, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 3 });
  const holds = fc.asyncProperty(passes, async (given) => {
    const integration = `i${++integrations}`;
    for (const pass of given) await publish(store, integration, pass);
    await readEverything(store, integration);
    const last = given.at(-1) ?? [];
    await publish(store, integration, last);
    expect(await publish(store, integration, last)).toMatchObject({ rowsWritten: 0 });
  });
  await fc.assert(holds, numRuns(12));
});
