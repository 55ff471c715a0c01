import { Logger as QueueLogger } from 'graphile-worker';
import type { Logger } from '../log.ts';

/**
 * What the library says, in our log. It says of every job how it ended, which whoever does the job says better, and
 * with whole errors, of which only the first line is kept.
 */
export function queueLogger(logger: Logger): QueueLogger {
  return new QueueLogger(() => (level, message, meta) => {
    if (meta?.failure === true || meta?.success === true) return;
    const [said = ''] = message.split('\n');
    const severity = level === 'error' || level === 'warning' ? 'warn' : 'debug';
    logger[severity]({ said }, 'queue');
  });
}
