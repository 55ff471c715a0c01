import type { LastComplete } from '../../../src/domain/store.ts';
import { type SyncOptions, sync } from '../../../src/sync/sync.ts';
import { type FakeSource, fakeSource, fakeStore, optionsOf } from './fakes.ts';

type Broken = NonNullable<Parameters<typeof fakeStore>[0]>['broken'];

interface Run extends FakeSource {
  readonly last?: LastComplete | null;
  readonly broken?: Broken;
  readonly options?: Partial<SyncOptions>;
}

function start({ last = null, broken = {}, options = {}, ...asked }: Run = {}) {
  const fake = fakeStore({ last, broken });
  const { source, readings } = fakeSource(asked);
  return { ...fake, readings, result: sync(optionsOf(fake.store, source, options)) };
}

/** A pass that ends well. */
export async function done(run: Run = {}) {
  const { result, ...rest } = start(run);
  return { ...rest, result: await result };
}

/** A pass that does not, and what it ended with. */
export async function failed(run: Run) {
  const { result, ...rest } = start(run);
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { ...rest, error };
}
