import { formatCount, InternalError, type Isa } from '@fireball/contracts';
import { deviceCoreModule, loadTemplates, prepareCore, type CompilerCore } from '@fireball/jit';
import { compileOffline, createVsoc, defaultMixedOptions, DeviceCore, jitStatus, type Vsoc, type VsocInstance } from '@fireball/vsoc';
import type { ValidatedModule } from '@fireball/wasm';
import type { Workload } from './workloads.js';

/** The compiler, arranged in one way on a device. */
export interface CoreArrangement {
  readonly name: string;
  /** Bytes of it: machine code or module, tables for the interpreter, code in RAM. */
  readonly flash: number;
  readonly tables: number;
  readonly codeRam: number;
  /** Instructions until it can compile as it does then. */
  readonly warmUp: number;
  /** Of each workload's function, in order. */
  readonly compiling: readonly number[];
}

/** The compiler as machine code in flash, as a module that is interpreted, and as one that has compiled itself. */
export interface CoreArrangements {
  readonly target: Isa;
  readonly arrangements: readonly CoreArrangement[];
  /** Functions that it compiled of itself, and has. */
  readonly compiled: number;
  readonly functions: number;
}

const { callThreshold, loopThreshold, workerMemory } = defaultMixedOptions;

/** The compiler on a virtual SoC of its own where its functions are interpreted, until they are made native one by one. */
class LazyCore {
  private readonly vsoc: Vsoc;
  private readonly instance: VsocInstance;
  readonly core: CompilerCore;
  private executed = 0;

  constructor(isa: Isa, module: ValidatedModule) {
    // What is asked for waits: who compiles it is the compiler itself, and the host only puts it there.
    const mixed = { worker: 'host', costPerByte: 1e9, budget: 0x10_0000, queueLength: module.functions.length } as const;
    this.vsoc = createVsoc({ isa, tier: 'mixed', maxPages: workerMemory / 0x1_0000, mixed });
    this.instance = this.vsoc.instantiate(module);
    const [memory] = this.instance.memories;
    const { buffer } = memory!.region().bytes;
    const functions = [...this.instance.exports].flatMap(([name, { kind }]) =>
      kind === 'function' ? [[name, (...args: number[]) => this.call(name, args)] as const] : [],
    );
    this.core = { memory: { buffer }, isCounted: true, ...Object.fromEntries(functions) } as unknown as CompilerCore;
  }

  private call(name: string, args: readonly number[]): number | undefined {
    const { trap, results, statistics } = this.instance.invoke(
      name,
      args.map((value) => ({ type: 'i32', value: value | 0 })),
    );
    if (trap !== null) throw new InternalError(`${name} of the compiler: ${trap.kind}`);
    this.executed += statistics.instructions;
    return results[0]?.value as number | undefined;
  }

  /** Instructions that `work` executes. */
  count(work: () => void): number {
    const before = this.executed;
    work();
    return this.executed - before;
  }

  /** Index of the function that waits longest among those that are hot. */
  get hot(): number | undefined {
    return this.vsoc.mixed?.progress.find(({ state }) => state === 'compiling')?.index;
  }

  makeNative(index: number): void {
    if (this.vsoc.jit.compile(this.instance.functions[index]) !== jitStatus.native)
      throw new InternalError(`function ${index} of the compiler did not become native`);
  }

  get codeBytes(): number {
    return this.vsoc.mixed?.cache.bytes ?? 0;
  }

  get tableBytes(): number {
    return this.instance.lastStatistics.tableBytes;
  }

  close(): void {
    this.vsoc.close();
  }
}

/**
 * Compiles the functions of the workloads by each.
 * @throws InternalError where the code is not what the host makes
 */
export function measureCoreArrangements(target: Isa, workloads: readonly Workload[]): CoreArrangements {
  const built = new DeviceCore(target, { memoryBytes: workerMemory });
  const { module, codeBytes, startInstructions } = built;
  const lazy = new LazyCore(target, module);
  try {
    const guests = workloads.map(({ loaded: { validated }, index }) => ({ module: validated, index }));
    built.takeCounts();
    const machine = guests.map((guest) => {
      compileSame(target, guest, built.core);
      return [...built.takeCounts().values()].reduce((sum, count) => sum + count, 0);
    });
    const start = lazy.count(() => prepareCore(lazy.core));
    const interpreted = guests.map((guest) => lazy.count(() => compileSame(target, guest, lazy.core)));
    const tables = lazy.tableBytes;
    let compiled = 0;
    let itself = 0;
    for (let index = lazy.hot; index !== undefined; index = lazy.hot, compiled++) {
      const own = { module, index };
      itself += lazy.count(() => compileSame(target, own, lazy.core));
      lazy.makeNative(index);
    }
    const afterwards = guests.map((guest) => lazy.count(() => compileSame(target, guest, lazy.core)));
    // Nobody needs the names of its functions there.
    const names = module.module.customSections.reduce((bytes, { content: { start, end } }) => bytes + end - start, 0);
    const asModule = { flash: deviceCoreModule().length - names, tables };
    return {
      target,
      compiled,
      functions: module.functions.length,
      arrangements: [
        { name: 'machine code', flash: codeBytes, tables: 0, codeRam: 0, warmUp: startInstructions, compiling: machine },
        { name: 'module, interpreted', ...asModule, codeRam: 0, warmUp: start, compiling: interpreted },
        { name: 'module, compiled by itself', ...asModule, codeRam: lazy.codeBytes, warmUp: itself, compiling: afterwards },
      ],
    };
  } finally {
    built.close();
    lazy.close();
  }
}

/** Compiles, links and verifies a function. */
function compileSame(target: Isa, { module, index }: { readonly module: ValidatedModule; readonly index: number }, core: CompilerCore): void {
  const [made, expected] = [core, undefined].map((by) => [...compileOffline(module, loadTemplates(target), (entry) => entry.index === index, by)][0]?.code.crc);
  if (made === undefined || made !== expected) throw new InternalError(`the compiler on the device makes other code of function ${index} than the host`);
}

/** The section of the acceptance page. */
export function arrangementsSection(measured: readonly CoreArrangements[], workloads: readonly Workload[]): string[] {
  return [
    '## The compiler as machine code, or as a module',
    '',
    'In all other tables the compiler lies in flash as machine code, made with the firmware. It could be there as the module of WebAssembly that it is, and run as other modules do: by the interpreter in ROM,',
    `with tables of its own, until its functions are hot (${callThreshold} calls, or ${loopThreshold} rounds of a loop), and then natively, by code that it makes of itself, one function after the other, in RAM. *Flash* is its code or`,
    "the module, *tables* are the interpreter's. *Warm-up* is what it executes to get ready; of the last row, to compile its hot functions after those of the columns behind it, which are instructions to compile, patch and verify the functions above.",
    '',
    `| target | compiler | flash | tables | code in RAM | warm-up | ${workloads.map(({ name }) => name).join(' | ')} |`,
    `| --- | --- |${' ---: |'.repeat(4 + workloads.length)}`,
    ...measured.flatMap(({ target, arrangements }) =>
      arrangements.map(({ name, flash, tables, codeRam, warmUp, compiling }) => {
        return `| ${[target, name, ...[flash, tables, codeRam, warmUp, ...compiling].map(formatCount)].join(' | ')} |`;
      }),
    ),
    '',
    ...measured.map((each) => conclusionOf(each)),
  ];
}

function conclusionOf({ target, compiled, functions, arrangements }: CoreArrangements): string {
  const [built, interpreted, lazy] = arrangements.map(({ warmUp, compiling }) => ({ warmUp, first: compiling[0] ?? 0 }));
  if (built === undefined || interpreted === undefined || lazy === undefined) throw new InternalError('not all arrangements were measured');
  const until = [built, interpreted].map(({ warmUp, first }) => formatCount(warmUp + first));
  return `On ${target} the smallest function is native after ${until.join(' instructions, or interpreted after ')}; ${compiled} of ${functions} functions of the compiler get hot, and it makes them native in ${formatCount(lazy.warmUp)} instructions.`;
}
