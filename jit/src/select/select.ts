import { InternalError, UnsupportedError } from '@fireball/contracts';
import type { LocationMap } from '../debug/location-map.js';
import { LocationRecorder } from '../debug/recorder.js';
import { Assembly, type Label } from '../expand/assembly.js';
import { allocateRegisters, sameAllocation, type Allocation } from '../plan/allocate.js';
import type { FunctionSource, Instruction } from '../plan/body.js';
import { coldBranches, type BranchProfile } from '../plan/cold-branches.js';
import { familyOf, isRoutine, type PairOperation } from '../plan/ops.js';
import type { Features } from '../features.js';
import { planFunction, type Plan } from '../plan/plan.js';
import type { TemplateSet } from '../templates/index.js';
import { selectAlu, selectDivide, selectRotateLeft, selectUnary } from './arithmetic.js';
import {
  argumentPlaces,
  selectCall,
  selectCallIndirect,
  selectReturnCall,
  selectReturnCallIndirect,
  type ArgumentPlace,
} from './calls.js';
import { selectBetween, selectCompare, selectEqz, selectTest, truthOf } from './compare.js';
import type { Context } from './context.js';
import { trapLabel } from './context.js';
import {
  bindTraps,
  branchOnCondition,
  enterBlock,
  enterIf,
  returnFrom,
  selectBranch,
  selectBranchTable,
  selectElse,
  selectEnd,
  selectUnreachable,
} from './control.js';
import { smallFrame, type LinkEnvironment } from './environment.js';
import { enterFrame, stackUse } from './frame.js';
import type { Frame, Machine, Reg } from './machine.js';
import { selectFloat, selectSign } from './floats.js';
import { noReg } from './machine.js';
import { bindThunks, selectLoad, selectStore } from './memory.js';
import { moveAll } from './moves.js';
import { checkOsrLoops, emitOsrEntries, type OsrLabel } from './osr.js';
import {
  selectExtend,
  selectPairAdd,
  selectPairCompare,
  selectPairEqz,
  selectPairEquality,
  selectPairLogic,
  selectPairMultiply,
  selectPairRotate,
  selectPairShift,
  selectWrap,
} from './pairs.js';
import { bindYields, needsEntrySafepoint, selectSafepoint } from './safepoint.js';
import { selectRecordOperation, selectRuntime } from './runtime.js';
import { selectDrop, selectMemorySize, selectTableSize } from './tables.js';
import { Rv32Machine } from './rv32/machine.js';
import { RegisterPressure } from './temporaries.js';
import { FunctionState } from './state.js';
import { Thumb2Machine } from './thumb2/machine.js';
import { selectGlobalGet, selectGlobalSet, selectLocalGet, selectLocalSet } from './variables.js';
import { zeroLocals } from './zero.js';

/** Withholding more than this leaves no register to withhold. */
const mostWithheld = 8;

export interface Selection {
  readonly assembly: Assembly;
  readonly plan: Plan;
  readonly allocation: Allocation;
  readonly frame: Frame;
  /** Start of each trap stub, by label. */
  readonly trapLabels: ReadonlyMap<string, Label>;
  /** Entries at loops, in the order of their code. */
  readonly osrEntries: readonly OsrLabel[];
  /** Where locals and operands are, if that was asked for; to be called once the code is laid out. */
  readonly locations: (() => LocationMap) | undefined;
}

export interface SelectOptions {
  /** Record where locals and operands are (`LinkedCode.locations`). The code stays the same. */
  readonly locations?: boolean;
  /**
   * Offsets in the module of `loop` instructions at which an interpreter may go on in the code. Loops in code that
   * cannot be reached get no entry.
   */
  readonly osrLoops?: readonly number[];
  /** How often conditions held: what is mostly passed over goes behind the function. */
  readonly branches?: BranchProfile;
}

/**
 * The forward walk: wasm instructions to placed templates, in one pass over the body after the
 * plan. Returns an assembly that still needs layout and an address.
 * @throws UnsupportedError naming an instruction that is not there yet
 * @throws UsageError where an option names no loop
 */
export function selectFunction(
  source: FunctionSource,
  templates: TemplateSet,
  environment: LinkEnvironment,
  options: SelectOptions,
): Selection {
  const machine = newMachine(source, templates, environment.features);
  const osrLoops = new Set(options.osrLoops);
  const plan = planFunction(source, machine, environment, osrLoops);
  checkOsrLoops(plan, osrLoops);
  const parameterRegs = argumentPlaces(source.type, machine.roles.args).places.map((place) => ('reg' in place ? place.reg : noReg));
  const allocate = (withheld: number): Allocation => allocateRegisters(plan, machine, parameterRegs, withheld);
  let allocation = allocate(0);
  for (let withheld = 0; ; ) {
    try {
      return selectWith(source, newMachine(source, templates, environment.features), environment, options, osrLoops, plan, allocation);
    } catch (error) {
      if (!(error instanceof RegisterPressure)) throw error;
      const failed = allocation;
      // Where nobody got the registers that are withheld now, selection would fail again in the same way.
      while (sameAllocation(allocation, failed)) {
        if (withheld >= mostWithheld) throw error;
        withheld += 2;
        allocation = allocate(withheld);
      }
    }
  }
}

function newMachine(source: FunctionSource, templates: TemplateSet, features: Features): Machine {
  const assembly = new Assembly();
  const machine = templates.isa === 'thumb2' ? new Thumb2Machine(templates, assembly, features) : new Rv32Machine(templates, assembly, features);
  machine.wasmOffset = source.start;
  return machine;
}

function selectWith(
  source: FunctionSource,
  machine: Machine,
  environment: LinkEnvironment,
  options: SelectOptions,
  osrLoops: ReadonlySet<number>,
  plan: Plan,
  allocation: Allocation,
): Selection {
  const {
    assembly,
    roles: { args },
  } = machine;
  const { temps } = allocation;
  const state = new FunctionState(machine, allocation, plan.locals, plan.mostValues);
  const context: Context = {
    source,
    plan,
    environment,
    machine,
    state,
    control: [
      {
        op: 'function',
        type: source.type,
        words: 0,
        values: 0,
        label: -1,
        elseLabel: undefined,
        targeted: false,
      },
    ],
    entryLabel: assembly.newLabel(),
    resultRegs: [...args.filter((reg) => temps.includes(reg)), ...temps.filter((reg) => !args.includes(reg))].slice(0, 2),
    index: 0,
    composing: false,
    groups: new Map(),
    trapLabels: new Map(),
    thunks: new Map(),
    osrLoops,
    osrHeaders: [],
    yields: [],
    coldBranches: options.branches === undefined ? new Set() : coldBranches(source, plan.body, options.branches, machine.forwardTables),
    openRegions: [],
    coldRanges: [],
    outOfLine: [],
  };
  const recorder = options.locations === true ? new LocationRecorder(source, plan, state, assembly) : undefined;
  if (needsEntrySafepoint(plan.body)) selectSafepoint(context);
  walk(context, recorder);
  assembly.moveBehind(context.coldRanges);
  for (let next = context.outOfLine.shift(); next !== undefined; next = context.outOfLine.shift()) {
    state.forgetTemps();
    next();
  }
  bindYields(context);
  const { places, stackBytes } = argumentPlaces(source.type, machine.roles.args);
  const frame = frameOf(context, stackBytes);
  // Tail calls with many stack arguments lower sp as a large frame does.
  const overflowBelow = (above: number): Label | undefined =>
    plan.hasCalls || stackUse(context, frame, above) > smallFrame ? trapLabel(context, 'call stack exhausted') : undefined;
  const overflow = overflowBelow(0);
  const osrOverflow = context.osrHeaders.length === 0 ? undefined : overflowBelow(frame.stackArgumentBytes);
  bindThunks(context);
  bindTraps(context);
  assembly.finish(
    () => emitPrologue(context, frame, places, overflow),
    (site, wasmOffset) => {
      machine.wasmOffset = wasmOffset;
      machine.placeSite(site, frame);
    },
  );
  const osrEntries = emitOsrEntries(context, frame, osrOverflow);
  if (machine.linkUsed && !frame.savesLink) throw new InternalError('the prologue overwrites the link register');
  const locations = recorder === undefined ? undefined : (): LocationMap => recorder.map(machine, frame);
  return { assembly, plan, allocation, frame, trapLabels: context.trapLabels, osrEntries, locations };
}

function walk(context: Context, recorder: LocationRecorder | undefined): void {
  const { body } = context.plan;
  let dead = 0;
  for (context.index = 0; context.index < body.length; context.index++) {
    const insn = body[context.index] as Instruction;
    context.machine.wasmOffset = insn.offset;
    if (dead > 0) {
      if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') dead++;
      else if (insn.op === 'end') {
        dead--;
        if (dead === 0 && !selectEnd(context, false)) dead = 1;
      } else if (insn.op === 'else' && dead === 1) {
        selectElse(context, false);
        dead = 0;
      }
      continue;
    }
    recorder?.before(context.index);
    if (step(context, insn)) dead = 1;
  }
}

/** Selects one instruction (and those fused with it). Returns true where the code behind it is unreachable. */
function step(context: Context, insn: Instruction): boolean {
  const { op } = insn;
  const family = familyOf(op);
  switch (family.kind) {
    case 'other':
      return selectOther(context, insn);
    case 'alu':
      if (family.op !== 'and' || !selectTest(context)) selectAlu(context, family.op);
      return false;
    case 'compare':
      selectCompare(context, family.cond);
      return false;
    case 'load':
      selectLoad(context, family.shape, insn.b);
      return false;
    case 'store':
      selectStore(context, family.shape, insn.b);
      return false;
    case 'divide':
      selectDivide(context, family.op);
      return false;
    case 'unary':
      selectUnary(context, family.op);
      return false;
    case 'record':
      selectRecordOperation(context, insn);
      return false;
    case 'sign':
      selectSign(context, family.operation);
      return false;
    case 'reinterpretation':
      return false;
    case 'pair':
    case 'count':
    case 'float':
    case 'routine':
      if (isRoutine(op, context.machine.isa, context.machine.features, context.state.stack.at(-2)?.kind === 'const')) selectRuntime(context, op);
      else if (family.kind === 'pair') selectPair(context, family.operation);
      else if (family.kind === 'count') selectUnary(context, family.op);
      else if (family.kind === 'float') selectFloat(context, family.operation);
      return false;
  }
}

function selectOther(context: Context, insn: Instruction): boolean {
  const { state } = context;
  const { op } = insn;
  switch (op) {
    case 'nop':
      return false;
    case 'i32.const':
      state.pushConst(insn.a);
      return false;
    case 'f32.const':
      state.pushConst(insn.a);
      return false;
    case 'i64.const':
    case 'f64.const':
      state.pushConst(insn.a);
      state.pushConst(insn.b, true);
      return false;
    case 'i32.eqz':
      selectEqz(context);
      return false;
    case 'i32.rotl':
      selectRotateLeft(context);
      return false;
    case 'drop': {
      const entry = state.pop();
      state.releaseEntry(entry);
      if (entry.high) state.releaseEntry(state.pop());
      return false;
    }
    case 'select':
    case 'select_t':
      selectBetween(context, truthOf(context, state.pop()));
      return false;
    case 'local.get':
      selectLocalGet(context, insn.a);
      return false;
    case 'local.set':
    case 'local.tee':
      selectLocalSet(context, insn.a, op === 'local.tee');
      return false;
    case 'global.get':
      selectGlobalGet(context, insn.a);
      return false;
    case 'global.set':
      selectGlobalSet(context, insn.a);
      return false;
    case 'call':
      selectCall(context, insn.a);
      return false;
    case 'call_indirect':
      selectCallIndirect(context, insn.a, insn.b);
      return false;
    case 'return_call':
      selectReturnCall(context, insn.a);
      return true;
    case 'return_call_indirect':
      selectReturnCallIndirect(context, insn.a, insn.b);
      return true;
    case 'ref.null':
      state.pushConst(0);
      return false;
    case 'ref.is_null':
      selectEqz(context);
      return false;
    case 'ref.func':
      state.pushConst(context.environment.slotAddress(insn.a));
      return false;
    case 'table.size':
      selectTableSize(context, insn.a);
      return false;
    case 'memory.size':
      selectMemorySize(context);
      return false;
    case 'data.drop':
      selectDrop(context, context.environment.dataRecord(insn.a));
      return false;
    case 'elem.drop':
      selectDrop(context, context.environment.elementRecord(insn.a));
      return false;
    case 'block':
    case 'loop':
      enterBlock(context, insn);
      return false;
    case 'if':
      enterIf(context, truthOf(context, state.pop()), insn);
      return false;
    case 'else':
      selectElse(context, true);
      return false;
    case 'end':
      selectEnd(context, true);
      return false;
    case 'br':
      selectBranch(context, insn.a);
      return true;
    case 'br_if':
      branchOnCondition(context, truthOf(context, state.pop()), insn);
      return false;
    case 'br_table':
      selectBranchTable(context, insn.targets);
      return true;
    case 'return':
      returnFrom(context);
      return true;
    case 'unreachable':
      selectUnreachable(context);
      return true;
    default:
      throw new UnsupportedError(op, { offset: insn.offset, section: 'code' });
  }
}

function selectPair(context: Context, pair: PairOperation): void {
  switch (pair.kind) {
    case 'add':
      selectPairAdd(context, pair.op);
      return;
    case 'logic':
      selectPairLogic(context, pair.op);
      return;
    case 'multiply':
      selectPairMultiply(context);
      return;
    case 'shift':
      selectPairShift(context, pair.op);
      return;
    case 'rotate':
      selectPairRotate(context, pair.op);
      return;
    case 'equality':
      selectPairEquality(context, pair.op);
      return;
    case 'eqz':
      selectPairEqz(context);
      return;
    case 'compare':
      selectPairCompare(context, pair.op);
      return;
    case 'wrap':
      selectWrap(context);
      return;
    case 'extend':
      if (pair.narrow !== undefined) selectWrap(context);
      if (pair.narrow === 'extend8_s' || pair.narrow === 'extend16_s') selectUnary(context, pair.narrow);
      selectExtend(context, pair.signed);
      return;
  }
}

function frameOf(context: Context, stackBytes: number): Frame {
  const { state, machine } = context;
  return {
    saved: [...state.saved].sort((a, b) => a - b),
    slotBytes: state.slotBytes,
    savesLink: machine.linkUsed,
    stackArgumentBytes: stackBytes,
  };
}

/** Entry sequence: frame, stack check, parameters to their homes, zeroed locals, constants. */
function emitPrologue(context: Context, frame: Frame, places: readonly ArgumentPlace[], overflow: Label | undefined): void {
  const { machine, state, plan, source } = context;
  const { localRegs, constRegs } = state.allocation;
  machine.wasmOffset = source.start;
  machine.bind(context.entryLabel);
  enterFrame(context, frame, 0, overflow);
  // Locals that only unreachable code names may have neither a register nor a slot.
  const isNamed = (word: number): boolean => (plan.localWeights[word] ?? 0) > 0 && state.hasLocalHome(word);
  const moves = places.flatMap((place, word) => {
    const to = localRegs[word] ?? noReg;
    if (!('reg' in place)) return [];
    if (to === noReg) {
      if (isNamed(word)) machine.storeSlot(place.reg, state.localHome(word));
      return [];
    }
    return [{ entry: { kind: 'sum', source: { fixed: place.reg }, c: 0, high: false } as const, reg: to }];
  });
  moveAll(state, moves);
  // The scratch register may be needed for the addresses of far slots.
  const spare = state.allocation.temps[0] ?? machine.scratch;
  places.forEach((place, word) => {
    if (!('stack' in place)) return;
    const to = localRegs[word] ?? noReg;
    if (to === noReg && !isNamed(word)) return;
    const via: Reg = to === noReg ? spare : to;
    machine.loadSlot(via, machine.frameBytes(frame) + place.stack);
    if (to === noReg) machine.storeSlot(via, state.localHome(word));
  });
  zeroLocals(context);
  for (const [constant, reg] of constRegs) machine.loadConst(reg, constant);
}
