/** Deeper nesting than anybody writes; Postgres ends at some thousands, and then refuses the whole COPY. */
export const MAX_DEPTH = 200;

/** Why something is refused that is nested more deeply. */
export const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep`;

/** Whether a value is not nested more deeply than that. */
export function isShallow(value: unknown, depth = 0): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (depth >= MAX_DEPTH) return false;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && item !== null && !isShallow(item, depth + 1)) return false;
  }
  return true;
}
