import { parseArgs } from 'node:util';
import { DEFAULT_TOKEN, startPlatform } from './platform.ts';

const USAGE = `Usage: tsx demo/platform/main.ts --history <folder> [--history …] [--port 0] [--token …] [--runs n]

Serves recorded histories as a dbt platform on loopback until it is interrupted, and prints its address as JSON.
`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        history: { type: 'string', multiple: true },
        port: { type: 'string', default: '0' },
        token: { type: 'string', default: DEFAULT_TOKEN },
        runs: { type: 'string' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const values = readOptions();

if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
if (!values.history) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const platform = await startPlatform({
  histories: values.history,
  port: Number(values.port),
  token: values.token,
  ...(values.runs === undefined ? {} : { runs: Number(values.runs) }),
});
process.stdout.write(`${JSON.stringify({ port: platform.port, url: platform.url })}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.stderr.write(`${JSON.stringify({ requests: platform.requests() })}\n`);
    void platform.close();
  });
}
