import { parseArgs } from 'node:util';
import { DEFAULT_TOKEN, startPlatform } from './platform.ts';

const { values } = parseArgs({
  options: {
    history: { type: 'string', multiple: true },
    port: { type: 'string', default: '0' },
    token: { type: 'string', default: DEFAULT_TOKEN },
    runs: { type: 'string' },
  },
});

if (!values.history) {
  process.stderr.write(
    'Usage: tsx demo/platform/main.ts --history <folder> [--history …] [--port 0] [--token …] [--runs n]\n',
  );
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
