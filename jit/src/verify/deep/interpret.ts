import { InternalError } from '@fireball/contracts';
import { abiOf, trapKindCount, type Reg } from './abi.js';
import { load, loadFloat, store, storeFloat } from './accesses.js';
import { compute } from './arithmetic.js';
import { anything } from './bounds.js';
import { split } from './conditions.js';
import { directCall, directTailCall, indirectCall, popReturn, registerJump, tableBehind } from './control.js';
import { fillLoop } from './fill-loop.js';
import { isComputation, type Effect } from './instruction.js';
import { Loops } from './loops.js';
import { ranksOf, tableTargets } from './order.js';
import { fail, pop, push, read, refuse, type AccessCounts, type Point, type Proof } from './point.js';
import { slotAt, State, Symbols, type Meeting, type Place } from './state.js';
import type { Program } from './sweep.js';
import { plus } from './values.js';

const pc: Reg = 15;
/** The stack does not reach the top of the address space: sums of sp and frame offsets do not wrap. */
const stackTop = 0xf000_0000;
/** Times round a loop after which limits that still change become those that comparisons give, and after which they are given up. */
const patience = 3;
const lastPatience = 20;

interface Leader {
  readonly offset: number;
  readonly rank: number;
  state: State | undefined;
  /** Visits from further on: every loop has such an edge. */
  rounds: number;
  /** Place in `order`. */
  index: number;
  isDue: boolean;
}

/**
 * Executes all paths of the function at once on what is known: constants, sums, bounds, where values
 * came from. Each access, call and exit must be provable there.
 * @throws DeepVerifyError
 */
export function interpret(program: Program): AccessCounts {
  const first = new Interpreter(program, undefined);
  const counts = first.run();
  // What needs to know how loops count is tried again with that.
  return first.isProven ? counts : new Interpreter(program, first).run();
}

function roundOf(rounds: number): Meeting {
  if (rounds <= patience) return 'round';
  return rounds <= lastPatience ? 'round, with limits' : 'round, without limits';
}

class Interpreter {
  private readonly proof: Proof;
  private readonly leaders = new Map<number, Leader>();
  private readonly order: Leader[];
  private readonly ranks: ReadonlyMap<number, number>;
  private loops: Loops | undefined;
  private cursor = 0;
  /** Rank of the block being executed. */
  private rank = -1;

  /** @param scout has gone through the program before, and knows what changes in which loop */
  constructor(
    private readonly program: Program,
    private readonly scout: Interpreter | undefined,
  ) {
    const { facts } = program;
    const abi = abiOf[facts.isa];
    const symbols = new Symbols();
    // Registers on entry are results of an instruction that does not exist.
    const entry = new Map<Reg, number>();
    for (let reg = 0; reg < abi.count; reg++) entry.set(reg, symbols.result(program.code.length, reg));
    const counts = { stack: 0, data: 0, constant: 0, range: 0, checked: 0, table: 0, trusted: 0 };
    const osrFrame = symbols.result(program.code.length, abi.count);
    this.proof = { facts, abi, symbols, counts, entry, entrySp: entry.get(abi.sp) ?? 0, osrFrame, unproven: scout === undefined ? [] : undefined };
    const ranks = ranksOf(program);
    this.ranks = ranks;
    for (const offset of [...program.leaders, ...this.dynamicLeaders()]) {
      const rank = ranks.get(offset);
      if (rank !== undefined) this.leaders.set(offset, { offset, rank, state: undefined, rounds: 0, index: 0, isDue: false });
    }
    this.order = [...this.leaders.values()].sort((a, b) => a.rank - b.rank);
    this.order.forEach((leader, index) => (leader.index = index));
  }

  /** Where tables lead. */
  private *dynamicLeaders(): Generator<number> {
    for (const entry of this.program.at) {
      if (entry?.instruction.effect.kind === 'table branch') yield* tableTargets(this.program, entry.offset);
      if (entry?.instruction.effect.kind === 'jump to register') yield* tableBehind(this.program, entry);
    }
  }

  run(): AccessCounts {
    this.flow(undefined, 0, this.entryState());
    for (const offset of this.proof.facts.osrEntries) this.flow(undefined, offset, this.osrState());
    while (this.cursor < this.order.length) {
      const leader = this.order[this.cursor++];
      if (leader?.isDue !== true || leader.state === undefined) continue;
      leader.isDue = false;
      const state = leader.state.clone();
      state.prune();
      this.rank = leader.rank;
      this.block(leader.offset, state);
    }
    return this.proof.counts;
  }

  get isProven(): boolean {
    return this.proof.unproven?.length === 0;
  }

  private entryState(): State {
    const { abi, facts } = this.proof;
    const state = this.callerState(0);
    for (const reg of abi.args.slice(0, facts.own.argumentWords)) state.registers[reg] = state.define(this.proof.entry.get(reg) ?? 0, anything);
    return state;
  }

  /** The caller has passed the interpreter's frame, and no stack arguments: sp is where it will be after popping some. */
  private osrState(): State {
    const { abi, facts, osrFrame } = this.proof;
    const state = this.callerState(facts.own.stackBytes);
    state.registers[abi.args[0] as Reg] = state.define(osrFrame, anything);
    return state;
  }

  /** What every caller provides; sp is `above` bytes above that of an ordinary call. */
  private callerState(above: number): State {
    const { abi, facts, entry, entrySp } = this.proof;
    const state = State.empty(abi.count);
    for (const reg of [...abi.saved, abi.link]) state.registers[reg] = state.define(entry.get(reg) ?? 0, anything);
    const sp = plus(state.define(entrySp, anything), above);
    state.registers[abi.sp] = sp;
    state.refine(sp, { lo: facts.stackLimit, hi: stackTop, extent: 0 });
    return state;
  }

  /** Control goes to `offset` with this state. */
  private flow(point: Point | undefined, offset: number, state: State): void {
    const entry = this.program.at[offset];
    // A trap needs nothing to be known.
    if (entry?.instruction.effect.kind === 'trap') {
      this.checkTrap(entry.instruction.effect.number, { proof: this.proof, state, located: entry });
      return;
    }
    const leader = this.leaders.get(offset);
    if (leader === undefined) {
      if (point === undefined) throw new InternalError('the function has no entry');
      throw fail(point, `leads to 0x${offset.toString(16)}, which is no instruction of this function`);
    }
    if (leader.state === undefined) {
      leader.state = state.clone();
      this.beginLoop(leader.state, offset);
    } else {
      // Only what comes round can change for ever: what loops around this one have made of their limits is taken as it is.
      const isRound = this.rank >= leader.rank;
      if (isRound) leader.rounds++;
      const minBytes = this.proof.facts.memory?.minBytes ?? 0;
      if (!leader.state.join(state, offset, this.proof.symbols, minBytes, isRound ? roundOf(leader.rounds) : 'ahead')) return;
    }
    leader.isDue = true;
    this.cursor = Math.min(this.cursor, leader.index);
  }

  /** If control comes to a loop of which the first run has found out that it changes something. */
  private beginLoop(state: State, offset: number): void {
    const changing = this.scout?.proof.symbols.changingAt(offset);
    if (changing === undefined) return;
    const { abi, entrySp, symbols } = this.proof;
    this.loops ??= new Loops(this.program, this.ranks);
    const { registers, words } = this.loops.writesOf(offset);
    const sp = state.registers[abi.sp];
    // What is written alone changes in this loop: other places may have differed because of loops around it.
    const isWritten = (place: Place): boolean => {
      const slot = slotAt(place);
      if (slot === undefined) return registers.has(place);
      return words === undefined || (sp?.symbol === entrySp && words.has(slot - (sp.add | 0)));
    };
    state.beginLoop(offset, symbols, new Map([...changing].filter(([place]) => isWritten(place))));
  }

  private checkTrap(number: number, point: Point): void {
    if (number >= trapKindCount) throw fail(point, 'a trap of no kind');
  }

  /** Executes from a leader to the next one, or to where control leaves. */
  private block(begin: number, state: State): void {
    for (let offset = begin; ;) {
      const located = this.program.at[offset];
      if (located === undefined) throw new InternalError(`no instruction at ${offset}`);
      const point: Point = { proof: this.proof, state, located };
      const { effect, size } = located.instruction;
      const behind = offset === begin ? fillLoop(point, this.program, (at) => this.leaders.has(at)) : undefined;
      if (behind === undefined && !this.step(point, effect)) return;
      offset = behind ?? offset + size;
      if (!this.leaders.has(offset)) continue;
      this.flow(point, offset, state);
      return;
    }
  }

  /** Returns whether control may go to the next instruction. */
  private step(point: Point, effect: Effect): boolean {
    const { state, located } = point;
    if (isComputation(effect)) {
      compute(point, effect);
      if (effect.kind !== 'data') this.flagsOf(point);
      return true;
    }
    switch (effect.kind) {
      case 'load':
        load(point, effect);
        return true;
      case 'store':
        store(point, effect);
        return true;
      case 'load float':
        loadFloat(point, effect);
        return true;
      case 'store float':
        storeFloat(point, effect);
        return true;
      case 'push':
        push(point, effect.registers);
        return true;
      case 'pop':
        if (effect.registers.includes(pc)) {
          popReturn(point, effect.registers, pc);
          return false;
        }
        pop(point, effect.registers).forEach((value, index) => {
          state.registers[effect.registers[index] as Reg] = value;
        });
        return true;
      case 'branch':
      case 'branch on flags': {
        const { taken, passed } = split(point, effect);
        if (taken !== undefined) this.flow(point, located.offset + effect.distance, taken);
        return passed !== undefined;
      }
      case 'jump':
        if (!directTailCall(point, effect)) this.flow(point, located.offset + effect.distance, state);
        return false;
      case 'call':
        return directCall(point, this.program, effect);
      case 'call register':
        indirectCall(point, effect);
        return true;
      case 'jump to register':
        for (const target of registerJump(point, this.program, effect)) this.flow(point, target, state);
        return false;
      case 'table branch': {
        const targets = tableTargets(this.program, located.offset);
        if (state.boundOf(read(point, effect.index)).hi >= targets.length) refuse(point, 'the index may lie behind the branch table');
        for (const target of targets) this.flow(point, target, state);
        return false;
      }
      case 'trap':
        this.checkTrap(effect.number, point);
        return false;
      case 'it':
        if (state.flags === undefined) throw fail(point, 'reads flags that nothing has set');
        return true;
    }
  }

  /** Flags of moves, which `compute` leaves to its caller. */
  private flagsOf({ state, located }: Point): void {
    const { flags, effect } = located.instruction;
    if (flags === undefined || effect.kind === 'compare') return;
    const result = effect.kind === 'move' || effect.kind === 'constant' ? state.registers[effect.rd] : undefined;
    state.flags = flags === 'result' && result !== undefined ? { kind: 'result', value: result } : { kind: 'other' };
  }
}
