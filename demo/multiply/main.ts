import { parseArgs } from 'node:util';
import { multiplyHistory } from './multiply.ts';

const USAGE = `Writes a recorded history as that of a larger environment: copies of its project, building on one another.

Usage: tsx demo/multiply/main.ts --history <folder> --models <number> --out <folder> [options]

  --history <folder>   a recorded history, such as demo/histories/duckdb
  --models <number>    at least so many models (whole copies of the project are made)
  --out <folder>       where to write; its last segment becomes the history's name
  --runs <number>      only the first so many runs (all of them)
  --seed <text>        equal seeds give equal histories
  --failing <share>    share of the copies, 0 to 1, that the failures of a run befall (0.1)
  --help

Example: npx tsx demo/multiply/main.ts --history demo/histories/duckdb --models 10000 --runs 3 --out /tmp/large
         npx tsx demo/platform/main.ts --history /tmp/large
`;

const { values } = parseArgs({
  options: {
    history: { type: 'string' },
    models: { type: 'string' },
    out: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    failing: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else if (!values.history || !values.out || !Number(values.models)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { history, out, models, runs, seed, failing } = values;
  const written = await multiplyHistory({
    history,
    out,
    models: Number(models),
    ...(runs === undefined ? {} : { runs: Number(runs) }),
    ...(seed === undefined ? {} : { seed }),
    ...(failing === undefined ? {} : { failing: Number(failing) }),
  });
  process.stdout.write(`${JSON.stringify(written)}\n`);
}
