import { hex, InternalError } from '@fireball/contracts';
import { isExhaustionTrap, type TrapKind, type TrapReport, type Work } from '@fireball/wasm';
import type { Agreement } from './agreement.js';
import { branchDifference, trapDifference, type ValueDifference } from './differences.js';
import type { Executed } from './divergence.js';
import type { FunctionCode, PlacedBoundary } from './function-code.js';
import type { NativeBounds, NativeCall, NativeEnd } from './native-side.js';
import type { NativeState } from './native-state.js';

/** A trap at a check that several accesses share, before the reference has reached the one that fails. */
interface EarlyTrap {
  readonly kind: TrapKind;
  readonly wasmOffset: number;
  readonly group: readonly Executed[];
  readonly trace: readonly number[];
}

/** More of a way than this is not recorded: what follows are loops of such routines. */
const longestTrace = 65_536;

/**
 * One call in native code, brought to where the reference is. Where it goes elsewhere, traps or crashes on the way, it parts
 * from the reference, and the `group` of instructions that it was executing is to blame.
 */
export class NativeExecution {
  private recorded: number[] = [];
  /** Machine instructions since the trace started. */
  private way = 0;
  /** What `way` may come to, as far as it has been looked at. */
  private limit = 0;
  /** What the reference had done when the trace before this one started, and this one: native code may do later what the reference does at once. */
  private begun: Pick<Work, 'instructions' | 'units'> = { instructions: 0, units: 0 };
  private ended = this.begun;
  private early: EarlyTrap | undefined;

  constructor(
    private readonly call: NativeCall,
    /** Addresses of boundaries. */
    private readonly marks: ReadonlyMap<number, FunctionCode>,
    private readonly state: NativeState,
    private readonly agreement: Agreement,
    /** What the reference has done so far in the call. */
    private readonly work: () => Work,
    private readonly bounds: NativeBounds,
  ) {}

  /** Addresses of the machine instructions executed since `startTrace`. */
  get trace(): readonly number[] {
    return this.recorded;
  }

  startTrace(): void {
    this.recorded = [];
    this.way = 0;
    this.limit = 0;
    this.begun = this.ended;
    this.ended = this.work();
  }

  /** Machine instructions beyond which the way to where the reference is does not end. */
  private get longestWay(): number {
    const { instructions, units, ...rest } = this.work();
    const { begun } = this;
    return this.bounds.instructions({ ...rest, instructions: instructions - begun.instructions, units: units - begun.units });
  }

  isAt({ address }: PlacedBoundary): boolean {
    return this.call.pc === address;
  }

  /** Nothing is executed any more; how the reference ends will show whether the trap is right. */
  get hasTrappedEarly(): boolean {
    return this.early !== undefined;
  }

  /** Goes on to the next boundary, which must be this one. False where it has trapped early. */
  advance(placed: PlacedBoundary, group: readonly Executed[]): boolean {
    const expected = `goes on ${this.placeOf(placed.address)}`;
    do if (!this.proceed(group, expected)) return false;
    while (!this.isAtBoundary());
    if (!this.isAt(placed)) this.part(group, [branchDifference(expected, this.goesOn())]);
    return true;
  }

  /** Goes on to a function's first machine instruction; `isCalled` unless the observed call itself begins. */
  reachEntry(code: FunctionCode, group: readonly Executed[], isCalled: boolean): void {
    const { address } = code;
    const expected = `enters function ${code.source.index}`;
    while (this.call.pc !== address || (isCalled && this.recorded.length === 0)) {
      // Nothing on the way to a function accesses memory for an instruction behind the call.
      if (!this.proceed(group, expected)) return this.blameEarlyTrap(expected);
      if (this.call.pc !== address && this.isAtBoundary()) this.part(group, [branchDifference(expected, this.goesOn())]);
    }
  }

  /** Goes on to the caller's code, at this address. False where it has trapped early. */
  reachReturn(address: number, group: readonly Executed[]): boolean {
    const expected = `returns to ${hex(address)}`;
    do if (!this.proceed(group, expected)) return false;
    while (this.call.pc !== address && !this.isAtBoundary());
    if (this.call.pc !== address) this.part(group, [branchDifference(expected, this.goesOn())]);
    return true;
  }

  /** Goes on to the end of the call: this trap, or a return where there is none. */
  finish(group: readonly Executed[], expectedTrap: TrapKind | undefined): NativeEnd {
    const expected = expectedTrap === undefined ? 'the call returns' : `trap: ${expectedTrap}`;
    let ended: NativeEnd | undefined;
    do ended = this.step(group, expected);
    while (ended === undefined && !this.isAtBoundary());
    if (ended === undefined) {
      const actual = this.goesOn();
      return this.part(group, [expectedTrap === undefined ? branchDifference(expected, actual) : trapDifference(expected, `no trap, ${actual}`)]);
    }
    const actualTrap = ended.trap?.kind;
    if (actualTrap !== undefined && isExhaustionTrap(actualTrap) && this.mayExhaust) return this.exhausted(actualTrap);
    if (actualTrap !== expectedTrap)
      this.part(group, [trapDifference(expected, actualTrap === undefined ? 'no trap, the call returns' : `trap: ${actualTrap}`)]);
    return ended;
  }

  /** The reference has ended after native execution had trapped early: so must it, by that trap. */
  checkEarlyTrap(reference: TrapReport | undefined): void {
    const isRight = reference !== undefined && reference.kind === this.early?.kind && reference.offset === this.early.wasmOffset;
    if (!isRight) this.blameEarlyTrap(reference === undefined ? 'no trap' : `trap: ${reference.kind}`);
  }

  private blameEarlyTrap(expected: string): never {
    const { kind, group, trace, wasmOffset } = this.early as EarlyTrap;
    return this.agreement.partByEarlyTrap(group, trace, [trapDifference(expected, `trap: ${kind}, for the instruction at ${hex(wasmOffset, 1)}`)]);
  }

  /** One step, which may end the call only by a trap for an access further on. False where it has. */
  private proceed(group: readonly Executed[], expected: string): boolean {
    const ended = this.step(group, expected);
    if (ended === undefined) return true;
    if (ended.trap === null) return this.part(group, [branchDifference(expected, 'the call returns')]);
    const { kind, wasmOffset } = ended.trap;
    if (isExhaustionTrap(kind) && this.mayExhaust) return this.exhausted(kind);
    if (wasmOffset === null || group.some(({ step }) => step.offset === wasmOffset)) {
      return this.part(group, [trapDifference(expected, `trap: ${kind}`)]);
    }
    this.early = { kind, wasmOffset, group, trace: this.recorded };
    return false;
  }

  private step(group: readonly Executed[], expected: string): NativeEnd | undefined {
    const { call } = this;
    if (++this.way > this.limit) {
      this.limit = this.longestWay;
      if (this.way > this.limit) this.part(group, [branchDifference(expected, `does not end: not there within ${this.limit} machine instructions`)]);
    }
    if (this.recorded.length < longestTrace) this.recorded.push(call.pc);
    this.state.forget();
    try {
      return call.step();
    } catch (error) {
      if (!(error instanceof InternalError)) throw error;
      return this.part(group, [
        { kind: 'crash', what: 'native execution', index: null, address: null, place: null, expected: 'no crash', actual: error.message },
      ]);
    }
  }

  private isAtBoundary(): boolean {
    return this.marks.has(this.call.pc);
  }

  private goesOn(): string {
    return `goes on ${this.placeOf(this.call.pc)}`;
  }

  private placeOf(address: number): string {
    const code = this.marks.get(address);
    if (code === undefined) return `at ${hex(address)}`;
    const offsets = [...code.boundaries].filter((placed) => placed.address === address).map(({ boundary }) => boundary.wasmOffset);
    return `at ${hex(Math.min(...offsets), 1)} in function ${code.source.index}`;
  }

  private part(group: readonly Executed[], differences: readonly ValueDifference[]): never {
    return this.agreement.part(group, this.recorded, differences);
  }

  /** The call need not fit into the stack. */
  private get mayExhaust(): boolean {
    return this.bounds.mayExhaust(this.work());
  }

  private exhausted(kind: TrapKind): never {
    return this.agreement.giveUp(`native execution: ${kind}`);
  }
}
