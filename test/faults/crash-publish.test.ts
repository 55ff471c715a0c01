import { killIn } from './process-kill.ts';

killIn(['inside publish', 'at commit', 'after publish']);
