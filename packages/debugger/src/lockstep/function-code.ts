import { InternalError, type Boundary, type LocationMap } from '@fireball/contracts';
import { formatInstruction, InstructionReader, type OpName, type ValidatedFunction, type WasmModule } from '@fireball/wasm';

/** An instruction that the reference interpreter executes as a step. */
export interface WasmStep {
  readonly offset: number;
  readonly op: OpName;
  readonly text: string;
  /** Depths that the instruction may branch to, the last one where nothing chooses among them. */
  readonly targets: readonly number[];
  /** Control frames around it; a branch to this depth leaves the function. */
  readonly depth: number;
}

/** A boundary in the code of a function, where it lies. */
export interface PlacedBoundary {
  readonly address: number;
  readonly boundary: Boundary;
}

/** Where the code of a function lies, and what says what it does. */
export interface PlacedCode {
  readonly address: number;
  readonly locations: LocationMap;
  /** Where it finds its arguments, word by word: in a register, or in bytes above sp as it is when the function is entered. */
  readonly argumentPlaces: readonly ({ readonly register: string } | { readonly stack: number })[];
}

/** What the lockstep needs to know of one function: its steps, and where its code has boundaries in front of them. */
export class FunctionCode {
  readonly address: number;
  readonly locations: LocationMap;
  readonly argumentPlaces: PlacedCode['argumentPlaces'];
  private readonly steps = new Map<number, WasmStep>();
  private readonly placed = new Map<number, PlacedBoundary>();

  constructor(
    module: WasmModule,
    readonly source: ValidatedFunction,
    { address, locations, argumentPlaces }: PlacedCode,
  ) {
    this.address = address;
    this.locations = locations;
    this.argumentPlaces = argumentPlaces;
    this.readSteps(module);
    for (const boundary of this.locations.boundaries) {
      if (!this.steps.has(boundary.wasmOffset)) continue;
      this.placed.set(boundary.wasmOffset, { address: address + boundary.codeOffset, boundary });
    }
  }

  private readSteps(module: WasmModule): void {
    const { start, end } = this.source.code;
    const reader = new InstructionReader(module.bytes, start);
    let depth = 0;
    while (reader.offset < end) {
      reader.read();
      const op = reader.op.name;
      if (op === 'block' || op === 'loop' || op === 'if') depth++;
      const isSilent = op === 'block' || op === 'loop' || op === 'nop' || (op === 'end' && reader.offset < end);
      if (op === 'end') depth--;
      if (isSilent) continue;
      const targets = op === 'br_table' ? [...reader.targets] : op === 'br' || op === 'br_if' ? [reader.a] : [];
      this.steps.set(reader.start, { offset: reader.start, op, text: formatInstruction(reader), targets, depth });
    }
  }

  step(offset: number): WasmStep {
    const step = this.steps.get(offset);
    if (step === undefined) throw new InternalError(`no step at offset ${offset}`);
    return step;
  }

  /** Undefined for instructions that became one with those before them, and for unreachable ones. */
  boundaryAt(offset: number): PlacedBoundary | undefined {
    return this.placed.get(offset);
  }

  get boundaries(): Iterable<PlacedBoundary> {
    return this.placed.values();
  }
}
