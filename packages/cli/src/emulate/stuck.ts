import type { Machine } from '@fireball/emulator';
import { compressedJump, longJump } from './polling/code-flow.js';

/** Halfwords of Thumb code that change nothing: NOP, WFI, WFE, YIELD, SEV. */
const idleThumb = new Set([0xbf00, 0xbf10, 0xbf20, 0xbf30, 0xbf40]);

/**
 * Says that firmware loops for ever where no interrupt can come: a jump to itself, with nothing but idle instructions in between. Undefined
 * where it does not, or where that cannot be told.
 * @param forgotten nothing from outside comes either: where no timer is set, no interrupt can come, whatever is enabled
 */
export function stuckAt(machine: Machine, forgotten = false): string | undefined {
  const { processor } = machine;
  const pc = processor.pc;
  const code = (address: number): number | undefined => {
    const place = machine.bus.at(address);
    return place?.kind === 'memory' ? (place.region.bytes[place.offset] ?? 0) | ((place.region.bytes[place.offset + 1] ?? 0) << 8) : undefined;
  };
  if (!(processor.architecture === 'arm-m' ? armLoop : riscvLoop)(pc, code)) return undefined;
  const deafness = processor.architecture === 'arm-m' ? armDeafness(machine) : riscvDeafness(machine);
  const why = deafness ?? (forgotten && machine.timeline.next === Infinity ? 'where no timer is set and no input can come' : undefined);
  return why === undefined ? undefined : `it loops at 0x${pc.toString(16)} for ever, ${why}`;
}

type CodeAt = (address: number) => number | undefined;

function armLoop(pc: number, code: CodeAt): boolean {
  for (let at = pc; at < pc + 8; at += 2) {
    const half = code(at) ?? 0;
    if ((half & 0xf800) === 0xe000) return jumpsBack(at + 4 + (((half & 0x7ff) << 21) >> 20), pc);
    // B.W, encoding T4, near enough for a jump to itself.
    if ((half & 0xfc00) === 0xf400 && (code(at + 2) ?? 0) >> 12 === 0xb)
      return jumpsBack(at + 4 + (((half & 0x3ff) << 22) >> 10) + (((code(at + 2) ?? 0) & 0x7ff) << 1), pc);
    if (!idleThumb.has(half)) return false;
  }
  return false;
}

function riscvLoop(pc: number, code: CodeAt): boolean {
  for (let at = pc; at < pc + 12;) {
    const low = code(at) ?? 0;
    const word = ((code(at + 2) ?? 0) * 0x1_0000 + low) >>> 0;
    if (low === 0xa001 || word === 0x6f) return at === pc;
    // C.J and JAL x0, a few instructions back.
    if ((low & 0xe003) === 0xa001) return jumpsBack(at + compressedJump(low), pc);
    if ((word & 0xfff) === 0x6f) return jumpsBack(at + longJump(word), pc);
    if (low === 1) at += 2;
    else if (word === 0x1050_0073 || word === 0x13) at += 4;
    else return false;
  }
  return false;
}

/** A loop that is left nowhere, wherever in it the CPU was seen. */
function jumpsBack(target: number, pc: number): boolean {
  return target <= pc && target >= pc - 8;
}

function armDeafness(machine: Machine): string | undefined {
  const register = (name: string): number => machine.processor.readRegister(name);
  const exception = register('xpsr') & 0x1ff;
  const nmi = ', where only NMI could interrupt it';
  if (exception === 2 || exception === 3) return `in the handler of ${exception === 2 ? 'NMI' : 'HardFault'}`;
  if (exception >= 4 && exception <= 6) return 'in the handler of a fault';
  if ((register('primask') & 1) !== 0) return `with interrupts masked by PRIMASK${nmi}`;
  if (machine.processor.registerNames.includes('faultmask') && (register('faultmask') & 1) !== 0) return `with interrupts masked by FAULTMASK${nmi}`;
  return undefined;
}

function riscvDeafness(machine: Machine): string | undefined {
  const status = machine.processor.readRegister('mstatus');
  const privilege = machine.processor.readRegister('priv');
  if (privilege === 3 && (status & 8) === 0) return 'with interrupts disabled (mstatus.MIE)';
  return machine.processor.readRegister('mie') === 0 ? 'with no interrupt enabled (mie)' : undefined;
}
