/** What selection makes of a function, whatever the compiler. */
import type { LocationMap } from '@fireball/contracts';
import * as layout from '../core/layout/select.js';
import * as walkLayout from '../core/layout/walk.js';
import type { Assembly, Label } from '../expand/assembly.js';
import type { BranchProfile } from '../plan/cold-branches.js';
import { trapKinds, type CodeTrapKind } from '../target/trap-kinds.js';

/** Where the function can be entered at a loop. */
export interface OsrLabel {
  /** Offset of the `loop` in the module. */
  readonly wasmOffset: number;
  readonly label: Label;
}

/** Where code goes that traps in one way. */
interface TrapLabel {
  readonly kind: CodeTrapKind;
  /** Start of the stub. */
  readonly label: Label;
}

/** A function that has been laid out, but has no address yet. */
export interface Selection {
  readonly assembly: Assembly;
  readonly trapLabels: readonly TrapLabel[];
  /** Entries at loops, in the order of their code. */
  readonly osrEntries: readonly OsrLabel[];
  /** Where locals and operands are, if that was asked for; made when it is called. */
  readonly locations: (() => LocationMap) | undefined;
}

/** What else is made of a function than its plain code. */
export interface SelectOptions {
  /** Record where locals and operands are (`LinkedCode.locations`). The code stays the same. */
  readonly locations?: boolean;
  /** Know which wasm instruction each template is of (`CodeSite.wasmOffset`); true unless told otherwise. The code stays the same. */
  readonly origins?: boolean;
  /**
   * Offsets in the module of `loop` instructions at which an interpreter may go on in the code. Loops in code that
   * cannot be reached get no entry.
   */
  readonly osrLoops?: readonly number[];
  /** How often conditions held: what is mostly passed over goes behind the function. */
  readonly branches?: BranchProfile | undefined;
}

const noLoops: ReadonlySet<number> = new Set();

/** Offsets of the loops that can be entered from outside. */
export function loopsOf({ osrLoops }: SelectOptions): ReadonlySet<number> {
  return osrLoops === undefined || osrLoops.length === 0 ? noLoops : new Set(osrLoops);
}

/** What selection says where it cannot go on, by the numbers of errors inside. */
const internalErrors: Readonly<Record<number, string>> = {
  [layout.stackUnderflow]: 'operand stack underflow',
  [layout.releasedTwice]: 'a register was released twice',
  [layout.floatReleasedTwice]: 'a floating-point register was released twice',
  [layout.sourceInMemory]: 'source is not in a register',
  [layout.resultInUse]: 'the register of a result is in use',
  [layout.nothingToSpill]: 'out of floating-point registers with nothing left to spill',
  [layout.noProgress]: 'registers are taken in circles',
  [layout.resultInUseAtLabel]: 'a result register is in use at a label',
  [walkLayout.linkOverwritten]: 'the prologue overwrites the link register',
};

/** An error inside, in words. */
export function internalErrorOf(words: Int32Array): string {
  const code = words[layout.internalError >> 2]!;
  const known = internalErrors[code];
  if (known !== undefined) return known;
  const field = (at: number): number => words[at >> 2]!;
  const register = `${field(walkLayout.recountIsFloat) === 0 ? 'register' : 'floating-point register'} ${field(walkLayout.recountRegister)}`;
  if (code === walkLayout.ownedNoTemporary) return `${register} is owned and no temporary`;
  return `${register} has ${field(walkLayout.recountFound)} owners, and ${field(walkLayout.recountNoted)} are noted`;
}

/** Stubs of the traps that a function has, in the order of the kinds. */
export function trapLabelsOf(words: Int32Array): TrapLabel[] {
  const first = layout.trapLabels >> 2;
  const found: TrapLabel[] = [];
  for (let number = 0; number < trapKinds.length; number++) {
    const label = words[first + number]!;
    if (label >= 0) found.push({ kind: trapKinds[number]!, label });
  }
  return found;
}
