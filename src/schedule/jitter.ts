import { createHash } from 'node:crypto';

/** So many syncs may begin in the same second. */
const AT_ONCE = 4;
const PER_S = 10;
/** A tick is served within a minute, so that syncs are spread over a part of one. */
const LONGEST_S = 30;

/** Seconds over which syncs are spread that are due together. */
function spreadS(many: number): number {
  return many <= AT_ONCE ? 0 : Math.min(LONGEST_S, many / PER_S);
}

/**
 * How many seconds after its tick an integration's sync begins, when so many are due together: always the same for the
 * same name, and none when they are few.
 */
export function jitterS(integration: string, many: number): number {
  const share = createHash('sha256').update(integration).digest().readUInt32BE() / 2 ** 32;
  return share * spreadS(many);
}
