type Step<Item> = { readonly generator: AsyncGenerator<Item>; readonly result: IteratorResult<Item> };

const ignore = () => undefined;

function step<Item>(generator: AsyncGenerator<Item>): Promise<Step<Item>> {
  const next = generator.next().then((result) => ({ generator, result }));
  // It may fail while an item is being used and nobody waits for it yet; the next race sees it all the same.
  next.catch(ignore);
  return next;
}

/**
 * The items of several generators as they come. Each is asked for its next item while the last one is being used,
 * so that fetching and storing overlap; one that fails ends them all.
 */
export async function* merge<Item>(generators: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const pending = new Map(generators.map((generator) => [generator, step(generator)]));
  try {
    while (pending.size > 0) {
      const { generator, result } = await Promise.race(pending.values());
      // Of several that are ready the first counts, so whoever had its turn goes to the end.
      pending.delete(generator);
      if (result.done === true) continue;
      pending.set(generator, step(generator));
      yield result.value;
    }
  } finally {
    // Not awaited: requests under way end by the signal, and what they answer is not wanted any more.
    for (const generator of pending.keys()) generator.return(undefined).catch(ignore);
  }
}
