import { FatalError } from '../domain/errors.ts';

export type Path = readonly (string | number)[];

/** What is wrong at one place; `text` goes on from the place's name: "must be …". */
export type Problem = { readonly path: Path; readonly text: string };

/** How a place is called towards the reader: a key path of the file, or a flag. */
export type Label = (path: Path) => string;

export type Outcome<T> = { readonly value?: T; readonly problems: readonly Problem[] };

/** `integrations[0].schedule` */
export const keyPath: Label = (path) => {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
};

/** One error with a sentence per problem; where one place has several, only the first, which the others follow from. */
export const refusal = (heading: string, problems: readonly Problem[], label: Label): FatalError => {
  const first = new Map<string, string>();
  for (const { path, text } of problems) {
    const place = label(path);
    if (!first.has(place)) first.set(place, `  ${place} ${text}${text.endsWith('?') ? '' : '.'}`);
  }
  return new FatalError([`${heading}:`, ...first.values()].join('\n'));
};
