import type { Path, Problem } from './problems.ts';

type Interpolated = { readonly value: unknown; readonly problems: readonly Problem[] };

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const CONTENT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

const listed = (names: readonly string[]): string =>
  names.length === 1
    ? `needs the environment variable ${names[0]}, which is not set`
    : `needs the environment variables ${names.join(', ')}, which are not set`;

const replaceIn = (text: string, env: NodeJS.ProcessEnv): { text: string } | { problem: string } => {
  const missing: string[] = [];
  let malformed = false;
  // Replaced text is not looked at again, so a value that happens to hold "${" stays as it is.
  const replaced = text.replace(REFERENCE, (all, content: string | undefined, end: string) => {
    if (content === undefined) return '${';
    const [, name, fallback] = CONTENT.exec(content) ?? [];
    if (name === undefined || end === '' || fallback?.includes('${')) {
      malformed = true;
      return all;
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (fallback !== undefined) return value || fallback;
    if (value === undefined) missing.push(name);
    return value ?? all;
  });
  if (malformed) {
    const forms = ['NAME', 'NAME:-default'].map((content) => `\${${content}}`).join(' nor ');
    return { problem: `holds a "\${" that is neither ${forms}; write "$\${" for the two characters themselves` };
  }
  return missing.length > 0 ? { problem: listed([...new Set(missing)]) } : { text: replaced };
};

/**
 * A copy of `value` in which every text has `${NAME}` and `${NAME:-default}` replaced from `env`; `$${` stands for `${`.
 * The default counts for a variable that is not set or empty, as in a shell. Keys are left alone, and so is a text with
 * a problem. `path` is where `value` stands.
 */
export const interpolate = (value: unknown, env: NodeJS.ProcessEnv, path: Path = []): Interpolated => {
  if (typeof value === 'string') {
    const result = replaceIn(value, env);
    return 'text' in result
      ? { value: result.text, problems: [] }
      : { value, problems: [{ path, text: result.problem }] };
  }
  if (typeof value !== 'object' || value === null) return { value, problems: [] };
  const isList = Array.isArray(value);
  const items = Object.entries(value).map(
    ([key, item]) => [key, interpolate(item, env, [...path, isList ? Number(key) : key])] as const,
  );
  return {
    value: isList
      ? items.map(([, item]) => item.value)
      : Object.fromEntries(items.map(([key, item]) => [key, item.value])),
    problems: items.flatMap(([, item]) => item.problems),
  };
};
