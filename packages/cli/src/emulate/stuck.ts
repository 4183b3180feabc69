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

/** Is there a jump a few instructions ahead of `pc`, to it or a little before, with nothing but idle instructions on the way, from its target on? */
function isLoop(pc: number, instructionAt: (address: number) => Instruction | undefined): boolean {
  let jump = pc;
  let target: number | undefined;
  // Wherever in the loop the CPU was seen.
  while (target === undefined) {
    const instruction = instructionAt(jump);
    if (instruction === undefined || jump > pc + nearby) return false;
    if (typeof instruction === 'object') target = jump + instruction.distance;
    else jump += instruction;
  }
  let at = target;
  if (target > pc || target < pc - nearby) return false;
  while (at < jump) {
    const size = instructionAt(at);
    if (typeof size !== 'number') return false;
    at += size;
  }
  return at === jump;
}

/** Bytes. */
const nearby = 8;

/** How many bytes an idle one has, and how far an unconditional jump goes; undefined: any other. */
type Instruction = number | { readonly distance: number };

function armLoop(pc: number, code: CodeAt): boolean {
  return isLoop(pc, (at) => {
    const half = code(at) ?? 0;
    const next = code(at + 2) ?? 0;
    if ((half & 0xf800) === 0xe000) return { distance: 4 + (((half & 0x7ff) << 21) >> 20) };
    // B.W, encoding T4, near enough for a jump to itself.
    if ((half & 0xfc00) === 0xf400 && next >> 12 === 0xb) return { distance: 4 + (((half & 0x3ff) << 22) >> 10) + ((next & 0x7ff) << 1) };
    return idleThumb.has(half) ? 2 : undefined;
  });
}

function riscvLoop(pc: number, code: CodeAt): boolean {
  return isLoop(pc, (at) => {
    const low = code(at) ?? 0;
    const word = ((code(at + 2) ?? 0) * 0x1_0000 + low) >>> 0;
    // C.J and JAL x0.
    if ((low & 0xe003) === 0xa001) return { distance: compressedJump(low) };
    if ((word & 0xfff) === 0x6f) return { distance: longJump(word) };
    if (low === 1) return 2;
    return word === wfi || word === nop ? 4 : undefined;
  });
}

const wfi = 0x1050_0073;
const nop = 0x13;

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
