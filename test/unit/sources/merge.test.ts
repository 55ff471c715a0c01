import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { merge } from '../../../src/sources/discovery/merge.ts';

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});

afterEach(() => void process.off('unhandledRejection', onUnhandled));

/** Lets every promise settle that can, and Node notice those that nobody handles. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A generator that gives each item only when the test says so. */
function held<Item>() {
  const waiting: { resolve: (item: Item) => void; reject: (error: Error) => void }[] = [];
  const state = { asked: 0, closed: false };
  const next = () => new Promise<Item>((resolve, reject) => void waiting.push({ resolve, reject }));
  async function* generate(): AsyncGenerator<Item> {
    try {
      while (true) {
        state.asked++;
        yield await next();
      }
    } finally {
      state.closed = true;
    }
  }
  return {
    state,
    generator: generate(),
    give: (item: Item) => waiting.shift()?.resolve(item),
    fail: (error: Error) => waiting.shift()?.reject(error),
  };
}

async function* of(...items: string[]): AsyncGenerator<string> {
  yield* items;
}

async function* failing(message: string): AsyncGenerator<string> {
  await settle();
  yield await Promise.reject(new Error(message));
}

async function all(generator: AsyncGenerator<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const item of generator) found.push(item);
  return found;
}

describe('several generators', () => {
  it('give all their items, each in its own order', async () => {
    const found = await all(merge([of('a1', 'a2', 'a3'), of('b1', 'b2'), of()]));
    expect(found.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
    expect(found.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  });

  it('take turns when both have items', async () => {
    const found = await all(merge([of('a1', 'a2'), of('b1', 'b2')]));
    expect(found.slice(0, 2).toSorted()).toEqual(['a1', 'b1']);
  });

  it('give nothing when there are none', async () => {
    expect(await all(merge<string>([]))).toEqual([]);
  });

  it('do not wait for the slow one', async () => {
    const slow = held<string>();
    const merged = merge([slow.generator, of('fast')]);
    expect((await merged.next()).value).toBe('fast');
    slow.give('slow');
    expect((await merged.next()).value).toBe('slow');
  });

  it('are asked for the next item while the last one is used', async () => {
    const one = held<string>();
    const merged = merge([one.generator]);
    const first = merged.next();
    await settle();
    one.give('item');
    await first;
    await settle();
    expect(one.state.asked).toBe(2);
  });
});

describe('a generator that fails', () => {
  it('fails the whole with its own error', async () => {
    await expect(all(merge([of('a'), failing('broken')]))).rejects.toThrow('broken');
  });

  it('ends the others', async () => {
    const other = held<string>();
    await expect(all(merge([other.generator, failing('broken')]))).rejects.toThrow('broken');
    other.give('too late');
    await settle();
    expect(other.state).toEqual({ asked: 1, closed: true });
  });

  it('leaves no rejection unhandled when another one fails too', async () => {
    const other = held<string>();
    await expect(all(merge([other.generator, failing('broken')]))).rejects.toThrow('broken');
    other.fail(new Error('also broken'));
    await settle();
    expect(unhandled).toEqual([]);
  });

  it('leaves no rejection unhandled when it fails while an item is being used', async () => {
    const one = held<string>();
    const merged = merge([one.generator]);
    const first = merged.next();
    await settle();
    one.give('item');
    await first;
    await settle();
    one.fail(new Error('broken meanwhile'));
    await settle();
    expect(unhandled).toEqual([]);
    await expect(merged.next()).rejects.toThrow('broken meanwhile');
  });

  it('leaves no rejection unhandled inside a merge within a merge', async () => {
    const [inner, outer] = [held<string>(), held<string>()];
    const merged = merge([merge([inner.generator, of('inner item')]), outer.generator]);
    expect((await merged.next()).value).toBe('inner item');
    const second = merged.next();
    await settle();
    outer.fail(new Error('broken'));
    await expect(second).rejects.toThrow('broken');
    inner.fail(new Error('aborted'));
    await settle();
    expect(unhandled).toEqual([]);
  });
});

describe('a reader that stops early', () => {
  it('ends the generators', async () => {
    const other = held<string>();
    for await (const item of merge([of('first', 'second'), other.generator])) if (item === 'first') break;
    other.give('too late');
    await settle();
    expect(other.state.closed).toBe(true);
  });

  it('leaves no rejection unhandled of what was under way', async () => {
    const other = held<string>();
    for await (const item of merge([of('first'), other.generator])) if (item === 'first') break;
    other.fail(new Error('aborted'));
    await settle();
    expect(unhandled).toEqual([]);
  });
});
