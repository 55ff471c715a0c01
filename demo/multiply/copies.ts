import { createHash } from 'node:crypto';

/** One copy of the project. The first is the project itself: it has no suffix and depends on no other. */
export interface Copy {
  readonly index: number;
  readonly suffix: string;
  /** The suffix of the copy whose model this one builds on; null for the first. */
  readonly on: string | null;
}

/** Copies follow each other in chains of this many, and the head of each builds on one of the first chain. */
const CHAIN = 6;

/** The copies of an environment, connected with one another. */
export function copiesOf(count: number, seed: string): Copy[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    suffix: suffixOf(index),
    on: index === 0 ? null : suffixOf(parentOf(index, seed)),
  }));
}

function suffixOf(index: number): string {
  return index === 0 ? '' : `__c${String(index).padStart(4, '0')}`;
}

function parentOf(index: number, seed: string): number {
  return index % CHAIN === 0 ? Math.floor(fraction(seed, 'parent', index) * CHAIN) : index - 1;
}

/** A number from 0 to 1 that is the same whenever it is asked for with the same words. */
export function fraction(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join('\n')).digest().readUInt32BE() / 2 ** 32;
}
