const NUMBERS = ['no', 'a', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** How long until then, rounded up: `in a minute`, `in five minutes`, `in an hour`, `in 36 hours`. */
export function inWords(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000));
  if (minutes === 60) return 'in an hour';
  const [count, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.ceil(minutes / 60), 'hour'];
  return `in ${NUMBERS[count] ?? count} ${unit}${count === 1 ? '' : 's'}`;
}

/** `1 node`, `2 nodes`. */
export const nodes = (count: number): string => `${count} ${count === 1 ? 'node' : 'nodes'}`;

/** Ends with a full stop, whatever it ended with. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function listed(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
  const last = names.at(-1) ?? '';
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/**
 * Sentences of the form `<connection>: <reason>`, one for each reason: `applied.models, applied.tests and 3 more:
 * <reason>`. The order is that in which the reasons came.
 */
export function groupedByReason(sentences: readonly string[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const one of sentences) {
    const [, name = '', reason = one] = /^(\S+): (.*)$/s.exec(one) ?? [];
    names.set(reason, (names.get(reason) ?? new Set()).add(name));
  }
  return [...names].map(([reason, [...found]]) => `${listed(found)}: ${reason}`);
}
