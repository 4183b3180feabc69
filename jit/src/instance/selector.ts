/** Selection in the core: what it is told of a function, and what has come of it. */
import { InternalError, UnsupportedError, UsageError, type FireballError, type LocationMap } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as bodyLayout from '../core/layout/body.js';
import { keepsOrigins } from '../core/layout/masm.js';
import * as layout from '../core/layout/select.js';
import * as walkLayout from '../core/layout/walk.js';
import { RecordedLocations } from '../debug/recorded-locations.js';
import type { Assembly, Label } from '../expand/assembly.js';
import { allocationOf } from '../plan/allocate.js';
import type { Analyses } from '../plan/analyses.js';
import type { FunctionSource } from '../plan/body.js';
import { coldBranches, type BranchProfile } from '../plan/cold-branches.js';
import { planFunction } from '../plan/plan.js';
import type { LinkEnvironment } from '../environment.js';
import { trapKinds, type CodeTrapKind } from '../target/trap-kinds.js';
import type { TemplateSet } from '../templates/index.js';
import { keptCore, noRoom, wordsIn, type Core } from './core.js';
import { refusalOf } from './masm.js';
import { ModuleWords } from './module-words.js';
import { placerOf } from './placer.js';

/** Where the function can be entered at a loop. */
interface OsrLabel {
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

/**
 * Wasm instructions to placed templates: an assembly that still needs an address.
 * @throws UnsupportedError naming an instruction that is not there yet
 * @throws UsageError where an option names no loop
 * @throws NoRoomError
 */
export function selectFunction(
  source: FunctionSource,
  templates: TemplateSet,
  environment: LinkEnvironment,
  options: SelectOptions,
  core: Core = keptCore(),
): Selection {
  const { isa } = templates;
  const placer = placerOf(core);
  const module = placer.prepare(templates, environment.features, ModuleWords.of(environment, source));
  if (options.origins === false) wordsIn(core)[keepsOrigins >> 2] = 0;
  const osrLoops = options.osrLoops === undefined || options.osrLoops.length === 0 ? noLoops : new Set(options.osrLoops);
  const recordsLocations = options.locations === true;
  const plan = planFunction(source, { isa, features: environment.features }, environment, osrLoops, core, module, recordsLocations);
  const { analyses } = plan;
  checkOsrLoops(analyses, osrLoops);
  analyses.must(core.giveRegisters());
  if (options.branches !== undefined) markCold(analyses, options.branches, isa === 'thumb2');
  const outcome = core.selectByNeed();
  if (outcome !== layout.selected) throw failureOf(analyses, source, outcome);
  const recorded = recordsLocations ? new RecordedLocations(source, plan, allocationOf(analyses), core) : undefined;
  const assembly = placer.layOutPlaced(templates, source.index);
  return {
    assembly,
    trapLabels: trapLabelsOf(wordsIn(core)),
    osrEntries: osrLabelsOf(analyses),
    locations: recorded === undefined ? undefined : () => recorded.map(assembly),
  };
}

const noLoops: ReadonlySet<number> = new Set();

function checkOsrLoops(analyses: Analyses, osrLoops: ReadonlySet<number>): void {
  if (osrLoops.size === 0) return;
  const loops = new Set<number>();
  for (let index = 0; index < analyses.length; index++) if (analyses.isLoop(index)) loops.add(analyses.offsetAt(index));
  for (const offset of osrLoops) {
    if (!loops.has(offset)) throw new UsageError(`there is no loop at offset 0x${offset.toString(16)} of this function`);
  }
}

/** Marks the branches behind which code is cold. */
function markCold(analyses: Analyses, profile: BranchProfile, forwardTables: boolean): void {
  const cold = coldBranches(analyses, profile, forwardTables);
  const { words } = analyses;
  const first = words[bodyLayout.records >> 2]! + bodyLayout.flagsField;
  for (const index of cold) words[(first + index * bodyLayout.recordStride) >> 2]! |= bodyLayout.isColdBranch;
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

function internalErrorOf(words: Int32Array): string {
  const code = words[layout.internalError >> 2]!;
  const known = internalErrors[code];
  if (known !== undefined) return known;
  const field = (at: number): number => words[at >> 2]!;
  const register = `${field(walkLayout.recountIsFloat) === 0 ? 'register' : 'floating-point register'} ${field(walkLayout.recountRegister)}`;
  if (code === walkLayout.ownedNoTemporary) return `${register} is owned and no temporary`;
  return `${register} has ${field(walkLayout.recountFound)} owners, and ${field(walkLayout.recountNoted)} are noted`;
}

function failureOf(analyses: Analyses, { index }: FunctionSource, outcome: number): FireballError {
  const { core, words } = analyses;
  const field = (at: number): number => words[at >> 2]!;
  switch (outcome) {
    case layout.noRoom:
      return noRoom(index);
    case layout.outOfRegisters:
      return new InternalError('out of registers with nothing left to spill');
    case layout.unsupported: {
      const unsupported = field(layout.internalError);
      return new UnsupportedError(analyses.operationAt(unsupported), { offset: analyses.offsetAt(unsupported), section: 'code' });
    }
    default: {
      const refusal = refusalOf(core, index);
      if (refusal !== undefined) return refusal;
      const at = Math.min(field(layout.instructionIndex), analyses.length - 1);
      return new InternalError(`after ${analyses.operationAt(at)} at offset 0x${analyses.offsetAt(at).toString(16)}: ${internalErrorOf(words)}`);
    }
  }
}

/** In the order of the kinds. */
function trapLabelsOf(words: Int32Array): TrapLabel[] {
  const first = layout.trapLabels >> 2;
  const found: TrapLabel[] = [];
  for (let number = 0; number < trapKinds.length; number++) {
    const label = words[first + number]!;
    if (label >= 0) found.push({ kind: trapKinds[number]!, label });
  }
  return found;
}

function osrLabelsOf(analyses: Analyses): OsrLabel[] {
  const { words } = analyses;
  const found: OsrLabel[] = [];
  const end = words[(walkLayout.loopHeaders + usedField) >> 2]!;
  for (let row = words[walkLayout.loopHeaders >> 2]!; row < end; row += walkLayout.headerStride) {
    const index = words[(row + walkLayout.headerIndex) >> 2]!;
    found.push({ wasmOffset: analyses.offsetAt(index), label: words[(row + walkLayout.headerEntry) >> 2]! });
  }
  return found;
}
