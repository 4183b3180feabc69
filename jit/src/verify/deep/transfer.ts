/** The transfer functions of single instructions, for tests that hold them against a CPU. */
import type { Isa } from '@fireball/contracts';
import { abiOf } from './abi.js';
import { compute } from './arithmetic.js';
import type { Bound } from './bounds.js';
import type { Decoder } from './decode.js';
import { DataRanges, type CodeFacts } from './facts.js';
import { Forbidden, isComputation } from './instruction.js';
import { State, Symbols } from './state.js';
import { sweep } from './sweep.js';

/** An unsigned word lies in [lo, hi]. */
export type WordRange = Pick<Bound, 'lo' | 'hi'>;

/** What ends the code: UDF, C.EBREAK. */
const trap = { thumb2: [0x00, 0xde], rv32: [0x02, 0x90] } as const satisfies Record<Isa, readonly number[]>;

function factsOf(isa: Isa, cpu: string, address: number): CodeFacts {
  return {
    isa,
    cpu,
    address,
    tablesInCode: new Map(),
    own: { argumentWords: 0, stackBytes: 0, resultWords: 0 },
    osrEntries: [],
    osrFrameBytes: 0,
    memory: undefined,
    readable: new DataRanges([]),
    writable: new DataRanges([]),
    tables: [],
    slots: new Map(),
    types: new Map(),
    routines: new Map(),
    stackLimit: 0,
    functions: new Map(),
    yieldService: undefined,
  };
}

/**
 * The ranges of general registers behind code at `address`, from those in front of it; undefined where the code does more than compute
 * in registers, or is no code that may be generated. sp must not be among what it writes.
 */
export function rangesBehind(
  decoder: Decoder,
  isa: Isa,
  cpu: string,
  address: number,
  code: Uint8Array,
  before: readonly WordRange[],
): WordRange[] | undefined {
  const ended = Uint8Array.from([...code, ...trap[isa]]);
  const facts = factsOf(isa, cpu, address);
  for (let offset = 0; offset < code.length;) {
    try {
      const { effect, size } = decoder.at(ended, offset);
      if (effect.kind !== 'it' && !isComputation(effect)) return undefined;
      offset += size;
    } catch (error) {
      if (error instanceof Forbidden) return undefined;
      throw error;
    }
  }
  const program = sweep(ended, facts, decoder);
  const abi = abiOf[isa];
  const symbols = new Symbols();
  const state = State.empty(abi.count);
  before.forEach(({ lo, hi }, reg) => {
    state.registers[reg] = state.define(symbols.result(ended.length, reg), { lo, hi, extent: 0 });
  });
  state.flags = { kind: 'other' };
  const counts = { stack: 0, data: 0, constant: 0, range: 0, checked: 0, table: 0, trusted: 0 };
  const entrySp = symbols.result(ended.length, abi.sp);
  const proof = { facts, abi, symbols, counts, entry: new Map(), entrySp, osrFrame: symbols.result(ended.length, abi.count), unproven: undefined };
  for (const located of program.at) {
    if (located === undefined || located.offset >= code.length) continue;
    const { effect } = located.instruction;
    if (isComputation(effect)) compute({ proof, state, located }, effect);
  }
  return before.map((_, reg) => {
    const value = state.registers[reg];
    const { lo, hi } = value === undefined ? { lo: 0, hi: 0xffff_ffff } : state.boundOf(value);
    return reg === abi.zero ? { lo: 0, hi: 0 } : { lo, hi };
  });
}
