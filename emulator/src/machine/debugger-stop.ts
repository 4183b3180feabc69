import type { RunOutcome, UnicornModule } from '@fireball/unicorn.js';
import type { DebuggerStop } from './processor.js';

/** Has the library's run ended at a stop of the debugger? */
export function debuggerStop(uc: UnicornModule, { reason, faultType, faultAddress, faultSize }: RunOutcome): DebuggerStop | undefined {
  switch (reason) {
    case 'breakpoint':
      return { kind: 'breakpoint' };
    case 'watchpoint':
      return { kind: 'watchpoint', access: faultType === uc.MEM_WRITE ? 'write' : 'read', address: faultAddress, size: faultSize };
    default:
      return undefined;
  }
}
