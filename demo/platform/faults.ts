import { z } from 'zod';

const common = {
  operation: z.string().optional(),
  after: z.number().int().min(0).default(0),
  times: z.number().int().min(1).optional(),
};
const whole = z.number().int();

function kind<Kind extends string, Shape extends z.core.$ZodLooseShape>(name: Kind, shape: Shape) {
  return z.strictObject({ kind: z.literal(name), ...common, ...shape });
}

const faultSchema = z.discriminatedUnion('kind', [
  kind('throttled', { retryAfter: z.number().min(0).optional() }),
  kind('status', { status: whole.min(300).max(599), html: z.boolean().default(false) }),
  kind('html', {}),
  kind('hang', {}),
  kind('reset', {}),
  kind('truncated', {}),
  kind('slow', { bytesPerSecond: z.number().positive() }),
  kind('errors', {
    data: z.boolean(),
    message: z.string().default('Internal server error'),
    code: z.string().default('INTERNAL_SERVER_ERROR'),
  }),
  kind('null_connection', {}),
  kind('stuck_cursor', {}),
  kind('repeated_page', {}),
  kind('wrong_total', { by: whole.default(1) }),
  kind('complexity', { rows: whole.min(0) }),
  kind('unservable_node', { uniqueId: z.string() }),
  kind('unauthorized', { as: z.union([z.literal(401), z.literal(403), z.literal(404), z.literal(200)]).default(401) }),
  kind('no_environment', {}),
  kind('applied_null', {}),
  kind('definition_null', {}),
  kind('malformed_node', { index: whole.min(0).default(0), keepId: z.boolean().default(false) }),
  kind('moving', { history: z.string() }),
  kind('redirect', { location: z.string() }),
]);

/** One way in which the platform misbehaves. */
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/**
 * A fault as it is asked for. `operation` is the name of the query it hits (left out: every Discovery request) or
 * an Admin API request as it is counted, such as `GET /api/v2/accounts/{id}/`. `after` lets so many matching requests
 * pass first, `times` ends the fault after so many hits. Only requests that the fault can spoil match.
 */
export type FaultInput = z.input<typeof faultSchema>;

/** A fault that was switched on, and how often it has hit. */
export interface FaultState {
  readonly fault: Fault;
  readonly hits: number;
}

const kinds = faultSchema.options.map(({ shape }) => shape.kind.value);

/** @throws Error that says in one sentence what is wrong with the fault. */
export function readFault(input: unknown): Fault {
  const read = faultSchema.safeParse(input);
  if (read.success) return read.data;
  const named: unknown = (input as { kind?: unknown } | null)?.kind;
  if (!kinds.some((one) => one === named)) {
    throw new Error(
      `There is no fault of kind ${JSON.stringify(named) ?? 'undefined'}; there are: ${kinds.join(', ')}.`,
    );
  }
  const problems = read.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new Error(`The fault ${named} is not as it should be (${problems.join('; ')}).`);
}

/** The faults that are on. Of several that match a request the first with hits left wins. */
export class Faults {
  #active: { fault: Fault; passed: number; hits: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, passed: 0, hits: 0 });
  }

  heal(): void {
    this.#active = [];
  }

  state(): FaultState[] {
    return this.#active.map(({ fault, hits }) => ({ fault, hits }));
  }

  /** The fault that hits a request, which then counts as hit; `isMatch` says which ones can spoil it. */
  take(isMatch: (fault: Fault) => boolean): Fault | null {
    const matching = this.#active.filter(({ fault, hits }) => hits < (fault.times ?? Infinity) && isMatch(fault));
    for (const active of matching) {
      if (active.passed < active.fault.after) {
        active.passed++;
        continue;
      }
      active.hits++;
      return active.fault;
    }
    return null;
  }
}
