/** What a process of `serve` does of all there is to do. */
export const ROLES = ['scheduler', 'worker', 'server'] as const;

export type Role = (typeof ROLES)[number];
