import type { Check, CheckStatus } from '../doctor/check.ts';
import { counted, plain } from './format.ts';

const MARKS: { readonly [status in CheckStatus]: string } = { ok: '✓', warning: '!', failed: '✗', skipped: '-' };
/** As wide as the longest name of a check, and a gap. */
const NAME_WIDTH = 13;
const INDENT = ' '.repeat(4 + NAME_WIDTH);
/** Narrower than this, text is not wrapped: it would be one word below the other. */
const NARROWEST = 30;

/** One check: a mark, its name and what was found, and below it what to do. */
export function checkText({ status, check, message, mend }: Check, width: number | undefined): string {
  const name = check.replaceAll('_', ' ').padEnd(NAME_WIDTH);
  const said = status === 'skipped' ? `not tried: ${message}` : message;
  const lines = wrapped(said, width);
  const body = mend === undefined ? lines : [...lines, ...wrapped(`→ ${mend}`, width)];
  return body.map((line, index) => `${index === 0 ? `  ${MARKS[status]} ${name}` : INDENT}${line}\n`).join('');
}

/** The heading over checks of one integration, or over what all share. */
export function headingText(integration: string | null): string {
  return `${integration ?? 'database and clock'}\n`;
}

/** How it all ended, in one line. */
export function summaryText(checks: readonly Check[]): string {
  const failures = checks.filter(({ status }) => status === 'failed').length;
  const warnings = checks.filter(({ status }) => status === 'warning').length;
  if (failures + warnings === 0) return 'All is well.\n';
  const parts = [
    ...(failures === 0 ? [] : [`${counted(failures, 'check')} failed`]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ];
  return `${parts.join(', ')}${failures === 0 ? ': a sync can go on' : ''}.\n`;
}

/** A text in lines of the width that is left beside the names; one line where nobody looks. */
function wrapped(text: string, width: number | undefined): string[] {
  const space = (width ?? 0) - INDENT.length;
  if (space < NARROWEST) return [plain(text)];
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > space) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
