/** Selection in the core: what it is told of a function, and what has come of it. */
import { InternalError, UnsupportedError, UsageError, type FireballError, type LocationMap } from '@fireball/contracts';
import { opcodes, usedField } from '@fireball/wasm';
import * as bodyLayout from '../core/layout/body.js';
import * as environmentLayout from '../core/layout/environment.js';
import * as masmLayout from '../core/layout/masm.js';
import { operationCount } from '../core/layout/operations.js';
import * as layout from '../core/layout/select.js';
import * as walkLayout from '../core/layout/walk.js';
import { RecordedLocations } from '../debug/recorded-locations.js';
import type { Assembly, Label } from '../expand/assembly.js';
import { Allocator, sameAllocation } from '../plan/allocate.js';
import type { FunctionSource, Instruction } from '../plan/body.js';
import { coldBranches, type BranchProfile } from '../plan/cold-branches.js';
import { planFunction } from '../plan/plan.js';
import type { Allocation, Plan } from '../plan/result.js';
import { wordCount } from '../plan/words.js';
import type { LinkEnvironment } from '../environment.js';
import { argumentPlaces, resultRegisterCount } from '../target/arguments.js';
import type { Frame } from '../target/frame.js';
import { noReg } from '../target/registers.js';
import { trapKinds, type CodeTrapKind } from '../target/trap-kinds.js';
import type { TemplateSet } from '../templates/index.js';
import { keptCore, noRoom, type Core } from './core.js';
import { refusalOf } from './masm.js';
import { numberOf } from './operations.js';
import { placerOf } from './placer.js';
import { rolesOf } from './roles.js';

/** Whether `FIREBALL_RECOUNT` asks for owners of registers to be counted anew after every operation. The tests have it on. */
const recounts = process.env['FIREBALL_RECOUNT'] === '1';

/** Withholding more than this leaves no register to withhold. */
const mostWithheld = 8;

/** Where the function can be entered at a loop. */
interface OsrLabel {
  /** Offset of the `loop` in the module. */
  readonly wasmOffset: number;
  readonly label: Label;
}

/** A function that has been laid out, but has no address yet. */
export interface Selection {
  readonly assembly: Assembly;
  readonly plan: Plan;
  readonly allocation: Allocation;
  readonly frame: Frame;
  /** Start of each trap stub, by label. */
  readonly trapLabels: ReadonlyMap<CodeTrapKind, Label>;
  /** Entries at loops, in the order of their code. */
  readonly osrEntries: readonly OsrLabel[];
  /** Where locals and operands are, if that was asked for; made when it is called. */
  readonly locations: (() => LocationMap) | undefined;
}

/** What else is made of a function than its plain code. */
export interface SelectOptions {
  /** Record where locals and operands are (`LinkedCode.locations`). The code stays the same. */
  readonly locations?: boolean;
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
  placer.prepare(templates, environment.features);
  const osrLoops = new Set(options.osrLoops);
  const plan = planFunction(source, { isa, features: environment.features }, environment, osrLoops, core);
  checkOsrLoops(plan.body, osrLoops);
  const roles = rolesOf(isa);
  const parameterRegs = argumentPlaces(source.type, roles.args).places.map((place) => ('reg' in place ? place.reg : noReg));
  const ownsLink = isLinkFree(source, environment);
  const allocator = new Allocator(plan, isa, parameterRegs, ownsLink);
  let allocation = allocator.allocate(0);
  if (options.branches !== undefined) markCold(core, source, plan, options.branches, isa === 'thumb2');
  writeEnvironment(core, source, environment, allocation.ownsLink, options.locations === true);
  for (let withheld = 0; ;) {
    const outcome = core.selectFunction();
    if (outcome === layout.selected) break;
    if (outcome !== layout.pressure) throw failureOf(core, source, plan.body, outcome);
    const failed = allocation;
    // Where nobody got the registers that are withheld now, selection would fail again in the same way.
    while (sameAllocation(allocation, failed)) {
      if (withheld >= mostWithheld) throw new InternalError('out of registers with nothing left to spill');
      withheld += 2;
      allocation = allocator.allocate(withheld);
    }
  }
  const recorded = options.locations === true ? new RecordedLocations(source, plan, allocation, core) : undefined;
  const assembly = placer.layOutPlaced(templates, source.index);
  return { assembly, plan, allocation, locations: recorded === undefined ? undefined : () => recorded.map(assembly), ...found(core, plan) };
}

function checkOsrLoops(body: readonly Instruction[], osrLoops: ReadonlySet<number>): void {
  if (osrLoops.size === 0) return;
  const loops = new Set(body.flatMap(({ op, offset }) => (op === 'loop' ? [offset] : [])));
  for (const offset of osrLoops) {
    if (!loops.has(offset)) throw new UsageError(`there is no loop at offset 0x${offset.toString(16)} of this function`);
  }
}

/** Nothing but calls needs the link register: no exact check of a growing memory, no safepoint, no far result. */
function isLinkFree({ type }: FunctionSource, { memory, safepoint }: LinkEnvironment): boolean {
  return memory?.fixed !== false && safepoint === undefined && wordCount(type.results) <= resultRegisterCount;
}

/** Marks the branches behind which code is cold. */
function markCold(core: Core, source: FunctionSource, plan: Plan, profile: BranchProfile, forwardTables: boolean): void {
  const cold = coldBranches(source, plan, profile, forwardTables);
  const words = new Int32Array(core.memory.buffer);
  const first = words[bodyLayout.records >> 2]! + bodyLayout.flagsField;
  for (const index of cold) words[(first + index * bodyLayout.recordStride) >> 2]! |= bodyLayout.isColdBranch;
}

/** Entries of routines by the numbers of operations, of environments that have been asked. */
const routinesOf = new WeakMap<LinkEnvironment, Int32Array>();

function routineTable(environment: LinkEnvironment): Int32Array {
  let table = routinesOf.get(environment);
  if (table === undefined) {
    table = new Int32Array(operationCount);
    for (const opcode of opcodes) table[numberOf(opcode)] = environment.routineAddress(opcode.name) ?? 0;
    routinesOf.set(environment, table);
  }
  return table;
}

function writeEnvironment(core: Core, source: FunctionSource, environment: LinkEnvironment, ownsLink: boolean, recordsLocations: boolean): void {
  const { memory, safepoint } = environment;
  const table = routineTable(environment);
  const routines = core.allocate(4 * table.length);
  if (routines === 0) throw noRoom(source.index);
  const values: readonly (readonly [address: number, value: number])[] = [
    [environmentLayout.boundsRoutine, memory?.boundsRoutine ?? 0],
    [environmentLayout.memoryRecord, memory?.record ?? 0],
    [environmentLayout.pageShift, memory?.pageShift ?? 16],
    [environmentLayout.resultBuffer, environment.resultBuffer],
    [environmentLayout.routines, routines],
    [environmentLayout.farRoutines, Number(environment.farRoutines === true)],
    [environmentLayout.safepointService, safepoint?.service ?? 0],
    [environmentLayout.stackLimit, environment.stackLimit],
    [environmentLayout.splitsMisaligned, Number(environment.misaligned === 'split')],
    [environmentLayout.ownsLink, Number(ownsLink)],
    [environmentLayout.functionIndex, source.index],
    [environmentLayout.functionStart, source.start],
    [environmentLayout.recordsLocations, Number(recordsLocations)],
    [environmentLayout.recountsOwners, Number(recounts)],
  ];
  const words = new Int32Array(core.memory.buffer);
  words.set(table, routines >> 2);
  for (const [address, value] of values) words[address >> 2] = value;
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
  [layout.noControlFrame]: 'no control frame at that depth',
  [layout.elseWithoutIf]: 'else without if',
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

function failureOf(core: Core, { index }: FunctionSource, body: readonly Instruction[], outcome: number): FireballError {
  const words = new Int32Array(core.memory.buffer);
  const { op, offset } = body[Math.min(words[layout.instructionIndex >> 2]!, body.length - 1)]!;
  switch (outcome) {
    case layout.noRoom:
      return noRoom(index);
    case layout.unsupported: {
      const unsupported = body[words[layout.internalError >> 2]!]!;
      return new UnsupportedError(unsupported.op, { offset: unsupported.offset, section: 'code' });
    }
    default:
      return refusalOf(core.memory, index) ?? new InternalError(`after ${op} at offset 0x${offset.toString(16)}: ${internalErrorOf(words)}`);
  }
}

/** What else selection has found out. */
function found(core: Core, { body }: Plan): Pick<Selection, 'frame' | 'trapLabels' | 'osrEntries'> {
  const words = new Int32Array(core.memory.buffer);
  const saved = words[masmLayout.frameSaved >> 2]!;
  return {
    frame: {
      saved: Array.from({ length: 32 }, (_, reg) => reg).filter((reg) => ((saved >>> reg) & 1) === 1),
      slotBytes: words[masmLayout.frameSlotBytes >> 2]!,
      savesLink: words[masmLayout.frameSavesLink >> 2] !== 0,
      stackArgumentBytes: words[masmLayout.frameStackArguments >> 2]!,
    },
    trapLabels: trapLabelsOf(words),
    osrEntries: osrLabelsOf(words, body),
  };
}

/** In the order of their first use. */
function trapLabelsOf(words: Int32Array): Map<CodeTrapKind, Label> {
  const labels = new Map<CodeTrapKind, Label>();
  for (let index = 0; index < words[layout.trapCount >> 2]!; index++) {
    const kind = words[(layout.trapOrder >> 2) + index]!;
    labels.set(trapKinds[kind]!, words[(layout.trapLabels >> 2) + kind]!);
  }
  return labels;
}

function osrLabelsOf(words: Int32Array, body: readonly Instruction[]): OsrLabel[] {
  const found: OsrLabel[] = [];
  const end = words[(walkLayout.loopHeaders + usedField) >> 2]!;
  for (let row = words[walkLayout.loopHeaders >> 2]!; row < end; row += walkLayout.headerStride) {
    const index = words[(row + walkLayout.headerIndex) >> 2]!;
    found.push({ wasmOffset: body[index]!.offset, label: words[(row + walkLayout.headerEntry) >> 2]! });
  }
  return found;
}
