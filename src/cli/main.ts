#!/usr/bin/env node
import { processIo } from './io.ts';
import { run } from './program.ts';

// Who reads our output may stop reading (`… | head`): that is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

const argv = process.argv.slice(2);
process.exitCode = await run(argv, processIo(argv));
