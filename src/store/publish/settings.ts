/**
 * For the planner, until the transaction ends: compiling a statement takes longer than running most of them, a sample
 * of some thousand rows tells enough, and the rows of a pass are joined in memory.
 */
export const SETTINGS = "set local jit = off; set local default_statistics_target = 10; set local work_mem = '32MB'";
