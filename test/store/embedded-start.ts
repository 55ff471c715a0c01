import { startEmbedded } from '../../src/store/embedded/embedded.ts';

/** A command that starts the server of the directory it is given, says so in one line of JSON and lives on. */
const server = await startEmbedded({ directory: process.argv[2] ?? '', durable: false });
process.stdout.write(`${JSON.stringify(server)}\n`);
if (process.argv[3] === 'stay') setInterval(() => undefined, 60_000);
