import type { Ended } from '../e2e/cli.ts';
import { type Attempt, type Disturbance, phasesIn, type Step, type StepName } from './process.ts';
import type { Point } from './wire.ts';

/** The phases of a sync in which it is disturbed. */
export const PHASES = ['page', 'stage', 'before publish', 'inside publish', 'at commit', 'after publish'] as const;

export type Phase = (typeof PHASES)[number];

/** `either` where nobody can know whether the server got the commit. */
export type Expected = 'before' | 'after' | 'either';

/** One place in one phase of one of the two steps. */
export interface Place {
  readonly phase: Phase;
  readonly step: StepName;
  /** How far into the phase, from 0 to below 1. */
  readonly share: number;
  readonly side: Point['side'];
}

const SIDES = { 'at commit': ['before', 'answered', 'sent'] } as const;
const BOTH = ['before', 'answered'] as const;

/** Places spread over the phase, over both steps, and over the sides on which the wire can be held. */
export function placesIn(phase: Phase, count: number): Place[] {
  const sides = phase === 'at commit' ? SIDES[phase] : BOTH;
  return Array.from({ length: count }, (_, index) => ({
    phase,
    step: Math.floor(index / sides.length) % 2 === 0 ? 'second' : 'first',
    share: index / count,
    side: sides[index % sides.length] ?? 'before',
  }));
}

/** How the place is reached in this step. */
export function disturbanceAt({ phase, share, side }: Place, { passed, requests }: Step): Disturbance {
  const nth = (of: number) => 1 + Math.floor(share * of);
  switch (phase) {
    // The first request asks whether anything moved, the last one whether it moved meanwhile: neither is for a page.
    case 'page':
      return { answered: nth(requests - 2) };
    case 'stage':
      // How many messages there are depends on the order in which pages come: the last ones may be missing.
      return { point: { moment: 'copy', nth: nth(0.8 * passed.copy), side: 'before' } };
    case 'before publish':
      if (side === 'before') return { point: { moment: 'begin', nth: 1, side } };
      return { answered: requests - 1 };
    case 'inside publish':
      return { point: { moment: 'inside', nth: nth(passed.inside), side } };
    case 'at commit':
      return { point: { moment: 'commit', nth: 1, side } };
    case 'after publish': {
      const n = nth(passed.after);
      // The last message says goodbye, which nobody answers.
      return { point: { moment: 'after', nth: n, side: n === passed.after ? 'before' : side } };
    }
  }
}

/** What the store must hold when a sync ends there for good. */
export function expectedAt({ phase, side }: Place): Expected {
  if (phase === 'after publish') return 'after';
  if (phase !== 'at commit') return 'before';
  return ({ before: 'before', answered: 'after', sent: 'either' } as const)[side];
}

/** What the process and the wire said of themselves when the process ended. */
export function markersOf(attempt: Attempt, ended: Ended) {
  const phases = phasesIn(ended);
  const count = (phase: string) => phases.filter((one) => one === phase).length;
  return { last: phases.at(-1), pages: count('page'), staged: count('staged'), passed: attempt.passed() };
}

/** Whether the markers prove that the sync was in the phase: it had begun, and the next one had not. */
export function isProven(place: Place, step: Step, markers: ReturnType<typeof markersOf>): boolean {
  const { last, pages, staged, passed } = markers;
  switch (place.phase) {
    case 'page':
      return last !== undefined && last !== 'publish' && staged < step.pages && passed.begin === 0;
    case 'stage':
      // A COPY may still be under way while the next page is read.
      return pages > 0 && last !== 'published' && passed.copy < step.passed.copy && passed.begin === 0;
    case 'before publish':
      return last === (place.side === 'before' ? 'publish' : 'staged') && staged === step.pages && passed.begin === 0;
    case 'inside publish':
      return last === 'publish' && passed.begin === 1 && passed.commit === 0;
    case 'at commit':
      return last === 'publish' && passed.inside > 0 && passed.after === 0;
    case 'after publish':
      return (last === 'publish' || last === 'published' || last === 'released') && passed.commit === 1;
  }
}
