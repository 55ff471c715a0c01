import { killIn } from './process-kill.ts';

killIn(['page', 'stage', 'before publish']);
