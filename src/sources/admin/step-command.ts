/** What the command of a step tells of the files it leaves. */
export interface StepCommand {
  /** dbt's name of the command, as artifacts have it in `which`; null for one that is unknown. */
  readonly which: string | null;
  /** The artifact with what it did; null when it builds, tests and checks nothing. */
  readonly leaves: 'run_results' | 'sources' | 'catalog' | null;
  /** Once it was carried out there is that file, so that a missing one is missed. */
  readonly isCertain: boolean;
}

const RESULTS = { leaves: 'run_results', isCertain: true } as const;
const NOTHING = { leaves: null, isCertain: true } as const;
/** Versions of dbt differ in whether these leave results, and none of them are those of nodes that must be had. */
const PERHAPS = { leaves: 'run_results', isCertain: false } as const;

const BUILDING = ['build', 'run', 'test', 'seed', 'snapshot', 'retry', 'clone'];
const IDLE = ['compile', 'parse', 'list', 'show', 'deps', 'debug', 'clean', 'init'];

/** Options of dbt that are given before the subcommand and take the next word as their value (docs.getdbt.com, "Flags"). */
const WITH_VALUE = new Set([
  ...['--log-level', '--log-level-file', '--log-format', '--log-format-file', '--log-path', '--log-file-max-bytes'],
  ...['--profile', '--profiles-dir', '--project-dir', '--target', '-t', '--target-path', '--threads', '--vars'],
  ...['--state', '--defer-state', '--printer-width', '--record-timing-info', '-r', '--warn-error-options'],
]);

const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;

/** The words that are neither the program nor an option before the subcommand. */
function words(command: string): string[] {
  // A line that goes on in the next one ends with a backslash.
  const [, ...rest] = (command.match(WORD) ?? []).filter((word) => word !== '\\');
  let at = 0;
  while (rest[at]?.startsWith('-')) at += WITH_VALUE.has(rest[at] ?? '') ? 2 : 1;
  return rest.slice(at).map((word) => word.toLowerCase());
}

/** Reads a command as people write it, such as `dbt --no-partial-parse build --select tag:daily`. */
export function stepCommand(command: string): StepCommand {
  const [first = '', second = ''] = words(command);
  if (first === 'source' || first === 'freshness') return { which: 'freshness', leaves: 'sources', isCertain: true };
  if (first === 'docs') {
    return second === 'generate'
      ? { which: 'generate', leaves: 'catalog', isCertain: true }
      : { which: 'docs', ...NOTHING };
  }
  const name = first === 'ls' ? 'list' : first;
  if (BUILDING.includes(name)) return { which: name, ...RESULTS };
  if (IDLE.includes(name)) return { which: name, ...NOTHING };
  return { which: name === 'run-operation' ? name : null, ...PERHAPS };
}
