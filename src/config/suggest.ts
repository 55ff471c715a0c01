const spelled = (word: string): string => word.toLowerCase().replaceAll('-', '_');

/** Edit distance in which two swapped neighbours count as one edit. */
const distance = (a: string, b: string): number => {
  const table: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => table[i]?.[j] ?? j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped ? at(i - 2, j - 2) + 1 : replaced);
      table[i]?.splice(j, 1, best);
    }
  }
  return at(a.length, b.length);
};

/** The known word that `word` is most likely a slip of, at most one edit in three letters (and three in all) away. */
export const suggest = (word: string, known: readonly string[]): string | undefined => {
  const allowed = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    if (Math.abs(name.length - word.length) > allowed) continue;
    const edits = distance(spelled(word), spelled(name));
    if (edits <= allowed && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits };
  }
  return best?.name;
};
