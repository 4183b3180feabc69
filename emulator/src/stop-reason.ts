import type { StopReason } from '@fireball/contracts';
import type { RunOutcome, UnicornModule } from '@fireball/unicorn.js';

type MemoryFault = Extract<StopReason, { kind: 'memory-fault' }>;

function memoryFault(uc: UnicornModule, outcome: RunOutcome): MemoryFault {
  const kinds: Record<number, Pick<MemoryFault, 'access' | 'cause'>> = {
    [uc.MEM_READ_UNMAPPED]: { access: 'read', cause: 'unmapped' },
    [uc.MEM_WRITE_UNMAPPED]: { access: 'write', cause: 'unmapped' },
    [uc.MEM_FETCH_UNMAPPED]: { access: 'fetch', cause: 'unmapped' },
    [uc.MEM_READ_PROT]: { access: 'read', cause: 'protected' },
    [uc.MEM_WRITE_PROT]: { access: 'write', cause: 'protected' },
    [uc.MEM_FETCH_PROT]: { access: 'fetch', cause: 'protected' },
  };
  const kind = kinds[outcome.faultType] ?? { access: 'read', cause: 'unmapped' };
  return {
    kind: 'memory-fault',
    ...kind,
    address: outcome.faultAddress,
    size: outcome.faultSize,
  };
}

/** The library's outcome in the terms of the port. */
export function stopReason(uc: UnicornModule, outcome: RunOutcome): StopReason {
  switch (outcome.reason) {
    case 'exception':
      return { kind: 'exception', number: outcome.interrupt };
    case 'memory-fault':
      return memoryFault(uc, outcome);
    case 'trap':
      // Of run_checks, which runs for generated code do not use.
      return { kind: 'invalid-instruction' };
    case 'watchpoint':
      return { kind: 'watchpoint', access: outcome.faultType === uc.MEM_WRITE ? 'write' : 'read', address: outcome.faultAddress, size: outcome.faultSize };
    case 'budget':
    case 'stopped':
    case 'invalid-instruction':
    case 'idle':
    case 'breakpoint':
      return { kind: outcome.reason };
  }
}
