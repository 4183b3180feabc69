import type { Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { memoryWord } from '../places.js';

const mostFrames = 16;
/** Bytes of stack that are looked through. */
const reach = 16 * 1024;

interface Start {
  readonly pc: number;
  /** The link register. */
  readonly link: number;
  readonly sp: number;
}

/**
 * Who called whom, the innermost first: addresses of the calls. There is no unwinding information: return addresses are found on the stack
 * as words behind a call instruction, and a direct call must call the function that the frame below is in.
 */
export function backtrace(machine: Machine, symbols: ProgramSymbols, { pc, link, sp }: Start): number[] {
  const isArm = machine.processor.architecture === 'arm-m';
  const callAt = isArm ? armCall : riscvCall;
  const frames = [pc];
  const width = machine.processor.architecture === 'rv64' ? 8 : 4;
  const follow = (word: number): boolean => {
    if (isArm && word % 2 === 0) return false;
    const target = isArm ? word - 1 : word;
    const call = callAt(machine, target);
    if (call === undefined) return false;
    const callee = symbols.functionAt(frames.at(-1) ?? 0);
    if (callee === undefined ? symbols.functionAt(call.at) === undefined && !symbols.isEmpty : call.target !== undefined && call.target !== callee.start)
      return false;
    frames.push(call.at);
    return true;
  };
  follow(link);
  for (let at = sp; at < sp + reach && frames.length < mostFrames; at += width) {
    const word = memoryWord(machine, at);
    if (word === undefined) break;
    if (word === link && frames.length === 2 && at < sp + 64) continue;
    follow(word);
  }
  return frames;
}

interface Call {
  readonly at: number;
  /** Undefined: through a register. */
  readonly target: number | undefined;
}

function half(machine: Machine, address: number): number | undefined {
  // Not by bit operations, which would make large addresses negative.
  const within = address % 4;
  const word = memoryWord(machine, address - within);
  return word === undefined ? undefined : (word >>> (within * 8)) & 0xffff;
}

/** BL or BLX in front of a return address. */
function armCall(machine: Machine, target: number): Call | undefined {
  const high = half(machine, target - 4);
  const low = half(machine, target - 2);
  if (low === undefined) return undefined;
  if (high !== undefined && (high & 0xf800) === 0xf000 && (low & 0xd000) === 0xd000) {
    const sign = (high >> 10) & 1;
    const i1 = ~(((low >> 13) & 1) ^ sign) & 1;
    const i2 = ~(((low >> 11) & 1) ^ sign) & 1;
    const offset = (sign === 1 ? -(2 ** 24) : 0) + i1 * 2 ** 23 + i2 * 2 ** 22 + (high & 0x3ff) * 0x1000 + (low & 0x7ff) * 2;
    return { at: target - 4, target: (target + offset) >>> 0 };
  }
  return (low & 0xff87) === 0x4780 ? { at: target - 2, target: undefined } : undefined;
}

/** JAL, JALR, C.JALR with ra; C.JAL of RV32. */
function riscvCall(machine: Machine, target: number): Call | undefined {
  const low = half(machine, target - 2);
  const high = half(machine, target - 4);
  if (low === undefined) return undefined;
  const word = high === undefined ? undefined : (low * 0x1_0000 + high) >>> 0;
  if (word !== undefined && (word & 0xfff) === 0xef) {
    const offset = ((word >> 31) << 20) | (word & 0xff000) | ((word >> 9) & 0x800) | ((word >> 20) & 0x7fe);
    return { at: target - 4, target: (target - 4 + offset) >>> 0 };
  }
  if (word !== undefined && (word & 0x7fff) === 0xe7) return { at: target - 4, target: undefined };
  if ((low & 0xf07f) === 0x9002 && (low & 0xf80) !== 0) return { at: target - 2, target: undefined };
  return machine.processor.architecture === 'rv32' && (low & 0xe003) === 0x2001 ? { at: target - 2, target: undefined } : undefined;
}
