import type { Page, Source, Traffic } from '../domain/source.ts';

/**
 * A source of artifacts that is made when it is first asked, for only then what it needs is worth a request. A failure
 * to make it is one of the source, and the next question tries again.
 */
export function lateSource(make: (signal: AbortSignal) => Promise<Source>, traffic: () => Traffic): Source {
  let made: Source | undefined;
  const there = async (signal: AbortSignal): Promise<Source> => {
    made ??= await make(signal);
    return made;
  };
  return {
    name: 'artifacts',
    get states() {
      return made?.states ?? [];
    },
    get limits() {
      return made?.limits ?? [];
    },
    get warnings() {
      return made?.warnings ?? [];
    },
    probe: async (signal) => (await there(signal)).probe(signal),
    async *pages(signal, stored): AsyncGenerator<Page> {
      yield* (await there(signal)).pages(signal, stored);
    },
    traffic,
  };
}
