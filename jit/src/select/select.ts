import { InternalError, type LocationMap } from '@fireball/contracts';
import { LocationRecorder } from '../debug/recorder.js';
import type { Assembly, Label } from '../expand/assembly.js';
import { Allocator, sameAllocation } from '../plan/allocate.js';
import { needsEntrySafepoint, type FunctionSource } from '../plan/body.js';
import { coldBranches, type BranchProfile } from '../plan/cold-branches.js';
import type { Features } from '../features.js';
import { planFunction } from '../plan/plan.js';
import { wordCount } from '../plan/words.js';
import type { Allocation, Plan } from '../plan/result.js';
import type { TemplateSet } from '../templates/index.js';
import { argumentPlaces, resultRegisterCount } from '../target/arguments.js';
import { trapLabel, type Context } from './context.js';
import { bindThunks } from './bounds-checks.js';
import { findCheckRuns } from './check-runs.js';
import { bindTraps } from './control.js';
import { smallFrame, type LinkEnvironment } from './environment.js';
import { stackUse } from './frame.js';
import type { Frame } from '../target/frame.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { noReg } from '../target/registers.js';
import { checkOsrLoops, emitOsrEntries, type OsrLabel } from './osr.js';
import { emitPrologue } from './prologue.js';
import { bindYields, selectSafepoint } from './safepoint.js';
import { spill } from './spilling.js';
import { FunctionState } from './state.js';
import { RegisterPressure } from './temporaries.js';
import { createMacroAssembler, newAssembly } from '../target/create.js';
import { walk } from './walk.js';

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
 * The forward walk: wasm instructions to placed templates, in one pass over the body after the
 * plan. Returns an assembly that still needs layout and an address.
 * @throws UnsupportedError naming an instruction that is not there yet
 * @throws UsageError where an option names no loop
 */
export function selectFunction(source: FunctionSource, templates: TemplateSet, environment: LinkEnvironment, options: SelectOptions): Selection {
  const masm = newMacroAssembler(source, templates, environment.features);
  const osrLoops = new Set(options.osrLoops);
  const plan = planFunction(source, masm, environment, osrLoops);
  checkOsrLoops(plan, osrLoops);
  const parameterRegs = argumentPlaces(source.type, masm.roles.args).places.map((place) => ('reg' in place ? place.reg : noReg));
  const ownsLink = isLinkFree(source, environment);
  const allocator = new Allocator(plan, masm, parameterRegs, ownsLink);
  let allocation = allocator.allocate(0);
  for (let withheld = 0; ;) {
    try {
      return selectWith(source, newMacroAssembler(source, templates, environment.features), environment, options, osrLoops, plan, allocation);
    } catch (error) {
      if (!(error instanceof RegisterPressure)) throw error;
      const failed = allocation;
      // Where nobody got the registers that are withheld now, selection would fail again in the same way.
      while (sameAllocation(allocation, failed)) {
        if (withheld >= mostWithheld) throw error;
        withheld += 2;
        allocation = allocator.allocate(withheld);
      }
    }
  }
}

/** Nothing but calls needs the link register: no exact check of a growing memory, no safepoint, no far result. */
function isLinkFree({ type }: FunctionSource, { memory, safepoint }: LinkEnvironment): boolean {
  return memory?.fixed !== false && safepoint === undefined && wordCount(type.results) <= resultRegisterCount;
}

function newMacroAssembler(source: FunctionSource, templates: TemplateSet, features: Features): MacroAssembler {
  const assembly = newAssembly(templates);
  const masm = createMacroAssembler(templates, assembly, features);
  masm.wasmOffset = source.start;
  return masm;
}

function selectWith(
  source: FunctionSource,
  masm: MacroAssembler,
  environment: LinkEnvironment,
  options: SelectOptions,
  osrLoops: ReadonlySet<number>,
  plan: Plan,
  allocation: Allocation,
): Selection {
  const {
    assembly,
    roles: { args },
  } = masm;
  const { temps } = allocation;
  const state = new FunctionState(masm, allocation, plan.locals, plan.found.mostValues, spill);
  const context: Context = {
    source,
    plan,
    environment,
    masm,
    state,
    control: [
      {
        op: 'function',
        type: source.type,
        words: 0,
        values: 0,
        label: -1,
        elseLabel: undefined,
        otherwise: undefined,
        targeted: false,
        arriving: undefined,
      },
    ],
    entryLabel: assembly.newLabel(),
    resultRegs: [...args.filter((reg) => temps.includes(reg)), ...temps.filter((reg) => !args.includes(reg))].slice(0, 2),
    index: 0,
    inFlags: undefined,
    composing: false,
    groups: new Map(),
    runs: findCheckRuns(plan, masm, allocation.localRegs, environment),
    trapLabels: new Map(),
    thunks: new Map(),
    osrLoops,
    osrHeaders: [],
    yields: [],
    coldBranches: options.branches === undefined ? new Set() : coldBranches(source, plan, options.branches, masm.forwardTables),
    openRegions: [],
    coldRanges: [],
    outOfLine: [],
  };
  const recorder = options.locations === true ? new LocationRecorder(source, plan, state, assembly) : undefined;
  if (needsEntrySafepoint(plan.body)) selectSafepoint(context);
  walk(context, recorder);
  assembly.moveBehind(context.coldRanges);
  // It grows while it is emptied.
  for (const emit of context.outOfLine) {
    state.forgetTemps();
    emit();
  }
  bindYields(context);
  const { places, stackBytes } = argumentPlaces(source.type, masm.roles.args);
  const frame = frameOf(context, stackBytes);
  // Tail calls with many stack arguments lower sp as a large frame does.
  const overflowBelow = (above: number): Label | undefined =>
    plan.found.hasCalls || stackUse(context, frame, above) > smallFrame ? trapLabel(context, 'call stack exhausted') : undefined;
  const overflow = overflowBelow(0);
  const osrOverflow = context.osrHeaders.length === 0 ? undefined : overflowBelow(frame.stackArgumentBytes);
  bindThunks(context);
  bindTraps(context);
  assembly.finish(
    () => emitPrologue(context, frame, places, overflow),
    (site, wasmOffset) => {
      masm.wasmOffset = wasmOffset;
      masm.placeSite(site, frame);
    },
  );
  const osrEntries = emitOsrEntries(context, frame, osrOverflow);
  if (masm.linkUsed && !frame.savesLink) throw new InternalError('the prologue overwrites the link register');
  const locations = recorder === undefined ? undefined : (): LocationMap => recorder.map(masm, frame);
  return { assembly, plan, allocation, frame, trapLabels: context.trapLabels, osrEntries, locations };
}

function frameOf(context: Context, stackBytes: number): Frame {
  const { state, masm } = context;
  return {
    saved: state.saved.filter((reg) => reg !== masm.roles.link).sort((a, b) => a - b),
    slotBytes: state.slotBytes,
    savesLink: masm.linkUsed,
    stackArgumentBytes: stackBytes,
  };
}
