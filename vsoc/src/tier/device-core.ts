import { InternalError, type Isa } from '@fireball/contracts';
import {
  deviceCoreModule,
  coreTables,
  loadTemplates,
  memoryUseOf,
  prepareCore,
  type CompilerCore,
  type CompilerName,
  type CoreMemoryUse,
  type TemplateSet,
} from '@fireball/jit';
import { functionName, InstructionReader, type ValidatedFunction, type ValidatedModule, type WasmModule } from '@fireball/wasm';
import type { CodeLocation } from '../chip/code-map.js';
import type { Profile } from '../checks/profile.js';
import { SandboxViolationError, type SandboxOptions } from '../checks/sandbox.js';
import { checksOf, compilerModule, type CoreBoundsChecks } from '../export/compiler-module.js';
import { compileOffline, type OfflineCode } from '../export/offline.js';
import type { VsocInstance } from '../runtime/instance/instance.js';
import { Vsoc } from '../vsoc.js';
import { outcomeOf, WorkerFaultError, type WorkerPlace, type WorkStep } from './worker.js';

/** What the host calls of the compiler. */
export type CoreFunction = Exclude<keyof CompilerCore, 'memory' | 'isCounted'>;

/** What a device has for the compiler. */
export interface DeviceCoreOptions {
  /** Core; the virtual SoC's default unless told otherwise. */
  readonly cpu?: string;
  /** Bytes of its memory, whole pages of 64 KiB; 16 MiB unless told otherwise, which is enough for functions of up to 80 KB. */
  readonly memoryBytes?: number;
  /** Every memory access of it is checked. */
  readonly sandbox?: SandboxOptions | undefined;
  /** Of its own accesses; `all` unless told otherwise. */
  readonly boundsChecks?: CoreBoundsChecks;
  /** Counts what it executes. */
  readonly profile?: Profile;
}

/** A bit to change in the compiler's code or tables, as soon as a function of it is called. */
export interface CoreDamage {
  readonly call: CoreFunction;
  /** Among the bits of code and tables, from 0 to 1. */
  readonly place: number;
}

const pageBytes = 0x1_0000;
/** Of its memory. */
const mostMemory = 256 * pageBytes;
/** Stack that nothing has written has this in its words. */
const untouched = 0x5aa5_c33c;

/** A piece of work under way: it has its own view of the core, so that what another one left behind in it does not count. */
interface CoreJob {
  readonly steps: { name: string; instructions: number }[];
  readonly damage: CoreDamage | undefined;
  /** Instructions that it may execute yet. */
  left: number;
  /** And those that a function may begin beyond, so that one that takes just as many returns. */
  readonly spare: number;
  /** Code and tables must be as they were whenever a function of it ends. */
  readonly isChecked: boolean;
  /** A function of the core has ended: by then it has forgotten what it had of other work. */
  hasForgotten: boolean;
  /** Where it is when nothing is left. */
  end: WorkerPlace | undefined;
}

/**
 * The compiler, compiled by itself, on a virtual SoC of its own. The host writes what it knows of a function into the memory, as it
 * does for its own, and looks there for what came of it: the same bytes, of which neither makes a copy.
 */
export class DeviceCore {
  /** For whoever compiles functions. */
  readonly core: CompilerCore;
  /** What was compiled. */
  readonly module: ValidatedModule;
  /** What it executed to get ready. */
  readonly startInstructions: number;
  private readonly vsoc: Vsoc;
  private readonly instance: VsocInstance;
  private readonly image: Image;
  private readonly counts = new Map<CoreFunction, number>();
  private taken = 0;
  private job: CoreJob | undefined;

  constructor(
    private readonly isa: Isa,
    { cpu, memoryBytes = mostMemory, sandbox, boundsChecks = 'all', profile }: DeviceCoreOptions = {},
  ) {
    const pages = memoryBytes / pageBytes;
    this.module = compilerModule(deviceCoreModule(), pages);
    this.vsoc = new Vsoc({
      isa,
      boundsChecks: checksOf(boundsChecks),
      maxPages: pages,
      ...(cpu === undefined ? {} : { cpu }),
      ...(sandbox === undefined ? {} : { sandbox }),
      ...(profile === undefined ? {} : { profile }),
    });
    try {
      this.instance = this.vsoc.instantiate(this.module);
      const [memory] = this.instance.memories;
      if (memory === undefined) throw new InternalError('the core has no memory');
      const functions = [...this.instance.exports].flatMap(([name, { kind }]) =>
        kind === 'function' ? [[name, (...args: number[]) => this.call(name as CoreFunction, args)] as const] : [],
      );
      // At the beginning of a buffer of its own.
      const { buffer } = memory.region().bytes;
      this.core = { memory: { buffer }, isCounted: true, ...Object.fromEntries(functions) } as unknown as CompilerCore;
      this.stack.fill(untouched);
      prepareCore(this.core);
      this.startInstructions = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
      this.image = new Image(this.vsoc, new Uint8Array(buffer));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Compiles functions one by one for `offlineEnvironment`, as the host does beside it.
   * @throws InternalError where the device's code or CRC-32 is not the host's
   */
  *compileSame(
    module: ValidatedModule,
    wanted: (entry: ValidatedFunction, position: number) => boolean,
    templates: TemplateSet = loadTemplates(this.isa),
    compiler?: CompilerName,
  ): Generator<OfflineCode, void> {
    const expected = compileOffline(module, templates, wanted, undefined, compiler);
    for (const made of compileOffline(module, templates, wanted, this.core, compiler)) {
      const { value } = expected.next();
      const { index } = made.source;
      if (value?.code.crc !== made.code.crc || Buffer.compare(value.code.bytes, made.code.bytes) !== 0)
        throw new InternalError(`the device makes other code of function ${index} than the host`);
      yield made;
    }
  }

  /**
   * Begins a piece of work of at most so many instructions, which starts from nothing but tables. Until `endJob`, whatever is called of the returned
   * core that does not end, traps, or leaves a changed image behind is a WorkerFaultError.
   * @param spare instructions that the last function may execute beyond those, so that one that takes just as many returns
   */
  beginJob(mostInstructions: number, damage?: CoreDamage, spare = 0): CompilerCore {
    this.job = { steps: [], damage, left: mostInstructions, spare, isChecked: true, hasForgotten: false, end: undefined };
    this.image.begin();
    this.stack.fill(untouched);
    this.taken = 0;
    return { ...this.core };
  }

  /** What was executed since `beginJob`, in order, repeated calls together. */
  endJob(): readonly WorkStep[] {
    const steps = this.job?.steps ?? [];
    this.job = undefined;
    this.vsoc.execution.fuel = Number.MAX_SAFE_INTEGER;
    return steps;
  }

  /**
   * Where it was after so many instructions of a piece of work, which is done again up to there.
   * @param done what it executed
   * @returns undefined where it does not do the same again
   */
  repeatTo(instructions: number, done: readonly WorkStep[], repeat: (core: CompilerCore) => void, damage?: CoreDamage): WorkerPlace | undefined {
    const place = this.stoppedAt(instructions, done, repeat, damage);
    // A function of it has just returned: what follows is the next one.
    return place?.pc === this.vsoc.exitAddress ? this.stoppedAt(instructions, done, repeat, damage, 1) : place;
  }

  private stoppedAt(
    instructions: number,
    done: readonly WorkStep[],
    repeat: (core: CompilerCore) => void,
    damage: CoreDamage | undefined,
    spare = 0,
  ): WorkerPlace | undefined {
    const core = this.beginJob(instructions, damage, spare);
    outcomeOf(() => repeat(core));
    const end = this.job?.end;
    const steps = this.endJob();
    if (!this.isIntact) this.restart();
    const isSame = steps.every(
      (step, index) => step.name === done[index]?.name && (index === steps.length - 1 || step.instructions === done[index].instructions),
    );
    return isSame ? end : undefined;
  }

  /** Where it was after so many instructions of its start. */
  startedTo(instructions: number): WorkerPlace | undefined {
    const job: CoreJob = { steps: [], damage: undefined, left: instructions, spare: 0, isChecked: false, hasForgotten: false, end: undefined };
    this.job = job;
    this.image.clear();
    outcomeOf(() => prepareCore({ ...this.core }));
    this.endJob();
    this.restart();
    return job.end;
  }

  /** As when it was ready, after a fault: its image is loaded again. */
  restart(): void {
    this.image.load();
  }

  /** Are code and tables what they were in the beginning? */
  get isIntact(): boolean {
    return this.image.isIntact(memoryUseOf(this.core));
  }

  /** Bytes of its machine code, routines that its functions share included. */
  get codeBytes(): number {
    const { codeBytes, routineBytes } = this.instance.lastStatistics;
    return codeBytes + routineBytes;
  }

  /** Executed instructions by what was called, since this was asked last. */
  takeCounts(): ReadonlyMap<CoreFunction, number> {
    const taken = new Map(this.counts);
    this.counts.clear();
    return taken;
  }

  /** Memory in use: `taken` is the most at the end of any call since this was asked last. */
  takeMemoryUse(): CoreMemoryUse {
    const use = { ...memoryUseOf(this.core), taken: this.taken };
    this.taken = 0;
    return use;
  }

  /** Stack that the calls so far needed, or those of the piece of work. */
  get stackBytes(): number {
    const { stack } = this;
    const deepest = stack.findIndex((word) => word !== untouched);
    return deepest < 0 ? 0 : 4 * (stack.length - deepest);
  }

  close(): void {
    this.vsoc.close();
  }

  private get stack(): Int32Array {
    return this.vsoc.dataMemory.stackWords(this.vsoc.map.stack.base);
  }

  private call(name: CoreFunction, args: readonly number[]): number | undefined {
    const { job } = this;
    if (job !== undefined) this.enter(job, name);
    const { trap, results } = this.invoke(name, args);
    if (trap !== null) {
      if (job !== undefined && job.left <= 0) job.end = this.placeOf(job, this.vsoc.cpu.readRegister('pc') >>> 0, this.vsoc.cpu.readRegister('sp') >>> 0);
      throw new WorkerFaultError(`${name} on the device: ${trap.kind}`);
    }
    if (job !== undefined) job.hasForgotten = true;
    if (job?.isChecked === true && !this.isIntact) throw new WorkerFaultError(`code or tables of the compiler were changed before ${name} ended`);
    this.taken = Math.max(this.taken, memoryUseOf(this.core).taken);
    return results[0]?.value as number | undefined;
  }

  private enter(job: CoreJob, name: CoreFunction): void {
    if (job.left <= 0) {
      const { store, dataMemory } = this.vsoc;
      const entered = this.instance.exports.get(name);
      if (entered?.kind === 'function') job.end = this.placeOf(job, store.codeOf(entered), dataMemory.stackTop);
      throw new WorkerFaultError(`${name} is not called any more`);
    }
    this.vsoc.execution.fuel = job.left + job.spare;
    if (name === 'readBody') this.image.keepTables(memoryUseOf(this.core));
    if (name === job.damage?.call) this.image.damage(job.damage.place);
  }

  private placeOf({ hasForgotten }: CoreJob, pc: number, sp: number): WorkerPlace {
    const { codeMap, dataMemory } = this.vsoc;
    const { module } = this.module;
    const found = codeMap.find(pc);
    const { fixed, tables, taken } = memoryUseOf(this.core);
    return {
      pc,
      wasm: found && wasmPlaceOf(module, found),
      memoryBytes: fixed + (hasForgotten ? tables + taken : 0),
      stackBytes: dataMemory.stackTop - sp,
    };
  }

  private invoke(name: CoreFunction, args: readonly number[]): ReturnType<VsocInstance['invoke']> {
    try {
      return this.instance.invoke(
        name,
        args.map((value) => ({ type: 'i32', value: value | 0 })),
      );
    } catch (error) {
      // A crash.
      if (error instanceof InternalError && !(error instanceof SandboxViolationError)) throw new WorkerFaultError(error.message);
      throw error;
    } finally {
      this.note(name, this.instance.lastStatistics.instructions);
    }
  }

  private note(name: CoreFunction, instructions: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + instructions);
    const { job } = this;
    if (job === undefined) return;
    job.left -= instructions;
    const last = job.steps.at(-1);
    if (last?.name === name) last.instructions += instructions;
    else job.steps.push({ name, instructions });
  }
}

/** Names of its functions have their files in front of them. */
function wasmPlaceOf(module: WasmModule, { function: { index }, site: { wasmOffset } }: CodeLocation): WorkerPlace['wasm'] {
  const [, path = '', name = ''] = /^(?:~lib\/)?(.*?)(?:\.js)?\/?([^/]*)$/.exec(functionName(module, index)) ?? [];
  const reader = new InstructionReader(module.bytes, wasmOffset);
  reader.read();
  return { functionName: name, file: path === '' ? undefined : `${path}.ts`, offset: wasmOffset, instruction: reader.op.name };
}

/**
 * Code and tables of the compiler, as they were. They are compared by the host, and that executes nothing: a device has them in flash, with an
 * error-correcting code.
 */
class Image {
  private readonly code: Uint8Array;
  /** Of code memory, when the code was there. */
  private changes: number;
  /** RAM beside the linear memory, and of that what is of fixed size, as they were prepared. */
  private readonly ram: readonly Uint8Array[];
  private readonly fixed: Uint8Array;
  /** Behind it: tables that the host has written for a template set and a module. */
  private tables: Uint8Array | undefined;

  constructor(
    private readonly vsoc: Vsoc,
    private readonly memory: Uint8Array,
  ) {
    const { codeMemory } = vsoc;
    this.code = codeMemory.views().stored.slice();
    this.changes = codeMemory.changes;
    this.ram = vsoc.dataMemory.ram.map(({ bytes }) => bytes.slice());
    this.fixed = memory.slice(0, memoryUseOf({ memory }).fixed);
  }

  load(): void {
    const { codeMemory } = this.vsoc;
    codeMemory.writePhysical(codeMemory.base, this.code);
    codeMemory.flush(codeMemory.base, this.code.length);
    this.changes = codeMemory.changes;
    this.clear();
    this.memory.set(this.fixed);
    this.tables = undefined;
  }

  /** As before it was ever started. */
  clear(): void {
    this.vsoc.dataMemory.ram.forEach(({ bytes }, index) => bytes.set(this.ram[index] ?? []));
    this.memory.fill(0);
  }

  /** Tables as they lie in flash. */
  begin(): void {
    for (const { begin, end } of coreTables) this.memory.set(this.fixed.subarray(begin, end), begin);
    this.tables = undefined;
  }

  /** The host has written its tables. */
  keepTables({ fixed, tables }: CoreMemoryUse): void {
    this.tables = this.memory.slice(fixed, fixed + tables);
  }

  isIntact({ fixed }: CoreMemoryUse): boolean {
    const { codeMemory } = this.vsoc;
    if (codeMemory.changes !== this.changes && Buffer.compare(codeMemory.views().stored, this.code) !== 0) return false;
    if (coreTables.some(({ begin, end }) => Buffer.compare(this.memory.subarray(begin, end), this.fixed.subarray(begin, end)) !== 0)) return false;
    return this.tables === undefined || Buffer.compare(this.memory.subarray(fixed, fixed + this.tables.length), this.tables) === 0;
  }

  /** Changes a bit. */
  damage(place: number): void {
    const pieces = [{ begin: 0, end: this.code.length }, ...coreTables];
    let bit = Math.floor(place * 8 * pieces.reduce((bytes, { begin, end }) => bytes + end - begin, 0));
    for (const [index, { begin, end }] of pieces.entries()) {
      const bits = 8 * (end - begin);
      if (bit < bits) {
        this.change(index === 0, begin + (bit >> 3), 1 << (bit & 7));
        return;
      }
      bit -= bits;
    }
  }

  private change(isCode: boolean, at: number, bit: number): void {
    if (!isCode) {
      this.memory[at] = (this.memory[at] ?? 0) ^ bit;
      return;
    }
    const { codeMemory } = this.vsoc;
    const address = codeMemory.base + at;
    codeMemory.writePhysical(
      address,
      codeMemory.stored(address, 1).map((byte) => byte ^ bit),
    );
    codeMemory.flush(address, 1);
  }
}
