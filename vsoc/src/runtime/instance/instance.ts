import { UsageError } from '@fireball/contracts';
import type { BoundsChecks, LinkedCode } from '@fireball/jit';
import { opcodeOfByte, type FunctionType, type ValidatedModule } from '@fireball/wasm';
import type { CallCounts, CallResult, GuestCalls } from '../calls.js';
import type { VsocExtern, VsocFunction, VsocGlobal, VsocTable } from '../externs.js';
import type { Interpreter } from '../interpreter/interpreter.js';
import type { Program, ProgramBytes } from '../interpreter/program.js';
import type { HostCall } from '../host-functions.js';
import type { VsocMemory } from '../linear-memory.js';
import type { Sandbox } from '../../checks/sandbox.js';
import { jitBuiltin, jitModule, type JitControl } from '../../tier/jit-control.js';
import type { MixedMode } from '../../tier/mixed.js';
import { MixedInstance } from '../../tier/mixed-instance.js';
import { InstantiationTrap, type VsocTrap } from '../traps.js';
import type { VsocValue } from '../values.js';
import { IndexSpaces, type VsocResolver } from './index-spaces.js';
import { InstanceCode } from './instance-code.js';
import { Linkage, type LinkTarget } from './linkage.js';
import { Segments, type ConstantData } from './segments.js';

/** What an instance lives on. */
interface InstanceSystem extends LinkTarget {
  /** Absent where functions are compiled. */
  readonly interpreter: Interpreter | undefined;
  /** Present where functions become native while the system runs. */
  readonly mixed: MixedMode | undefined;
  readonly sandbox: Sandbox | undefined;
  readonly jit: JitControl;
  readonly calls: GuestCalls;
  createHostFunction(type: FunctionType, call: HostCall): VsocFunction;
}

/** What one call cost. */
export interface CallStatistics {
  /** Guest instructions that the call executed, runtime routines included. */
  readonly instructions: number;
  /** Of those, the ones retired in sealed code memory: proof that compiled code ran. */
  readonly nativeInstructions: number;
  /** The ones of the interpreter in ROM: proof that it ran. Routines that it calls are not among them. */
  readonly interpreterInstructions: number;
  /** Bytes of the module's compiled functions, trap stubs and in-code tables included. */
  readonly codeBytes: number;
  /** Bytes of the routines in code memory that those functions share. */
  readonly routineBytes: number;
  /** Of an interpreter in ROM: bytes of the module's code in flash, and of the tables that it needs beside them. */
  readonly wasmCodeBytes: number;
  readonly tableBytes: number;
  readonly compiledFunctions: number;
  /** Functions that could not be compiled and ran otherwise. */
  readonly fallbacks: number;
}

/** How a call ended, and what it cost. */
export type CallOutcome = { readonly statistics: CallStatistics } & (
  { readonly results: readonly VsocValue[]; readonly trap: null } | { readonly results: readonly []; readonly trap: VsocTrap }
);

/** A module whose functions run on the virtual SoC, as machine code or interpreted, with its data in guest RAM. */
export class VsocInstance {
  readonly functions: readonly VsocFunction[];
  readonly tables: readonly VsocTable[];
  readonly memories: readonly VsocMemory[];
  readonly globals: readonly VsocGlobal[];
  readonly exports: ReadonlyMap<string, VsocExtern>;
  private readonly spaces: IndexSpaces;
  private readonly segments: Segments;
  private readonly linkage: Linkage;
  /** Present where functions are compiled. */
  private readonly compiled: InstanceCode | undefined;
  /** Present where functions are interpreted. */
  private readonly program: Program | undefined;
  private readonly mixed: MixedInstance | undefined;

  /**
   * @throws LinkError where an import is not found or does not fit
   * @throws InstantiationTrap where a segment does not fit, or the start function traps
   * @internal `Vsoc.instantiate` makes them
   */
  constructor(
    private readonly system: InstanceSystem,
    private readonly validated: ValidatedModule,
    resolve: VsocResolver,
    boundsChecks: BoundsChecks,
  ) {
    const { module } = validated;
    const { dataMemory, store, interpreter, mixed } = system;
    const spaces = new IndexSpaces(store, dataMemory, validated, (from, name) => resolve(from, name) ?? this.builtin(from, name));
    this.spaces = spaces;
    ({ functions: this.functions, tables: this.tables, memories: this.memories, globals: this.globals, exports: this.exports } = spaces);
    this.segments = new Segments(dataMemory, module, spaces);
    const linkage = new Linkage(system, validated, spaces, this.segments, boundsChecks);
    this.linkage = linkage;
    if (interpreter === undefined) {
      this.compiled = new InstanceCode({
        target: system,
        validated,
        spaces,
        linkage,
        allPlaced: () => system.sandbox?.placed(this),
        freed: ({ address, size }) => system.sandbox?.removed(address, size),
      });
      this.compiled.compileAll();
    } else {
      this.program = this.interpretAll(interpreter);
      if (mixed !== undefined) {
        this.mixed = new MixedInstance({ target: system, cache: mixed.cache, validated, program: this.program, spaces, linkage });
        mixed.add(this.mixed);
      }
    }
    this.segments.applyActive();
    if (module.start !== undefined) {
      const { trap } = this.call(module.start, []);
      if (trap !== null) throw new InstantiationTrap(trap);
    }
  }

  /** What every instance can import without anybody giving it. */
  private builtin(from: string, name: string): VsocFunction | undefined {
    if (from !== jitModule) return undefined;
    const found = jitBuiltin(this.system.jit, name, (index) => this.functions[index]);
    return found === undefined ? undefined : this.system.createHostFunction(found.type, found.call);
  }

  private interpretAll(interpreter: Interpreter): Program {
    const { system, validated, spaces, segments } = this;
    const program = interpreter.install({
      validated,
      functions: spaces.functions,
      globals: spaces.globals.map(({ cell }) => cell),
      tables: spaces.tables.map(({ record }) => record),
      data: segments.dataRecords,
      elements: segments.elementRecords,
      memory: spaces.memories[0]?.record,
      typeNumber: (type) => system.store.typeNumber(type),
    });
    if (system.mixed === undefined && system.safepoints.place !== undefined) program.countEndlessly();
    validated.functions.forEach(({ index }, position) => system.store.setCode(spaces.slotOf(index), program.entryOf(position)));
    return program;
  }

  /** Calls an exported function. */
  invoke(name: string, args: readonly VsocValue[]): CallOutcome {
    const found = this.validated.module.exports.find((entry) => entry.name === name && entry.kind === 'function');
    if (found === undefined) throw new UsageError(`no exported function "${name}"`);
    return this.call(found.index, args);
  }

  private call(index: number, args: readonly VsocValue[]): CallOutcome {
    return this.outcomeOf(this.system.calls.call(this.spaces.functionAt(index), args));
  }

  /**
   * Goes on in the code of a function with an activation that an interpreter has brought to the header of the loop at
   * `wasmOffset`. The frame holds locals, then operands, two words each; references are the guest's.
   */
  enterLoop(index: number, wasmOffset: number, frame: Int32Array): CallOutcome {
    const callee = this.functions[index];
    const entry = this.compiled?.loopEntry(index, wasmOffset);
    if (callee === undefined || entry === undefined) {
      throw new UsageError(`function ${index} has no entry for a loop at offset 0x${wasmOffset.toString(16)}`);
    }
    return this.outcomeOf(this.system.calls.callLoop(entry, callee.type.results, frame));
  }

  private outcomeOf(result: CallResult): CallOutcome {
    const { results, trap } = result;
    const statistics = this.statisticsOf(result);
    return trap === null ? { statistics, results, trap } : { statistics, results: [], trap };
  }

  /** What the last call on the virtual SoC cost, even one that a function of the host left by throwing. */
  get lastStatistics(): CallStatistics {
    return this.statisticsOf(this.system.calls.lastCounts);
  }

  private statisticsOf({ instructions, nativeInstructions, interpreterInstructions }: CallCounts): CallStatistics {
    return {
      instructions,
      nativeInstructions,
      interpreterInstructions,
      codeBytes: this.codeBytes,
      routineBytes: this.linkage.routineBytes,
      wasmCodeBytes: this.program?.bytes.code ?? 0,
      tableBytes: this.program?.tableBytes ?? 0,
      compiledFunctions: this.mixed?.nativeFunctions ?? this.code.length,
      fallbacks: 0,
    };
  }

  get codeBytes(): number {
    return this.mixed?.codeBytes ?? this.compiled?.bytes ?? 0;
  }

  /** What the interpreter keeps of this instance; undefined where functions are compiled. */
  get interpretedBytes(): ProgramBytes | undefined {
    return this.program?.bytes;
  }

  /** Machine code of each function with a body, in order, for listings; empty where functions are interpreted. */
  get code(): readonly LinkedCode[] {
    return this.compiled?.functions ?? [];
  }

  /** Where each compiled function begins, with its type. */
  get entryPoints(): { readonly begin: number; readonly type: FunctionType }[] {
    return this.compiled?.entryPoints ?? [];
  }

  /** Records of the segments, which dropping them writes. */
  get segmentRecords(): readonly number[] {
    return [...this.segments.dataRecords, ...this.segments.elementRecords];
  }

  /** Guest memory that routines read: contents of passive segments, pairs of records. */
  get constantData(): readonly ConstantData[] {
    return [...this.segments.contents, ...this.linkage.descriptors.pairs];
  }

  /** Is the wasm instruction at this offset of the module a load or store? */
  isMemoryAccess(wasmOffset: number): boolean {
    return opcodeOfByte(this.validated.module.bytes[wasmOffset] ?? 0)?.immediates === 'memarg';
  }

  /** The memory's bytes as they are now. */
  memory(index: number): Uint8Array {
    const memory = this.memories[index];
    if (memory === undefined) throw new UsageError(`no memory ${index}`);
    return memory.bytes;
  }

  global(index: number): VsocValue {
    const global = this.globals[index];
    if (global === undefined) throw new UsageError(`no global ${index}`);
    return this.system.store.globalValue(global);
  }
}
