import type { BuildRecord, CompiledRecord, Instant } from '../../domain/records.ts';
import { digest } from '../../normalize/hash.ts';

/** Compiled code, with the time of the invocation that compiled it. */
export interface Code {
  readonly uniqueId: string;
  readonly at: Instant | null;
  readonly text: string;
  /** The node was built with it. */
  readonly isBuilt: boolean;
  /** Of the text; what was only compiled has a sign before it. */
  readonly digest: string;
}

const ONLY_COMPILED = '~';

/** Whether a code is stored, or says of its text less than what is. */
export function isStored({ digest: said }: Code, stored: string | null | undefined): boolean {
  return stored != null && (stored === said || ONLY_COMPILED + stored === said);
}

/** The compiled code that a record tells; undefined when it tells none. */
export function codeOf(record: BuildRecord | CompiledRecord): Code | undefined {
  const { uniqueId, at, kind } = record;
  const text = kind === 'compiled' ? record.code : record.facts.compiledCode;
  if (text == null) return undefined;
  const isBuilt = kind === 'build' || record.isBuilt;
  return { uniqueId, at, text, isBuilt, digest: `${isBuilt ? '' : ONLY_COMPILED}${digest(text)}` };
}
