/** How a run ends, told alike of the model and of the CPU. */
import type { Isa, RunResult } from '@fireball/contracts';
import { codeBase, codeSize, hex, trapHalfword, type Exit } from './state.js';

/** What the model's exit means for an instance of `size` bytes at `address`. */
export function expectedEnding(exit: Exit, address: number, size: number): string {
  switch (exit.kind) {
    case 'next':
      return `trap at ${hex(address + size)}`;
    case 'trap':
      return `trap${exit.immediate === undefined ? '' : ` ${exit.immediate}`} at ${hex(address + exit.offset)}`;
    case 'fault':
      return `${exit.access} at ${hex(exit.address)}`;
    case 'exception':
      return `exception ${exit.number}${exit.immediate === undefined ? '' : ` ${exit.immediate}`} at ${hex(address + exit.offset)}`;
    case 'jump': {
      const { target } = exit;
      if (target >= address && target < address + size) return `loop at ${hex(target)}`;
      return `${target >= codeBase && target < codeBase + codeSize ? 'trap' : 'fetch'} at ${hex(target)}`;
    }
  }
}

/** What the CPU did. `code`: the contents of code memory; in [start, end) lies the instance with what surrounds it. */
export function actualEnding(isa: Isa, code: Uint8Array, { start, end }: { readonly start: number; readonly end: number }, { reason, pc }: RunResult): string {
  switch (reason.kind) {
    case 'invalid-instruction':
      return `trap${pc >= start && pc < end ? trapImmediate(isa, code, pc) : ''} at ${hex(pc)}`;
    case 'memory-fault':
      return `${reason.access} at ${hex(reason.address)}`;
    case 'exception':
      return `exception ${reason.number}${isa === 'thumb2' ? trapImmediate(isa, code, pc - 2) : ''} at ${hex(pc)}`;
    case 'budget':
      return `loop at ${hex(pc)}`;
    default:
      return `${reason.kind} at ${hex(pc)}`;
  }
}

/** Which trap: the number of an Arm UDF or SVC; on RISC-V whether it is C.EBREAK, not another illegal instruction. */
function trapImmediate(isa: Isa, code: Uint8Array, pc: number): string {
  const low = code[pc - codeBase] ?? 0;
  if (isa === 'thumb2') return ` ${low}`;
  return (low | ((code[pc - codeBase + 1] ?? 0) << 8)) === trapHalfword.rv32 ? '' : ' of another instruction';
}
