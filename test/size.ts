/** Long runs are whole when this is true (`npm run test:faults`, `npm run test:all`) and sampled otherwise (`npm test`). */
export const FULL = process.env.TEST_SIZE === 'full';
