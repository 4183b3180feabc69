import { abiOf, type AbiRegisters, type Reg } from './abi.js';
import { contractAt } from './facts.js';
import { isComputation, type AddressForm, type Computation, type Effect } from './instruction.js';
import { successors } from './order.js';
import type { Program } from './sweep.js';

/** What the instructions of a loop write. */
interface LoopWrites {
  readonly registers: ReadonlySet<Reg>;
  /** Distances of stack words from sp; undefined where sp moves, too. */
  readonly words: ReadonlySet<number> | undefined;
}

/** The loops of one function, by their headers. */
export class Loops {
  private readonly predecessors = new Map<number, number[]>();

  constructor(
    private readonly program: Program,
    private readonly ranks: ReadonlyMap<number, number>,
  ) {
    for (const offset of ranks.keys()) {
      for (const next of successors(program, offset)) {
        const known = this.predecessors.get(next);
        if (known === undefined) this.predecessors.set(next, [offset]);
        else known.push(offset);
      }
    }
  }

  /** What is written between the header and the branches back to it. */
  writesOf(header: number): LoopWrites {
    const { program, ranks } = this;
    const abi = abiOf[program.facts.isa];
    const registers = new Set<Reg>();
    const words = new Set<number>();
    let movesStack = false;
    const rank = ranks.get(header) ?? 0;
    const seen = new Set([header]);
    const pending = (this.predecessors.get(header) ?? []).filter((from) => (ranks.get(from) ?? 0) >= rank);
    for (let offset = pending.pop(); offset !== undefined; offset = pending.pop()) {
      if (offset !== header && seen.has(offset)) continue;
      seen.add(offset);
      const effect = program.at[offset]?.instruction.effect;
      if (effect === undefined) continue;
      for (const reg of this.keepsRegisters(offset, effect) ? abi.scratch : writtenBy(effect, abi)) registers.add(reg);
      if (effect.kind === 'store' || effect.kind === 'store float') storedBy(effect.address, abi.sp, words);
      movesStack ||= effect.kind === 'push' || registers.has(abi.sp);
      if (offset !== header) pending.push(...(this.predecessors.get(offset) ?? []));
    }
    return { registers, words: movesStack ? undefined : words };
  }

  /** Is it a call of a check of bounds, or of the service that yields? They leave all registers but scratch ones as they were. */
  private keepsRegisters(offset: number, effect: Effect): boolean {
    return effect.kind === 'call' && contractAt(this.program.facts, offset + effect.distance) === undefined;
  }
}

function storedBy(address: AddressForm, sp: Reg, words: Set<number>): void {
  if (address.base !== sp || !('offset' in address)) return;
  words.add(address.offset).add(address.offset + 4);
}

/** Registers that the instruction, or what it calls, leaves with other values. */
function writtenBy(effect: Effect, { count, saved, sp }: AbiRegisters): readonly Reg[] {
  if (isComputation(effect)) return computedBy(effect);
  if (effect.kind === 'call' || effect.kind === 'call register')
    return Array.from({ length: count }, (_, reg) => reg).filter((reg) => reg !== sp && !saved.includes(reg));
  if (effect.kind === 'load' || effect.kind === 'load float') return [effect.rt];
  return effect.kind === 'pop' ? effect.registers : [];
}

function computedBy(effect: Computation): readonly Reg[] {
  switch (effect.kind) {
    case 'long multiply':
      return [effect.low, effect.high];
    case 'opaque':
      return effect.writes;
    case 'compare':
    case 'none':
      return [];
    case 'constant':
    case 'upper half':
    case 'pc':
    case 'move':
    case 'data':
    case 'multiply-add':
    case 'bit field':
    case 'sign extension':
      return [effect.rd];
  }
}
