import { InternalError } from '@fireball/contracts';
import { wordsOfLocal, type Instruction, type FunctionSource } from '../plan/body.js';
import type { FunctionType } from '@fireball/wasm';
import type { Plan } from '../plan/result.js';
import { wordCount } from '../plan/words.js';
import type { Label, PlacedRange } from '../expand/assembly.js';
import type { LinkEnvironment } from './environment.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { type Pair, type Reg, noReg } from '../target/registers.js';
import type { CodeTrapKind } from '../target/trap-kinds.js';
import type { KnownContents } from './contents.js';
import type { HeldFloat } from './float-file.js';
import type { FunctionState } from './state.js';
import type { CachedPointer, Held } from './temporaries.js';
import type { RunPart } from './check-runs.js';
import { flushReads } from './spilling.js';

/** A structured control instruction that is open at this point of the walk. */
export interface ControlFrame {
  readonly op: 'block' | 'loop' | 'if' | 'function';
  readonly type: FunctionType;
  /** Words and values on the stack below the block's parameters. */
  readonly words: number;
  readonly values: number;
  /** Where branches to it go: the loop header, otherwise the end. */
  readonly label: Label;
  /** `if` only, until `else` is met. */
  elseLabel: Label | undefined;
  /** `if` only, until `else` is met: what temporaries contain where the condition does not hold. */
  otherwise: KnownContents | undefined;
  /** Somebody branches to the end. */
  targeted: boolean;
  /** Not of loops: what temporaries contain on all branches to the end so far. */
  arriving: KnownContents | undefined;
}

/** Shared tail of slow bounds checks. */
export interface BoundsThunk {
  readonly reg: Reg;
  readonly extent: number;
  readonly label: Label;
  users: number;
}

/** The header of a loop that can be entered from outside (osr.ts). */
export interface OsrHeader {
  /** Of the `loop` in the body, and its offset in the module. */
  readonly index: number;
  readonly wasmOffset: number;
  readonly label: Label;
  /** sp offsets of the operand words that are in their homes; the others are constants. */
  readonly homes: readonly number[];
}

/** Where a safepoint leaves the hot path, and where it comes back. */
interface Yield {
  readonly stub: Label;
  readonly back: Label;
  readonly wasmOffset: number;
}

/** Code behind a branch that mostly goes around it; moved away once the body is selected. */
export interface ColdRegion {
  readonly frame: ControlFrame;
  /** Index of its first template. */
  readonly begin: number;
  /** Labels in the branch itself by which control goes around the region. */
  readonly around: readonly Label[];
}

/** Everything the selection of one function shares. */
export interface Context {
  readonly source: FunctionSource;
  readonly plan: Plan;
  readonly environment: LinkEnvironment;
  readonly masm: MacroAssembler;
  readonly state: FunctionState;
  readonly control: ControlFrame[];
  readonly entryLabel: Label;
  /** Registers of block results (at most two words), free at every label. */
  readonly resultRegs: readonly Reg[];
  /** Index of the instruction being selected. */
  index: number;
  /** The local whose value only the flags have, and the index of the `local.get` to which they take it. */
  inFlags: { readonly local: number; readonly use: number } | undefined;
  /** Operations now selected are parts of one instruction: their results are not what follows it wants. */
  composing: boolean;
  readonly groups: Map<number, CachedPointer>;
  /** By the index of an access that begins a group: the run of which it is a part. */
  readonly runs: ReadonlyMap<number, RunPart>;
  readonly trapLabels: Map<CodeTrapKind, Label>;
  /** By 32 * extent + register. */
  readonly thunks: Map<number, BoundsThunk>;
  /** Offsets of the loops that get an entry of their own. */
  readonly osrLoops: ReadonlySet<number>;
  /** Those met so far: loops in unreachable code have no header. */
  readonly osrHeaders: OsrHeader[];
  readonly yields: Yield[];
  /** Offsets of the branches behind which code is cold. */
  readonly coldBranches: ReadonlySet<number>;
  /** Cold regions that are open, outermost first, and those that have ended. */
  readonly openRegions: ColdRegion[];
  readonly coldRanges: PlacedRange[];
  /** Code that goes behind the function, off the hot path. */
  readonly outOfLine: (() => void)[];
}

function instructionAt(context: Context, index: number): Instruction | undefined {
  return context.plan.body[index];
}

/** The instruction that a result may be fused with; none while one instruction is made of several operations. */
export function nextInstruction(context: Context): Instruction | undefined {
  return context.composing ? undefined : instructionAt(context, context.index + 1);
}

/** The shared stub of a trap kind; bound behind the function. */
export function trapLabel(context: Context, kind: CodeTrapKind): Label {
  let label = context.trapLabels.get(kind);
  if (label === undefined) {
    label = context.masm.assembly.newLabel();
    context.trapLabels.set(kind, label);
  }
  return label;
}

/** Registers the code at the wasm offset of the current instruction. */
export function deferOutOfLine(context: Context, emit: () => void): void {
  const { wasmOffset } = context.masm;
  context.outOfLine.push(() => {
    context.masm.wasmOffset = wasmOffset;
    emit();
  });
}

/** Words of a local: [low] or [low, high]. */
export function localWords(context: Context, local: number): readonly number[] {
  return wordsOfLocal(context.plan.locals, local);
}

/**
 * Where a one-word result should go. If the next instruction writes it to a local in a register,
 * that register is the destination and the write is done with it; otherwise a temporary is.
 */
interface Destination {
  readonly reg: Reg;
  /** Pushes the result, or completes the local's write. */
  finish(): void;
}

/**
 * `operands` are released here, after pending reads of the destination have been saved and before
 * a temporary is chosen, so that the result may take an operand's register.
 */
export function destination(context: Context, operands: readonly (Held | HeldFloat | undefined)[], prefer: Reg = noReg): Destination {
  const { state } = context;
  const releaseAll = (): void => {
    for (const held of operands) if (held !== undefined) state.release(held);
  };
  const next = nextInstruction(context);
  if (next?.op === 'local.set' || next?.op === 'local.tee') {
    const words = localWords(context, next.a);
    const word = words[0] ?? 0;
    const reg = state.allocation.localRegs[word] ?? noReg;
    if (words.length === 1 && reg !== noReg) {
      flushReads(state, word);
      releaseAll();
      return {
        reg,
        finish: () => {
          if (next.op === 'local.tee') state.pushLocal(word);
          context.index++;
        },
      };
    }
  }
  releaseAll();
  const wanted = next === undefined ? noReg : registerWantedBy(context, next);
  if (wanted !== noReg && next !== undefined && returns(context, next) && !state.temporaries.has(wanted)) {
    // Nobody reads a local any more, nor a constant.
    return { reg: wanted, finish: () => state.stack.push({ kind: 'sum', source: { fixed: wanted }, c: 0, high: false }) };
  }
  const reg = state.allocate(state.temporaries.canTake(wanted) ? wanted : prefer);
  return { reg, finish: () => state.pushReg(reg) };
}

export function memoryOf(context: Context): NonNullable<LinkEnvironment['memory']> {
  const { memory } = context.environment;
  if (memory === undefined) throw new InternalError('memory access without a memory survived validation');
  return memory;
}

/** Where a pair of result words should go. */
interface PairDestination {
  readonly pair: Pair;
  finish(): void;
}

/**
 * As `destination`, for two words; `operands` begins with those of which they take the place. `lowAvoids` and `highAvoids` are operand
 * registers that the operation still reads after it has written the low or high result.
 */
export function pairDestination(context: Context, operands: readonly Held[], lowAvoids: readonly Reg[], highAvoids: readonly Reg[]): PairDestination {
  const { state } = context;
  const next = nextInstruction(context);
  if (next?.op === 'local.set' || next?.op === 'local.tee') {
    const [first, second] = localWords(context, next.a);
    const low = state.allocation.localRegs[first ?? 0] ?? noReg;
    const high = second === undefined ? noReg : (state.allocation.localRegs[second] ?? noReg);
    if (low !== noReg && high !== noReg && !lowAvoids.includes(low) && !highAvoids.includes(high)) {
      flushReads(state, first ?? 0);
      flushReads(state, second ?? 0);
      for (const held of operands) state.release(held);
      return {
        pair: { low, high },
        finish: () => {
          if (next.op === 'local.tee') {
            state.pushLocal(first ?? 0);
            state.pushLocal(second ?? 0, true);
          }
          context.index++;
        },
      };
    }
  }
  const [low, high] = takePair(state, operands, lowAvoids, highAvoids);
  return {
    pair: { low, high },
    finish: () => {
      state.pushReg(low);
      state.pushReg(high, true);
    },
  };
}

/** Registers for two result words, in place of operands where that is possible: each of them gives its register up as soon as no result could get there too early. */
function takePair(state: FunctionState, operands: readonly Held[], lowAvoids: readonly Reg[], highAvoids: readonly Reg[]): readonly [Reg, Reg] {
  // The word that may go anywhere comes last.
  if (lowAvoids.length === 0 && highAvoids.length > 0) {
    const [first, second, ...others] = operands as readonly [Held, Held, ...Held[]];
    const [high, low] = takePair(state, [second, first, ...others], highAvoids, lowAvoids);
    return [low, high];
  }
  let waiting = operands;
  const releaseBut = (avoids: readonly Reg[]): void => {
    const stays = ({ reg }: Held): boolean => avoids.includes(reg);
    for (const held of waiting) if (!stays(held)) state.release(held);
    waiting = waiting.filter(stays);
  };
  const inPlaceOf = (held: Held | undefined): Reg => state.allocate(held === undefined || state.contents.isWorthKeeping(held.reg) ? noReg : held.reg);
  releaseBut([...lowAvoids, ...highAvoids]);
  const low = inPlaceOf(operands[0]);
  releaseBut(highAvoids);
  const high = inPlaceOf(operands[1]);
  releaseBut([]);
  return [low, high];
}

function returns({ control }: Context, { op }: Instruction): boolean {
  return op === 'return' || (op === 'end' && control.length === 1);
}

/** Register in which the next instruction needs the topmost value, as far as that is certain: returns and calls. */
function registerWantedBy(context: Context, next: Instruction): Reg {
  const { args } = context.masm.roles;
  if (returns(context, next) && wordCount(context.source.type.results) === 1) return args[0] ?? noReg;
  if (next.op !== 'call') return noReg;
  return args[wordCount(context.source.functionType(next.a).params) - 1] ?? noReg;
}
