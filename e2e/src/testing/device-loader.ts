import { InternalError, type CpuBackend, type Isa, type RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, hostCallPlan, loadTemplates, wordCount, type CompilerName, type MisalignedAccess } from '@fireball/jit';
import { buildCoreImage, defaultCpu } from '@fireball/vsoc';
import type { FunctionType } from '@fireball/wasm';

/** Where things lie: the compiler's RAM is at `coreBase`. Modules may have 1 MiB. */
const flashBase = 0x0800_0000;
const flashBytes = 0x40_0000;
const moduleBase = flashBase + 0x10_0000;
const moduleStride = 0x10_0000;
const coreBase = 0x2000_0000;
const coreBytes = 0x40_0000;
const ramBase = 0x3000_0000;
const stackTop = ramBase + 0x4_0000;
const stackLimit = ramBase + 0x2000;
/** Of another task, which compiles. */
const taskStackTop = stackLimit - 0x400;
const codeAt = stackTop;
const codeBytes = 0x4_0000;
const roomAt = codeAt + codeBytes;
const roomBytes = 0x10_0000;
const memoryAt = roomAt + roomBytes;
const memoryBytes = 0x10_0000;
/** As much of that as modules have unless told otherwise: it is zeroed for each. */
const usualMemoryBytes = 0x4_0000;
/** What firmware has beside that, for modules that import it. */
const externsAt = memoryAt + memoryBytes;
const externsBytes = 0x8_0000;
/** Addresses of `struct fireball_setup` and `struct fireball_program` of the first program, of `struct fireball_code`, and words of these. */
const firstSetup = ramBase;
const setupBytes = 0x100;
const programStride = 0x200;
const mostPrograms = 3;
const madeAt = firstSetup + programStride * mostPrograms;
const slotsWord = 4;
const resultBufferWord = 11;
const offsetWord = 18;
const entriesWord = 3;
/** Firmware's `hot` begins here: the host is asked. */
const hotAt = flashBase + flashBytes - 16;
/** Where code returns to that the host has called within a call. */
const nestedAt = hotAt + 8;
/** Where firmware is asked for functions, and for other things, that modules import; and a function without parameters on the stack that returns at once. */
const importAt = hotAt - 16;
const externAt = hotAt - 8;
const returnAt = hotAt - 24;

/** As the headers have them (vsoc/guest/core). */
const outcomes = [
  'done',
  'too large',
  'unsupported',
  'too much code',
  'failed',
  'not verified',
  'unnamed',
  'trapped',
  'not ready',
  'invalid',
  'out of bounds',
  'not found',
  'incompatible',
] as const;

type Outcome = (typeof outcomes)[number];

export interface LoadOutcome {
  readonly outcome: Outcome;
  /** Where the module is refused. */
  readonly offset: number;
  readonly instructions: number;
}

/** Kinds of imports as the binary format numbers them, and as `struct fireball_import` has them. */
const importKinds = ['function', 'table', 'memory', 'global'] as const;

/** What a module imports. */
export interface Wanted {
  readonly module: string;
  readonly name: string;
  readonly kind: (typeof importKinds)[number];
  /** As `struct fireball_import` has them. */
  readonly valueType: number;
  readonly isMutable: number;
  readonly least: number;
  readonly most: number;
  readonly pageBytes: number;
}

interface LoadSettings {
  /** Address of the code of a function, or of a `struct fireball_extern`; 0 where there is none. Nothing is there unless told otherwise. */
  readonly imports?: (wanted: Wanted) => number;
  /** The program that was loaded before stays, and is `before` this one where that is `row`. This one has no memory of its own. */
  readonly beside?: 'alone' | 'row';
  /** May somebody else than the module let its memory grow? */
  readonly memoryGrows?: boolean;
  /** Bytes for tables and for the linear memory; much unless told otherwise. */
  readonly room?: number;
  readonly memory?: number;
  /** By how many elements tables may grow; 16 unless told otherwise. */
  readonly tableGrowth?: number;
  /** After so many calls of a function, and arrivals at a loop, it is compiled; never unless told otherwise. */
  readonly calls?: number;
  readonly arrivals?: number;
  /** So many instructions go by between `hot` and compilation, which is another task's then; 0 unless told otherwise: it is done within `hot`. */
  readonly delay?: number;
}

interface CallResult {
  readonly trapped: boolean;
  readonly low: number;
  readonly high: number;
  readonly instructions: number;
}

/** A function that became native. */
interface Compiled {
  readonly function: number;
  readonly outcome: Outcome;
  /** At how many loops its code can be entered. */
  readonly entries: number;
}

/** What `compile-core --interpreter` makes, on an emulated core without anything else: modules are made ready and run by its interpreter, and compiled by its compiler where that is asked for. */
export class DeviceLoader {
  /** Since the module was loaded. */
  readonly compiled: Compiled[] = [];
  /** How many instructions of the module's native code were executed since then. */
  nativeInstructions = 0;
  private placed = 0;
  /** How many programs are there beside the one that was loaded last. */
  private others = 0;
  private imports: (wanted: Wanted) => number = () => 0;
  private codeUsed = 0;
  private delay = 0;
  /** Functions that wait for the other task. */
  private readonly noted: number[] = [];
  private readonly cpu: CpuBackend;
  private readonly entries: ReadonlyMap<string, number>;
  private readonly flash: Uint8Array;
  private readonly ram: Uint8Array;
  private readonly words: DataView;

  constructor(
    private readonly isa: Isa,
    { misaligned = 'hw', compiler = 'optimizing' }: { readonly misaligned?: MisalignedAccess; readonly compiler?: CompilerName } = {},
  ) {
    const image = buildCoreImage({ isa, misaligned, compiler, interpreter: true, ram: { base: coreBase, size: coreBytes } });
    this.cpu = createCpu({ isa, cpu: defaultCpu[isa] });
    this.flash = this.cpu.mapRam(flashBase, flashBytes, { read: true, write: false, execute: true });
    const exit = exitRoutine(loadTemplates(isa));
    for (const at of [flashBase, hotAt, nestedAt, importAt, externAt]) this.flash.set(exit.linkAt(at), at - flashBase);
    this.flash.set(isa === 'thumb2' ? [0x70, 0x47] : [0x82, 0x80], returnAt - flashBase);
    this.flash.set(image.bytes, 16);
    this.entries = new Map([...image.entries].map(([name, offset]) => [name, flashBase + 16 + offset]));
    this.cpu.mapRam(coreBase, coreBytes, { read: true, write: true, execute: false });
    this.ram = this.cpu.mapRam(ramBase, externsAt + externsBytes - ramBase, { read: true, write: true, execute: true });
    this.words = new DataView(this.ram.buffer, this.ram.byteOffset, this.ram.length);
    this.cpu.countRange(codeAt, codeAt + codeBytes);
  }

  load(
    module: Uint8Array,
    {
      room = roomBytes,
      memory = usualMemoryBytes,
      tableGrowth = 16,
      calls = 0,
      arrivals = 0,
      delay = 0,
      imports = () => 0,
      memoryGrows = false,
      beside,
    }: LoadSettings = {},
  ): LoadOutcome {
    this.cpu.invalidateCode(ramBase, this.ram.length);
    this.compiled.length = this.noted.length = this.codeUsed = this.nativeInstructions = 0;
    this.delay = delay;
    this.imports = imports;
    this.others = beside === undefined ? 0 : this.others + 1;
    const { setupAt, programAt } = this;
    const wasmAt = moduleBase + this.others * moduleStride;
    this.flash.set(module, wasmAt - flashBase);
    const begin = this.others * Math.floor(roomBytes / mostPrograms / 16) * 16;
    const setup = [
      wasmAt,
      module.length,
      roomAt + begin,
      Math.min(room, roomBytes - begin),
      memoryAt,
      this.others === 0 ? memory : 0,
      tableGrowth,
      stackLimit,
      0,
      calls,
      arrivals,
      ...[hotAt, importAt, externAt].map((at) => this.codeWord(at)),
      beside === 'row' ? programAt - programStride : 0,
      Number(memoryGrows),
    ];
    this.ram.fill(0, setupAt - ramBase, setupAt - ramBase + programStride);
    setup.forEach((word, index) => {
      this.words.setUint32(setupAt - ramBase + 4 * index, word, true);
    });
    const { trapped, low, instructions } = this.callFirmware('fireball_program_load', [programAt, setupAt]);
    const outcome = outcomes[low];
    if (trapped || outcome === undefined) throw new InternalError('fireball_program_load did not return');
    if (outcome === 'done' && calls + arrivals > 0) {
      for (const [name, ...args] of [['fireball_core_init'], ['fireball_core_module', programAt]] as const) {
        const { low } = this.callFirmware(name, args);
        if (low !== 0) throw new InternalError(`${name}: ${outcomes[low] ?? low}`);
      }
    }
    return { outcome, offset: this.programWord(offsetWord), instructions };
  }

  /** Lays words down where they stay, at a multiple of 16; with so many bytes behind them, zeroed. Returns where. */
  place(words: readonly number[], bytes = 0): number {
    const at = externsAt + this.placed;
    this.placed += (4 * words.length + bytes + 15) & ~15;
    if (this.placed > externsBytes) throw new InternalError('no room for what modules import');
    this.ram.fill(0, at - ramBase, externsAt + this.placed - ramBase);
    words.forEach((word, index) => {
      this.setWord(at + 4 * index, word);
    });
    return at;
  }

  /** Nothing of that stays. */
  clear(): void {
    this.placed = 0;
  }

  word(address: number): number {
    return this.words.getUint32(address - ramBase, true);
  }

  setWord(address: number, word: number): void {
    this.words.setUint32(address - ramBase, word, true);
  }

  /** Address of a function that returns, for imports. */
  get returning(): number {
    return this.codeWord(returnAt);
  }

  /** Words of `struct fireball_module`: the records of the memory and of the first table. */
  get memoryRecord(): number {
    return this.programWord(9);
  }

  get firstTable(): number {
    return this.word(this.programWord(7));
  }

  /** Has the module a bounds routine, because its memory may grow? */
  get hasBounds(): boolean {
    return this.programWord(10) !== 0;
  }

  /** Calls a function of the module that was loaded last, with argument words for registers. */
  call(functionIndex: number, args: readonly number[] = []): CallResult {
    return this.run(this.codeOf(functionIndex), args);
  }

  /** The same with the words of all its arguments, and of all its results; undefined where it trapped. */
  invoke(functionIndex: number, type: FunctionType, words: readonly number[]): number[] | undefined {
    const plan = hostCallPlan(type, this.isa);
    const sp = stackTop - plan.stackBytes;
    plan.arguments.forEach((place, index) => {
      const word = words[index] ?? 0;
      if ('register' in place) this.cpu.writeRegister(place.register, word);
      else this.words.setUint32(sp + place.stack - ramBase, word, true);
    });
    const { trapped } = this.run(this.codeOf(functionIndex), [], sp);
    if (trapped) return undefined;
    const buffer = this.programWord(resultBufferWord);
    return Array.from({ length: wordCount(type.results) }, (_, index) => {
      const register = plan.results[index];
      return register === undefined ? this.words.getUint32(buffer - ramBase + 4 * (index - plan.results.length), true) : this.cpu.readRegister(register) >>> 0;
    });
  }

  close(): void {
    this.cpu.close();
  }

  private codeWord(address: number): number {
    return this.isa === 'thumb2' ? address | 1 : address;
  }

  private codeOf(functionIndex: number): number {
    const slot = this.programWord(slotsWord) + 8 * functionIndex;
    return this.words.getUint32(slot - ramBase, true) & -2;
  }

  private programWord(index: number): number {
    return this.word(this.programAt + 4 * index);
  }

  private register(index: number): string {
    return `${this.isa === 'thumb2' ? 'r' : 'a'}${index}`;
  }

  private get setupAt(): number {
    return firstSetup + this.others * programStride;
  }

  private get programAt(): number {
    return this.setupAt + setupBytes;
  }

  private wantedAt(address: number): Wanted {
    const text = (at: number): string => Buffer.from(this.cpu.readMemory(this.word(at), this.word(at + 4))).toString();
    const word = (index: number): number => this.word(address + 4 * index);
    return {
      module: text(address),
      name: text(address + 8),
      kind: importKinds[word(4)]!,
      valueType: word(6),
      isMutable: word(7),
      least: word(8),
      most: word(9),
      pageBytes: word(10),
    };
  }

  private get link(): string {
    return this.isa === 'thumb2' ? 'lr' : 'ra';
  }

  private callFirmware(name: string, args: readonly number[]): CallResult {
    return this.run(this.entries.get(name)!, args);
  }

  private run(at: number, args: readonly number[], sp = stackTop): CallResult {
    const { cpu } = this;
    args.forEach((value, index) => {
      cpu.writeRegister(this.register(index), value);
    });
    cpu.writeRegister('sp', sp);
    cpu.writeRegister(this.link, this.codeWord(flashBase));
    let instructions = 0;
    for (let next = at >>> 0; ;) {
      const { reason, pc, executed, executedInRange } = this.step(next, this.noted.length > 0 ? this.delay : undefined);
      instructions += executed;
      this.nativeInstructions += executedInRange;
      if (reason.kind === 'budget') {
        next = pc;
        for (const functionIndex of this.noted.splice(0)) this.makeNative(functionIndex, taskStackTop);
      } else if (pc === importAt || pc === externAt) {
        next = (cpu.readRegister(this.link) & -2) >>> 0;
        cpu.writeRegister(this.register(0), this.imports(this.wantedAt(cpu.readRegister(this.register(0)) >>> 0)));
      } else if (pc === hotAt) {
        next = (cpu.readRegister(this.link) & -2) >>> 0;
        const functionIndex = cpu.readRegister(this.register(1));
        if (this.delay > 0) this.noted.push(functionIndex);
        else this.makeNative(functionIndex);
      } else return { trapped: pc !== flashBase, low: cpu.readRegister(this.register(0)) >>> 0, high: cpu.readRegister(this.register(1)) >>> 0, instructions };
    }
  }

  /** @param budget instructions after which it may end in the middle */
  private step(at: number, budget?: number): RunResult {
    const result = this.cpu.run(at, budget ?? 1e9);
    const { reason, pc } = result;
    if (budget !== undefined && reason.kind === 'budget') return result;
    if (reason.kind !== 'invalid-instruction' && reason.kind !== 'breakpoint')
      throw new InternalError(`the device ended with ${reason.kind} at 0x${pc.toString(16)}`);
    return result;
  }

  /** What firmware does when a function is hot: within the call that was one too many, on its stack, or on another one. */
  private makeNative(functionIndex: number, sp?: number): void {
    const { cpu } = this;
    const saved = cpu.saveState();
    if (sp !== undefined) cpu.writeRegister('sp', sp);
    const call = (name: string, ...args: readonly number[]): Outcome => {
      args.forEach((value, index) => {
        cpu.writeRegister(this.register(index), value);
      });
      cpu.writeRegister(this.link, this.codeWord(nestedAt));
      const { pc } = this.step(this.entries.get(name)!);
      const outcome = outcomes[cpu.readRegister(this.register(0))];
      if (pc !== nestedAt || outcome === undefined) throw new InternalError(`${name} did not return`);
      return outcome;
    };
    const made = (word: number): number => this.words.getUint32(madeAt - ramBase + 4 * word, true);
    const into = codeAt + this.codeUsed;
    let outcome = call('fireball_program_compile', this.programAt, functionIndex, madeAt);
    if (outcome === 'done' && made(0) > codeBytes - this.codeUsed) outcome = 'too large';
    if (outcome === 'done') outcome = call('fireball_core_place', into, madeAt);
    if (outcome === 'done') {
      this.codeUsed += (made(0) + 3) & ~3;
      cpu.invalidateCode(into, made(0));
      call('fireball_program_install', this.programAt, functionIndex, into);
    }
    this.compiled.push({ function: functionIndex, outcome, entries: made(entriesWord) });
    cpu.restoreState(saved);
  }
}
