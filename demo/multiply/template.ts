import { OTHER, OWN } from './names.ts';

/** JSON text with gaps; given the suffix of a copy, and of the copy it depends on, it becomes the text of that copy. */
export type Template = (own: string, other?: string) => string;

/** Cuts a marked value up once, so that each of many copies costs only the joining of its pieces. */
export function template(value: unknown): Template {
  const pieces = JSON.stringify(value)
    .split(OTHER)
    .map((piece) => piece.split(OWN));
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return (own) => only.join(own);
  return (own, other = '') => pieces.map((piece) => piece.join(own)).join(other);
}
