import { expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';

function written(format: 'json' | 'pretty', fields: Record<string, unknown>): string {
  let lines = '';
  const logger = createLogger({
    level: 'info',
    format,
    write: (line) => {
      lines += line;
    },
  });
  logger.debug('not wanted');
  logger.info(fields, 'sync ended');
  return lines;
}

it('writes one JSON line with the fields as they are', () => {
  const line = JSON.parse(written('json', { integration: 'shop', rows_written: 3 }));
  expect(line).toMatchObject({ level: 'info', msg: 'sync ended', integration: 'shop', rows_written: 3 });
});

it.each(['token', 'authorization', 'password', 'url'])('never writes a %s', (key) => {
  const line = written('json', {
    [key]: 'hidden',
    headers: { [key]: 'hidden' },
    request: { headers: { [key]: 'hidden' } },
  });
  expect(line).not.toContain('hidden');
  expect(line.split('"***"')).toHaveLength(4);
});

it('writes a line for a person where that is wanted', () => {
  expect(written('pretty', { integration: 'shop', error: 'two words' })).toMatch(
    /^\d\d:\d\d:\d\d INFO {2}sync ended integration=shop error="two words"\n$/,
  );
});
