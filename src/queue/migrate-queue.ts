import { runMigrations } from 'graphile-worker';
import { FatalError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { migrateAlone } from '../store/migrate.ts';
import type { Pool } from '../store/pool.ts';
import { QUEUE_SCHEMA } from '../store/queue.ts';
import { queueLogger } from './log.ts';

const TOO_NEW = /includes breaking migration/;
const TOO_OLD_SERVER = /requires PostgreSQL v\S+ or greater/;

/**
 * Makes the job queue or brings it to this version, while no other process does.
 * @throws FatalError when a newer version has changed it in a way that this one does not know.
 */
export async function migrateQueue(pool: Pool, logger: Logger): Promise<void> {
  try {
    await migrateAlone(pool, () =>
      runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA, logger: queueLogger(logger), noHandleSignals: true }),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (TOO_NEW.test(message)) {
      const advice = 'update dbt-observer on this machine';
      throw new FatalError(`The queue in this database was migrated by a newer dbt-observer: ${advice}.`, {
        cause: error,
      });
    }
    if (TOO_OLD_SERVER.test(message))
      throw new FatalError(`The queue cannot be made here: ${message}.`, { cause: error });
    throw error;
  }
}
