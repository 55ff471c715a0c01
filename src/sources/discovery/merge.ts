type Step<Item> = { readonly generator: AsyncGenerator<Item>; readonly result: IteratorResult<Item> };

const step = async <Item>(generator: AsyncGenerator<Item>): Promise<Step<Item>> => ({
  generator,
  result: await generator.next(),
});

/**
 * The items of several generators as they come. Each is asked for its next item while the last one is being used,
 * so that fetching and storing overlap; one that fails ends them all.
 */
export async function* merge<Item>(generators: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const pending = new Map(generators.map((generator) => [generator, step(generator)]));
  try {
    while (pending.size > 0) {
      const { generator, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(generator);
        continue;
      }
      pending.set(generator, step(generator));
      yield result.value;
    }
  } finally {
    // Requests under way end by the signal; what they answer is not wanted any more.
    for (const left of pending.values()) left.catch(() => undefined);
  }
}
