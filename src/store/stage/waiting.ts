import type {
  BuildRecord,
  CatalogRecord,
  CompiledRecord,
  DefinitionRecord,
  ResultRecord,
} from '../../domain/records.ts';
import { coreHash } from '../../normalize/hash.ts';
import { storable } from '../copy-text.ts';
import { type Code, codeOf } from './code.ts';
import type { NewNode } from './new-node.ts';
import {
  addKnownBuild,
  addKnownCatalog,
  addKnownDefinition,
  buildHead,
  catalogHead,
  definitionHead,
  type Staging,
} from './records.ts';

/** What has come of a new node before it is written. */
export type Waiting = { -readonly [Key in keyof NewNode]?: NewNode[Key] | undefined } & {
  /** Those of no step. */
  results?: ResultRecord[] | undefined;
};

export const isDefined = (node: Waiting | undefined): node is NewNode & Waiting => node?.definition !== undefined;
export const isWhole = (node: Waiting | undefined): boolean => isDefined(node) && node.build !== undefined;

export function takeDefinition(waiting: Waiting, record: DefinitionRecord, staging: Staging): boolean {
  const { at } = record;
  if (waiting.definition !== undefined || record.state !== 'defined' || at === null) return false;
  if (hasTwins(record.columns ?? [])) return false;
  const head = definitionHead(record);
  const telling = staging.tally.addKey('stage_definition', record.uniqueId);
  addKnownDefinition(staging.lines, head, telling);
  Object.assign(waiting, { definition: record, at, definitionDigest: head.digest, telling, hash: coreHash(record) });
  return true;
}

export function takeBuild(waiting: Waiting, record: BuildRecord, staging: Staging): boolean {
  if (waiting.build !== undefined) return false;
  const code = codeOf(record);
  const head = buildHead(record, code);
  staging.tally.addKey('stage_build', record.uniqueId);
  addKnownBuild(staging.lines, head);
  waiting.build = { record, digest: head.digest };
  keepCode(waiting, code);
  return true;
}

export function takeCode(waiting: Waiting, record: CompiledRecord): boolean {
  keepCode(waiting, codeOf(record));
  return true;
}

const timeOf = ({ at }: Code) => (at === null ? Number.NEGATIVE_INFINITY : Date.parse(at));

/** Whether of two codes the one that `dropRepeats` would leave is the first. */
function goesBefore(code: Code, other: Code): boolean {
  if (code.isBuilt !== other.isBuilt) return code.isBuilt;
  const [time, others] = [timeOf(code), timeOf(other)];
  return time > others || (time === others && code.digest < other.digest);
}

function keepCode(waiting: Waiting, code: Code | undefined): void {
  if (code === undefined) return;
  if (waiting.code === undefined || goesBefore(code, waiting.code)) waiting.code = code;
}

export function takeCatalog(waiting: Waiting, record: CatalogRecord, staging: Staging): boolean {
  if (waiting.catalog !== undefined || record.at === null || hasTwins(record.columns)) return false;
  const head = catalogHead(record);
  const telling = staging.tally.addKey('stage_catalog', record.uniqueId);
  addKnownCatalog(staging.lines, head, telling);
  waiting.catalog = { record, head, telling };
  return true;
}

/** Two columns would be one in the store. */
function hasTwins(columns: readonly { readonly name: string }[]): boolean {
  return new Set(columns.map(({ name }) => storable(name))).size < columns.length;
}

export function firstRun({ firstRunAt }: Waiting, { executedAt }: ResultRecord): string {
  return firstRunAt !== undefined && Date.parse(firstRunAt) <= Date.parse(executedAt) ? firstRunAt : executedAt;
}
