import { z } from 'zod';
import { cronProblem } from './cron-syntax.ts';
import type { Path, Problem } from './problems.ts';
import { suggest } from './suggest.ts';
import { databaseUrlProblem, webUrlProblem, withScheme } from './urls.ts';

const UNSUPPORTED = 'is not supported by this version';

/** Keys that are part of the file's design but whose part is not in this version: refused in words of their own. */
const UNSUPPORTED_KEYS: Record<string, readonly string[]> = {
  retention: ['outbox'],
};

const expects =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string => {
    if (input === undefined) return `is required: ${what}`;
    return input === null || input === '' ? 'is empty: give it a value or leave it out' : `must be ${what}`;
  };

const checked = (what: string, problemOf: (text: string) => string | undefined) =>
  z.string({ error: expects(what) }).check(({ value, issues }) => {
    const message = problemOf(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });

const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, {
    error: (issue) => {
      const meant = typeof issue.input === 'string' ? suggest(issue.input, words) : undefined;
      const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
      return `${expects(`one of ${words.join(', ')}`)(issue)}${hint}`;
    },
  });

const wholeNumber = (what: string, most: number, least = 1) =>
  z.union([z.number(), z.string()], { error: expects(what) }).transform((value, context) => {
    const number = typeof value === 'number' || /^(0|[1-9]\d*)$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
    context.addIssue({ code: 'custom', message: expects(what)({ input: value }), input: value });
    return z.NEVER;
  });

/** What every id is, to be read after "must be" or "is required:". */
export const ID = 'a whole number above 0 and below 2^53';
const id = wholeNumber(ID, Number.MAX_SAFE_INTEGER);

/** What the Admin API allows an account in a minute (docs.getdbt.com, "Rate limits"). */
const MOST_REQUESTS = 5_000;
/** JSON is read as text, and V8's texts end at 512 MB. */
const LARGEST_ARTIFACT_MB = 500;

const DURATION = 'a duration such as 30s, 10m, 2h or 1d';
const SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** In seconds. */
const duration = z.string({ error: expects(DURATION) }).transform((text, context) => {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text.trim()) ?? [];
  const size = SECONDS[unit];
  if (size !== undefined) return Number(count) * size;
  context.addIssue({ code: 'custom', message: expects(DURATION)({ input: text }), input: text });
  return z.NEVER;
});

const FOR_EVER = 'forever';
/** In seconds; null: for ever. */
const kept = (otherwise: number | null) =>
  z
    .union([z.literal(FOR_EVER).transform(() => null), duration], { error: expects(`${DURATION}, or ${FOR_EVER}`) })
    .default(otherwise);

const RATIO = 'a number from 0 to 1';
const ratio = z.union([z.number(), z.string()], { error: expects(RATIO) }).transform((value, context) => {
  const number = typeof value === 'number' || /^[\d.]+$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  context.addIssue({ code: 'custom', message: expects(RATIO)({ input: value }), input: value });
  return z.NEVER;
});

const YES = 'true or false';
/** Also as text, for that is what environment variables hold. */
const yes = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: expects(YES) })
  .transform((value) => String(value) === 'true');

const timeZoneProblem = (name: string): string | undefined => {
  const problem = 'must be an IANA time zone such as UTC or Europe/Berlin';
  if (!/^[A-Za-z]/.test(name)) return problem;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return undefined;
  } catch {
    return problem;
  }
};

/** Names are in keys of the store's indexes, which end at some 2,700 bytes, and in everybody's charts. */
export const LONGEST_NAME = 100;
const NAME = `lower-case letters, digits, "_" and "-", starting with a letter or a digit, ${LONGEST_NAME} at most`;
const webUrl = checked('a web address', webUrlProblem).transform((text) => withScheme(text.trim()));
const path = z.string({ error: expects('a path') }).min(1, { error: expects('a path') });

const secretList = (what: string) =>
  z.array(z.string({ error: expects(what) }), { error: expects('a list') }).optional();

const webhookSchema = z.strictObject(
  { secrets: secretList('text'), secret_files: secretList('the path of a file') },
  { error: expects('keys and values') },
);

/** One integration as the file spells it; which keys need or exclude each other is checked elsewhere. */
export const integrationSchema = z.strictObject(
  {
    name: z
      .string({ error: expects(NAME) })
      .max(LONGEST_NAME, { error: expects(NAME) })
      .regex(/^[a-z0-9][a-z0-9_-]*$/, { error: expects(NAME) }),
    access_url: webUrl.optional(),
    discovery_url: webUrl.optional(),
    admin_url: webUrl.optional(),
    account_id: id.optional(),
    project_id: id.optional(),
    environment_id: id.optional(),
    job_id: id.optional(),
    token: z.string({ error: expects('text') }).optional(),
    token_file: z
      .string({ error: expects('the path of a file') })
      .min(1, { error: expects('a path') })
      .optional(),
    source: oneOf(['auto', 'discovery', 'artifacts', 'files']).default('auto'),
    artifacts_dir: path.optional(),
    discovery_lag: duration.optional(),
    run_history: yes.optional(),
    schedule: checked('a cron expression', cronProblem)
      .transform((text) => text.trim())
      .optional(),
    time_zone: checked('an IANA time zone', timeZoneProblem).default('UTC'),
    max_removal_ratio: ratio.default(0.5),
    webhook: webhookSchema.optional(),
  },
  { error: expects('keys and values') },
);

const databaseSchema = z.strictObject(
  { url: checked('a PostgreSQL URL', databaseUrlProblem).optional() },
  { error: expects('keys and values') },
);

const HOST = 'an address or host name such as 127.0.0.1, 0.0.0.0 or ::1';
const HIGHEST_PORT = 65_535;
const PORT = `a whole number from 1 to ${HIGHEST_PORT}, or 0 for any that is free`;

/** Nobody but this machine is served unless that is wanted. */
const SERVER = { host: '127.0.0.1', port: 8_080 };
const serverSchema = z.strictObject(
  {
    host: checked(HOST, (text) => (/^[\w.:%-]+$/.test(text) ? undefined : `must be ${HOST}`)).default(SERVER.host),
    port: wholeNumber(PORT, HIGHEST_PORT, 0).default(SERVER.port),
  },
  { error: expects('keys and values') },
);

const logSchema = z.strictObject(
  {
    level: oneOf(['debug', 'info', 'warn', 'error']).default('info'),
    format: oneOf(['auto', 'pretty', 'json']).default('auto'),
  },
  { error: expects('keys and values') },
);

const DAY_S = 86_400;
const retentionSchema = z.strictObject(
  {
    // What analysts came for goes only when somebody wants it to.
    run_results: kept(null),
    sync_runs: kept(90 * DAY_S),
    rejects: kept(30 * DAY_S),
    webhook_events: kept(30 * DAY_S),
  },
  { error: expects('keys and values') },
);

/** The whole file; what each integration holds is checked on its own, so that flags are checked alike. */
export const fileSchema = z.strictObject(
  {
    database: databaseSchema.default({}),
    integrations: z.array(z.unknown(), { error: expects('a list') }).default([]),
    requests_per_minute: wholeNumber(`a whole number from 1 to ${MOST_REQUESTS}`, MOST_REQUESTS).default(1_000),
    max_artifact_mb: wholeNumber(`a whole number from 1 to ${LARGEST_ARTIFACT_MB}`, LARGEST_ARTIFACT_MB).default(400),
    retention: retentionSchema.prefault({}),
    server: serverSchema.default(SERVER),
    log: logSchema.default({ level: 'info', format: 'auto' }),
  },
  { error: expects('keys and values') },
);

const KNOWN_KEYS: Record<string, readonly string[]> = {
  file: Object.keys(fileSchema.shape),
  integrations: Object.keys(integrationSchema.shape),
  database: Object.keys(databaseSchema.shape),
  server: Object.keys(serverSchema.shape),
  webhook: Object.keys(webhookSchema.shape),
  retention: Object.keys(retentionSchema.shape),
  log: Object.keys(logSchema.shape),
};

const strangeKey = (path: Path, key: string): Problem => {
  const place = path.at(-1) === 'webhook' ? 'webhook' : String(path[0] ?? 'file');
  const known = KNOWN_KEYS[place] ?? [];
  if (UNSUPPORTED_KEYS[place]?.includes(key)) return { path: [...path, key], text: `${UNSUPPORTED}; remove it` };
  // "{token:abc}" without the space makes one key of both, so what is not spelled like a key is not shown.
  if (!/^[A-Za-z][A-Za-z_-]{0,30}$/.test(key)) return { path, text: `has a key that is none of ${known.join(', ')}` };
  const meant = suggest(key, known);
  return { path: [...path, key], text: `is not a known key${meant ? `; did you mean ${meant}?` : ''}` };
};

/** The problems of a failed check, placed under `prefix`. */
export const problemsOf = (error: z.ZodError, prefix: Path): Problem[] =>
  error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => strangeKey(path, key));
    return [{ path, text: issue.message }];
  });
