/** Text from outside that is fit for a terminal: one line, without control characters. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** `1 node`, `1,204 nodes` */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}

/** `semantic model`, `3 saved queries` and the like */
export function countedType(count: number, resourceType: string): string {
  const word = resourceType.replaceAll('_', ' ');
  const plural = word === 'analysis' ? 'analyses' : `${word.replace(/y$/, 'ie')}s`;
  return counted(count, word, plural);
}

/** `350 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `5 d 3 h`: two units at most. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return two([Math.floor(whole / 60), 'min'], [whole % 60, 's']);
  const minutes = Math.floor(whole / 60);
  if (minutes < 48 * 60) return two([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']);
  const hours = Math.floor(minutes / 60);
  return two([Math.floor(hours / 24), 'd'], [hours % 24, 'h']);
}

function two([large, largeUnit]: [number, string], [small, smallUnit]: [number, string]): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `850 B`, `12.3 kB`, `4.0 MB` */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `2026-11-04 06:00 UTC` */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
