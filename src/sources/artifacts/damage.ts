import { isUtf8 } from 'node:buffer';
import type { Page } from '../../domain/source.ts';
import type { Artifact } from './artifact.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import type { Span, TopLevel } from './scan.ts';

/** Where the first bytes lie that are no UTF-8: the key of the smallest part that was found. */
function firstDamaged(bytes: Buffer, top: ReadonlyMap<string, TopLevel>): string {
  const isDamaged = ({ start, end }: Span) => !isUtf8(bytes.subarray(start, end));
  for (const [key, value] of top) {
    if (!isDamaged(value)) continue;
    return value.members?.find(isDamaged)?.key || key;
  }
  return 'a key';
}

/** What is wrong with bytes that are no UTF-8, in one sentence; null when they are. */
export function damageOf(name: string, bytes: Buffer, top: ReadonlyMap<string, TopLevel>): string | null {
  if (isUtf8(bytes)) return null;
  return `${name} is not UTF-8, and what cannot be read of it is stored as U+FFFD, first in ${firstDamaged(bytes, top)}: save the project's files as UTF-8, and have dbt write it again.`;
}

/** What was lost of an artifact's text, as a page of its own: once for the whole file. */
export function* damagePages({ kind, damage }: Artifact): Generator<Page> {
  if (damage === null) return;
  const reject = { resourceType: null, uniqueId: null, reason: damage, raw: { artifact: kind } };
  yield { ...EMPTY_PAGE, rejects: [reject] };
}
