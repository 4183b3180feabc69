import type { CodeRegisters, DebugTarget, ReturnPlace } from '@fireball/contracts';
import { openDecoder } from '@fireball/disasm';
import { CodeReader } from './code-reader.js';
import type { DecodedInstruction } from './instruction.js';
import { advance, atEntry, type StackState } from './unwind.js';

/** What a register is, in terms of the place where one begins to look: still the same, or a word of the stack; undefined: something else. */
type Held = { readonly same: number } | { readonly offset: number } | undefined;

interface Way {
  readonly address: number;
  /** sp from here, and registers that hold constants or places of the stack. */
  readonly stack: StackState;
  /** Registers that are no longer what they were, and words of the stack that were written on the way. */
  readonly registers: ReadonlyMap<number, Held>;
  readonly words: ReadonlyMap<number, Held>;
}

/** Bytes of code around the place, in each direction, from a multiple of it on, and instructions that are looked at. */
const [reach, mostInstructions] = [0x1_0000, 5000];
/** Parts of the code that are kept as they were read. */
const mostReaders = 16;
const pcOfArm = 15;
/** Arm: what a handler returns to; and the frame that returning takes from the stack. */
const [firstExceptionReturn, pcInFrame, basicFrame, floatFrame, hasNoFloats, isProcessStack] = [0xffff_ff00, 0x18, 0x20, 0x68, 0x10, 0x4];
/** Of the saved flags: the stack had been aligned. */
const aligned = 1 << 9;
const mret = 0x3020_0073;

/**
 * Finds where code without any map returns to, by its machine code alone: symbols are not needed. It follows all ways from a place to the first
 * instruction that returns, with what they do to the stack, and looks there for the return address.
 */
export async function openReturnPlaces(target: DebugTarget, registers: CodeRegisters): Promise<(from: ReturnPlace) => ReturnPlace | undefined> {
  const decoder = await openDecoder(target.architecture);
  const wordAt = (address: number): number | undefined => {
    const bytes = target.peek(address, 4);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  };
  const readers = new Map<number, { readonly bytes: Uint8Array; readonly reader: CodeReader }>();
  /** As long as the code is the same, it is read once. */
  const readerAround = (pc: number): CodeReader | undefined => {
    const code = codeAround(target, pc);
    if (code === undefined) return undefined;
    const { base, bytes } = code;
    const known = readers.get(base);
    if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known.reader;
    if (readers.size >= mostReaders) readers.clear();
    const reader = new CodeReader(target.architecture, decoder, base, bytes);
    readers.set(base, { bytes, reader });
    return reader;
  };
  const kept = new Set(registers.keptRegisters);
  return (from) => {
    const code = readerAround(from.pc);
    if (code === undefined) return undefined;
    const found = firstReturn(code, from, registers.link, kept, target);
    if (found === undefined) return undefined;
    const { way, link, sp } = found;
    const valueOf = (held: Held): number | undefined =>
      held === undefined ? undefined : 'same' in held ? from.register(held.same) : wordAt(from.sp + held.offset);
    const register = (number: number): number | undefined => valueOf(way.registers.has(number) ? way.registers.get(number) : { same: number });
    const linked = typeof link === 'number' ? link : valueOf(link);
    if (linked === undefined) return undefined;
    const isHandler = target.architecture === 'thumb2' && linked >>> 0 >= firstExceptionReturn;
    if (isHandler) return behindHandler(target, linked >>> 0, from.sp + sp, wordAt, register);
    const pc = (linked & ~1) >>> 0;
    return target.peek(pc, 2) === undefined ? undefined : { pc, sp: from.sp + sp, register };
  };
}

function codeAround(target: DebugTarget, pc: number): { readonly base: number; readonly bytes: Uint8Array } | undefined {
  const region = target.memoryMap().find(({ kind, base, size }) => kind !== 'device' && pc >= base && pc < base + size);
  if (region === undefined) return undefined;
  const middle = pc - (pc % reach);
  const base = Math.max(region.base, middle - reach);
  const bytes = target.peek(base, Math.min(region.base + region.size, middle + 2 * reach) - base);
  return bytes === undefined ? undefined : { base, bytes };
}

/** Arm: the exception's frame on the stack, and what was interrupted. */
function behindHandler(
  target: DebugTarget,
  value: number,
  main: number,
  wordAt: (address: number) => number | undefined,
  register: ReturnPlace['register'],
): ReturnPlace | undefined {
  const frame = (value & isProcessStack) === 0 ? main : Number(target.readRegister('psp'));
  const [pc, flags] = [wordAt(frame + pcInFrame), wordAt(frame + pcInFrame + 4)];
  if (pc === undefined || flags === undefined) return undefined;
  const size = (value & hasNoFloats) === 0 ? floatFrame : basicFrame;
  const stacked: Readonly<Record<number, number>> = { 0: 0, 1: 4, 2: 8, 3: 12, 12: 16, 14: 20 };
  return {
    pc: (pc & ~1) >>> 0,
    sp: frame + size + ((flags & aligned) === 0 ? 0 : 4),
    register: (number) => (stacked[number] === undefined ? register(number) : wordAt(frame + stacked[number])),
  };
}

interface FoundReturn {
  readonly way: Way;
  /** Where it goes: an address, or what holds it. */
  readonly link: Held | number;
  /** sp behind it. */
  readonly sp: number;
}

function firstReturn(code: CodeReader, from: ReturnPlace, link: number, kept: ReadonlySet<number>, target: DebugTarget): FoundReturn | undefined {
  const seen = new Set<number>();
  const waiting: Way[] = [{ address: from.pc, stack: atEntry, registers: new Map(), words: new Map() }];
  for (let way = waiting.shift(); way !== undefined && seen.size < mostInstructions; way = waiting.shift()) {
    if (seen.has(way.address)) continue;
    seen.add(way.address);
    const instruction = code.at(way.address);
    if (instruction === undefined) continue;
    const after = behind(way, instruction, from, kept);
    const { flow, conditional, size } = instruction;
    if (flow.kind === 'leave') {
      const found = returnBy(after, way, instruction, link, target);
      if (found !== undefined) return found;
      if (conditional) waiting.push({ ...way, address: way.address + size });
      continue;
    }
    if (flow.kind === 'next' || flow.kind === 'call' || flow.conditional || conditional) waiting.push({ ...after, address: way.address + size });
    if (flow.kind === 'branch') waiting.push({ ...after, address: flow.target });
  }
  return undefined;
}

function returnBy(after: Way, before: Way, { address, stack }: DecodedInstruction, link: number, target: DebugTarget): FoundReturn | undefined {
  const held = (way: Way, register: number): Held => (way.registers.has(register) ? way.registers.get(register) : { same: register });
  if (stack.kind === 'pop' && stack.registers.includes(pcOfArm)) {
    const to = after.registers.get(pcOfArm);
    return to === undefined ? undefined : { way: after, link: to, sp: after.stack.sp };
  }
  const bytes = target.peek(address, 4) ?? target.peek(address, 2);
  if (bytes === undefined) return undefined;
  const word = bytes.reduceRight((value, byte) => value * 256 + byte, 0);
  const half = word % 0x1_0000;
  if (target.architecture !== 'thumb2' && word === mret)
    return { way: before, link: Number(BigInt.asIntN(32, target.readRegister('mepc'))), sp: before.stack.sp };
  const isReturn = target.architecture === 'thumb2' ? half === 0x4770 : half === 0x8082 || word === 0x8067;
  const to = isReturn ? held(before, link) : undefined;
  return to === undefined ? undefined : { way: before, link: to, sp: before.stack.sp };
}

/** What holds behind an instruction. */
function behind(way: Way, instruction: DecodedInstruction, from: ReturnPlace, kept: ReadonlySet<number>): Way {
  const { stack: step, writes, flow } = instruction;
  const registers = new Map(way.registers);
  const words = new Map(way.words);
  const held = (register: number): Held => (registers.has(register) ? registers.get(register) : { same: register });
  const wordAt = (offset: number): Held => (words.has(offset) ? words.get(offset) : offset >= 0 ? { offset } : undefined);
  const { sp } = way.stack;
  let stack = advance(instruction, way.stack, kept);
  // sp comes from a register that pointed into the stack before: a frame pointer.
  if (step.kind === 'set' && !way.stack.known.has(step.register)) {
    const pointer = held(step.register);
    const value = pointer !== undefined && 'same' in pointer ? from.register(pointer.same) : undefined;
    if (value !== undefined) stack = { ...stack, sp: (value >>> 0) + step.bytes - from.sp };
  }
  for (const register of writes) registers.set(register, undefined);
  if (flow.kind === 'call') {
    registers.set(flow.link, undefined);
    for (const register of registers.keys()) if (!kept.has(register)) registers.set(register, undefined);
  }
  switch (step.kind) {
    case 'push':
      step.registers.forEach((register, index) =>
        words.set(stack.sp + 4 * index, way.registers.has(register) ? way.registers.get(register) : { same: register }),
      );
      break;
    case 'pop':
      step.registers.forEach((register, index) => registers.set(register, wordAt(sp + 4 * index)));
      break;
    case 'store':
      words.set(sp + step.offset, held(step.register));
      break;
    case 'load':
      registers.set(step.register, wordAt(sp + step.offset));
      break;
    default:
      break;
  }
  return { address: instruction.address, stack, registers, words };
}
