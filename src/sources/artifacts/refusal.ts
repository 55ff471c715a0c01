import { SyncError } from '../../domain/errors.ts';
import type { ScanError } from './scan.ts';

const AGAIN = 'have dbt write it again';

function isConflicted(bytes: Buffer): boolean {
  // A string of JSON holds no line end, so a marker at the beginning of a line is git's.
  return bytes.indexOf('<<<<<<< ') === 0 || bytes.indexOf('\n<<<<<<< ') >= 0 || bytes.indexOf('\n>>>>>>> ') >= 0;
}

/** What bytes that are no JSON are, and what to do about it. */
function whatIsIt(bytes: Buffer, detail: string, isTruncated: boolean): string {
  const head = bytes.toString('utf8', 0, 512).trimStart();
  if (head === '' && bytes.length <= 512) return `is empty: dbt was stopped before it wrote it, ${AGAIN}`;
  if (/^<(!doctype|html|\?xml|head|body)/i.test(head)) {
    return 'is a web page: a login or an error page was saved in its place, get the artifact again';
  }
  if (isConflicted(bytes)) return `holds conflict markers of git: resolve the conflict, or ${AGAIN}`;
  if (/^(\[|"|-?\d|true\b|false\b|null\b)/.test(head)) return `holds no JSON object, as every artifact is: ${AGAIN}`;
  if (isTruncated) return `is not whole (${detail}): dbt or the download was stopped, ${AGAIN}`;
  return `is not JSON (${detail}): ${AGAIN}`;
}

/** Says of bytes that cannot be scanned what they are. */
export function unreadable(name: string, bytes: Buffer, cause: ScanError): SyncError {
  return new SyncError(`${name} ${whatIsIt(bytes, cause.message, cause.isTruncated)}.`, { cause });
}

/** Says of an element that is no JSON, within a file whose brackets match, what the file is. */
export function unreadableElement(name: string, bytes: Buffer, where: { key: string; cause: unknown }): SyncError {
  const { cause } = where;
  const detail = `at ${where.key}: ${cause instanceof Error ? cause.message.slice(0, 120) : String(cause)}`;
  return new SyncError(`${name} ${whatIsIt(bytes, detail, false)}.`, { cause });
}

/** @param megabytes its size, null when it was not unpacked to its end. */
export function tooLarge(name: string, megabytes: number | null, limit: number): SyncError {
  const size = megabytes === null ? `more than ${limit} MB when unpacked` : `${Math.ceil(megabytes)} MB`;
  return new SyncError(
    `${name} has ${size}, and artifacts above ${limit} MB are not read: raise max_artifact_mb if this machine has the memory for it, or split the dbt project.`,
  );
}
