export const ACCOUNT = 70403103966025;
export const PROJECT = 70403103966026;
export const PRODUCTION = 70403103966027;
export const STAGING = 70403103966028;
export const DAILY = 70403103970001;
export const CI = 70403103970002;
/** Run n of a mini history (from 1) has this id. */
export const runId = (n: number) => 70403104000000 + n;
