import type { StopPoints, TargetStop, WatchKind } from '@fireball/contracts';
import type { HostWrite } from '../chip/host-writes.js';

/** What an instruction's place in wasm code means to a CPU. */
interface InstructionPlaces {
  /** Is the address one of an interpreted instruction? */
  isInstruction(address: number): boolean;
  /** Addresses of generated code, as it is now, in front of which the same instruction is executed. */
  generated(address: number): readonly number[];
}

interface Watch {
  readonly begin: number;
  readonly size: number;
  readonly kind: WatchKind;
  /** What the CPU knows it by. */
  id: number;
}

/**
 * Stops that outlive the CPU they are set on: `moveTo` sets them on another one. A breakpoint at the address of an interpreted instruction is wherever that
 * instruction is executed: in the interpreter, whose dispatch reads the opcode, which is watched, and in generated code.
 */
export class KeptStops implements StopPoints {
  readonly #breakpoints = new Set<number>();
  readonly #watches = new Map<number, Watch>();
  /** Interpreted instructions, with the watch on each opcode. */
  readonly #instructions = new Map<number, number>();
  /** Where generated code executes those. */
  #generated = new Set<number>();
  #next = 1;
  #passed: number | undefined;
  #stops: StopPoints;

  constructor(
    stops: StopPoints,
    private readonly places: InstructionPlaces,
  ) {
    this.#stops = stops;
  }

  breakpoint(address: number, on: boolean): void {
    if (this.places.isInstruction(address)) {
      this.#instruction(address, on);
      return;
    }
    if (on) this.#breakpoints.add(address);
    else this.#breakpoints.delete(address);
    this.#stops.breakpoint(address, on || this.#generated.has(address));
  }

  #instruction(address: number, on: boolean): void {
    const watch = this.#instructions.get(address);
    if (on === (watch !== undefined)) return;
    if (watch === undefined) this.#instructions.set(address, this.#stops.watch(address, 1, 'read'));
    else {
      this.#stops.unwatch(watch);
      this.#instructions.delete(address);
    }
    this.codeChanged();
  }

  /** Generated code has come or gone: what is executed there is looked up anew. */
  codeChanged(): void {
    if (this.#instructions.size === 0 && this.#generated.size === 0) return;
    const before = this.#generated;
    this.#generated = new Set([...this.#instructions.keys()].flatMap((address) => this.places.generated(address)));
    for (const address of before) if (!this.#generated.has(address) && !this.#breakpoints.has(address)) this.#stops.breakpoint(address, false);
    for (const address of this.#generated) if (!before.has(address)) this.#stops.breakpoint(address, true);
  }

  /** Is there a breakpoint at any interpreted instruction? */
  get hasInstructions(): boolean {
    return this.#instructions.size > 0;
  }

  isInstructionStop(address: number | undefined): boolean {
    return address !== undefined && this.#instructions.has(address);
  }

  /** Does the read concern nobody but the dispatch of an instruction with a breakpoint? */
  isOpcodeRead(address: number, size: number): boolean {
    const isOf = (begin: number, bytes: number): boolean => begin < address + size && address < begin + bytes;
    return (
      [...this.#instructions.keys()].some((each) => isOf(each, 1)) &&
      ![...this.#watches.values()].some(({ begin, size: bytes, kind }) => kind !== 'write' && isOf(begin, bytes))
    );
  }

  pass(address: number): void {
    this.#stops.pass(address);
    this.#passed = address;
  }

  /** Does the run that begins at `address` pass what stops there? Once. */
  takePassed(address: number): boolean {
    const isPassed = this.#passed === address;
    this.#passed = undefined;
    return isPassed;
  }

  watch(begin: number, size: number, kind: WatchKind): number {
    this.#watches.set(this.#next, { begin, size, kind, id: this.#stops.watch(begin, size, kind) });
    return this.#next++;
  }

  unwatch(id: number): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    this.#stops.unwatch(watch.id);
    this.#watches.delete(id);
  }

  /** The first of these that somebody waits for: the host is no CPU, whose accesses are watched natively. */
  stopAtHost(writes: readonly HostWrite[]): TargetStop | undefined {
    for (const write of writes) {
      if ('register' in write || !this.#isWatched(write.address, write.bytes.length)) continue;
      return { why: 'watchpoint', access: 'write', address: write.address, size: write.bytes.length };
    }
    return undefined;
  }

  #isWatched(begin: number, size: number): boolean {
    return [...this.#watches.values()].some((watch) => watch.kind !== 'read' && begin < watch.begin + watch.size && watch.begin < begin + size);
  }

  moveTo(stops: StopPoints): void {
    this.#stops = stops;
    for (const address of this.#breakpoints) stops.breakpoint(address, true);
    for (const address of this.#instructions.keys()) this.#instructions.set(address, stops.watch(address, 1, 'read'));
    this.#generated.clear();
    this.codeChanged();
    for (const watch of this.#watches.values()) watch.id = stops.watch(watch.begin, watch.size, watch.kind);
  }
}
