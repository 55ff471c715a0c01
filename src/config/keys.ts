/** A piece of a file that holds keys and values. */
export type Keys = Readonly<Record<string, unknown>>;

export const isKeys = (raw: unknown): raw is Keys => typeof raw === 'object' && raw !== null && !Array.isArray(raw);
