import fc from 'fast-check';
import { expect, it } from 'vitest';
import { modelApplied, modelDefinition } from '../../src/normalize/model.ts';
import { openStore } from '../store/builders.ts';
import {
  catalogColumn,
  catalogNode,
  execution,
  modelAppliedNode,
  modelDefinitionNode,
} from '../unit/normalize/raw-nodes.ts';
import { numRuns } from './runs.ts';

/** Any text of JavaScript, halves of pairs and control characters included. */
const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 9, 10, 13, 34, 39, 92, 0xd83d, 0xde00)))
  .map((units) => String.fromCharCode(...units));
const text = fc.oneof(
  codeUnits,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\\.', '\\N', '{}', 'null'),
);

/** What must arrive: the same, but for NUL and for halves of pairs. */
function stored(sent: string): string {
  return [...sent]
    .map((character) => (character === '\0' || /^[\ud800-\udfff]$/.test(character) ? '\ufffd' : character))
    .join('');
}

const texts = fc.record({
  description: text,
  code: text,
  compiled: text,
  key: text,
  value: text,
  tag: text,
  columnName: text,
  columnText: text,
  comment: text,
  error: text,
});
type Texts = typeof texts extends fc.Arbitrary<infer T> ? T : never;

const idOf = (index: number) => `model.shop.m${index}`;

function recordsOf(told: Texts, index: number) {
  const uniqueId = idOf(index);
  const { description, code: rawCode, key, value, tag } = told;
  const meta = { [`k${key}`]: [value] };
  const column = { description: told.columnText, comment: told.comment, tags: [tag], meta };
  const catalog = catalogNode({ columns: [catalogColumn(`c${told.columnName}`, column)] });
  const executionInfo = execution({ lastRunError: told.error });
  return [
    ...modelDefinition(modelDefinitionNode({ uniqueId, description, rawCode, meta, tags: [tag] })).records,
    ...modelApplied(modelAppliedNode({ uniqueId, compiledCode: told.compiled, catalog, executionInfo })).records,
  ];
}

function expected(told: Texts, index: number) {
  const meta = { [stored(`k${told.key}`)]: [stored(told.value)] };
  const tags = [stored(told.tag)];
  return {
    unique_id: idOf(index),
    description: stored(told.description),
    raw_code: stored(told.code),
    compiled_code: stored(told.compiled),
    meta,
    tags,
    last_run_error: stored(told.error),
    column_name: stored(`c${told.columnName}`),
    column_description: stored(told.columnText),
    comment: stored(told.comment),
    column_tags: tags,
    column_meta: meta,
  };
}

it('any text arrives in the views as it was sent, but for NUL and halves of pairs', { timeout: 600_000 }, async () => {
  const store = await openStore();
  let integrations = 0;
  const holds = fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (told) => {
    const name = `i${++integrations}`;
    await store.sync(told.flatMap(recordsOf), { scope: { name } });
    const found = await store.rows(
      `select m.unique_id, m.description, m.raw_code, m.compiled_code, m.meta, m.tags, m.last_run_error, c.column_name,
        c.description as column_description, c.comment, c.tags as column_tags, c.meta as column_meta
      from dbt.models m join dbt.columns c using (integration, unique_id)
      where integration = $1 order by length(m.unique_id), m.unique_id`,
      [name],
    );
    expect(found).toEqual(told.map(expected));
  });
  await fc.assert(holds, numRuns(25));
});
