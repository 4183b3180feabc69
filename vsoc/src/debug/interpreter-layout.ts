import type { InterpretedCall, InterpreterLayout, Isa } from '@fireball/contracts';
import { functionTypeOf, InstructionReader, type ValidatedFunction, type WasmModule } from '@fireball/wasm';
import { memoryMap } from '../chip/memory-map.js';
import { slotSize } from '../runtime/interpreter/shape.js';
import type { Vsoc } from '../vsoc.js';

/** Registers of the interpreter (rom/interp) by number: opcode's address, home slot of the top, dispatch table; and those of the top operands. */
export const machineRegisters = {
  thumb2: { position: 4, home: 5, table: 9, first: 0, second: 1, link: 14, stack: 'sp', names: (n: number) => `r${n}` },
  rv32: { position: 8, home: 9, table: 21, first: 10, second: 11, link: 1, stack: 'sp', names: (n: number) => `x${n}` },
} as const satisfies Record<Isa, object>;

/** Bytes that a call within the interpreter saves above the new frame: P, O, S, T, E, where to go on. */
export const linkBytes = 24;
/** What interp_entry saves: where registers and the link are, and its size. By register number. */
export const entryFrame = {
  thumb2: { bytes: 56, link: 52, saved: [4, 5, 6, 7, 8, 9, 10, 11].map((register, index) => ({ register, offset: 20 + 4 * index })) },
  rv32: { bytes: 80, link: 32, saved: [8, 9, 18, 19, 20, 21, 22, 23].map((register, index) => ({ register, offset: 36 + 4 * index })) },
} as const satisfies Record<Isa, object>;
/** What a call of other code saves above its stack arguments: the side entry, then the type's shape. */
export const outerCallBytes = { thumb2: 8, rv32: 16 } as const satisfies Record<Isa, number>;
/** What a call within the interpreter saves of its registers: P, O, S, T, E. By register number. */
const linkRegisters = { thumb2: [4, 5, 6, 9, 11], rv32: [8, 9, 18, 21, 23] } as const satisfies Record<Isa, readonly number[]>;
/** Behind all linear memories (memory-map.ts), below what cores keep for themselves. */
const free = { base: memoryMap.linearMemory.base + memoryMap.linearMemory.size, size: 0x1000_0000 };

/** How activations lie, of the virtual SoC's interpreter. */
export function layoutOf({ isa, interpreter }: Vsoc, functions: Pick<InterpreterLayout, 'frameBytes' | 'callsOf'>): InterpreterLayout {
  const { position, home, first, second, link } = machineRegisters[isa];
  const { bytes, link: linkAt, saved } = entryFrame[isa];
  const ranges = (interpreter?.programs ?? []).map((program) => program.codeRange);
  return {
    begin: Math.min(...ranges.map(({ begin }) => begin)),
    end: Math.max(...ranges.map(({ end }) => end)),
    free,
    handlers: interpreter?.handlers ?? [],
    position,
    home,
    top: [first, second],
    slotBytes: slotSize,
    link: { bytes: linkBytes, saved: linkRegisters[isa].map((register, index) => ({ register, offset: 4 * index })) },
    entry: { bytes, saved: [...saved, { register: link, offset: linkAt }] },
    outerCallBytes: outerCallBytes[isa],
    ...functions,
  };
}

/** @param height operands in front of the instruction at an offset */
export function callsIn(module: WasmModule, { code }: ValidatedFunction, begin: number, height: (offset: number) => number): InterpretedCall[] {
  const reader = new InstructionReader(module.bytes, code.start);
  const calls: InterpretedCall[] = [];
  while (reader.offset < code.end) {
    reader.read();
    const { name } = reader.op;
    if (name !== 'call' && name !== 'call_indirect') continue;
    const type = name === 'call' ? functionTypeOf(module, reader.a) : module.types[reader.a];
    const taken = (type?.params.length ?? 0) + (name === 'call' ? 0 : 1);
    calls.push({
      begin: begin + reader.start - code.start,
      end: begin + reader.offset - code.start,
      kept: Math.max(0, height(reader.start) - taken),
    });
  }
  return calls;
}
