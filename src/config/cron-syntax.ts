type Field = { readonly name: string; readonly min: number; readonly max: number; readonly words?: readonly string[] };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of week', min: 0, max: 7, words: DAYS },
];

const numberOf = (text: string, field: Field): number | undefined => {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const index = field.words?.indexOf(text.toLowerCase()) ?? -1;
  return index < 0 ? undefined : index + field.min;
};

// One of `*`, `5`, `1-5`, `*/15`, `1-30/5`; undefined when it is none of them or leaves the field's range.
const itemValues = (item: string, field: Field): number[] | undefined => {
  const match = /^(?:(\*)|([^-/]+)(?:-([^-/]+))?)(?:\/(\d{1,2}))?$/.exec(item);
  if (!match) return undefined;
  const [, star, first = '', last, stepText] = match;
  const isSpan = star !== undefined || last !== undefined;
  if (stepText !== undefined && !isSpan) return undefined;
  const from = star === undefined ? numberOf(first, field) : field.min;
  const to = star === undefined ? numberOf(last ?? first, field) : field.max;
  const step = Number(stepText ?? 1);
  if (from === undefined || to === undefined || from < field.min || to > field.max || from > to) return undefined;
  if (step < 1 || step > field.max) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
};

const fieldValues = (text: string, field: Field): number[] | undefined => {
  const values: number[] = [];
  for (const item of text.split(',')) {
    const some = itemValues(item, field);
    if (!some) return undefined;
    // Sunday is 0 and 7, and only within one item (`*`, `0-7`) may it be both.
    values.push(...new Set(some.map((value) => (field.words === DAYS ? value % 7 : value))));
  }
  return values;
};

const rangeOf = (field: Field): string => {
  const words = field.words ? ` or ${field.words[0]}-${field.words.at(-1)}` : '';
  return `${field.min}-${field.max}${words}`;
};

/**
 * What is wrong with a five-field cron expression (minute, hour, day of month, month, day of week), or undefined.
 * Accepted are numbers, three-letter names, rising ranges, steps of `*` or of a range, and lists; nothing that only some
 * implementations know (`@daily`, `L`, `#`, `?`) or take (a value listed twice), so that the schedule means the same everywhere. The text itself is
 * not repeated in the answer.
 */
export const cronProblem = (expression: string): string | undefined => {
  const texts = expression.trim().split(/\s+/);
  if (texts.length === 6) return 'must be a cron expression of five fields, but has six: seconds are not supported';
  if (texts.length !== 5) return 'must be a cron expression of five fields, such as "*/15 * * * *"';
  const fields: number[][] = [];
  for (const [index, field] of FIELDS.entries()) {
    const values = fieldValues(texts[index] ?? '', field);
    if (!values) {
      return `is no cron expression: the ${field.name} (field ${index + 1}) must be *, numbers ${rangeOf(field)}, a range, a list, or a step such as */2`;
    }
    if (new Set(values).size < values.length) {
      return `is no cron expression: the ${field.name} (field ${index + 1}) lists a value twice`;
    }
    fields.push(values);
  }
  const [, , days = [], months = []] = fields;
  const anyWeekday = texts[4] === '*';
  const happens = months.some((month) => days.some((day) => day <= (LONGEST[month - 1] ?? 0)));
  return anyWeekday && !happens ? 'names a day that none of its months has, so it would never run' : undefined;
};

/** A checked cron expression as the values that each of its fields allows, rising. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  /** Whether a day is meant, by its number in the month (from 1) and in the week (from 0, Sunday). */
  isDay(dayOfMonth: number, dayOfWeek: number): boolean;
}

/** Reads an expression that {@link cronProblem} finds nothing wrong with. */
export function cronFields(expression: string): CronFields {
  const texts = expression.trim().split(/\s+/);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = FIELDS.map((field, index) =>
    (fieldValues(texts[index] ?? '', field) ?? []).sort((a, b) => a - b),
  );
  const isEither = texts[2] !== '*' && texts[4] !== '*';
  return {
    minutes,
    hours,
    months,
    // Where both say which days are meant, either is enough (crontab(5)).
    isDay: (dayOfMonth, dayOfWeek) => {
      const [isInMonth, isInWeek] = [days.includes(dayOfMonth), weekdays.includes(dayOfWeek)];
      return isEither ? isInMonth || isInWeek : isInMonth && isInWeek;
    },
  };
}
