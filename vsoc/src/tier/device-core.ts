import { InternalError } from '@fireball/contracts';
import { coreModule, memoryUseOf, prepareCore, type CompilerCore, type CoreMemoryUse, type TemplateSet } from '@fireball/jit';
import { decodeModule, validateModule, type ValidatedFunction, type ValidatedModule, type WasmModule } from '@fireball/wasm';
import type { SandboxOptions } from '../checks/sandbox.js';
import { compileOffline, type OfflineCode } from '../export/offline.js';
import type { VsocInstance } from '../runtime/instance/instance.js';
import { createVsoc, type Vsoc } from '../vsoc.js';

/** What the host calls of the compiler. */
export type CoreFunction = Exclude<keyof CompilerCore, 'memory'>;

/** Pages of 64 KiB of its memory: as on any device they do not become more, which spares two fifths of the instructions. */
const pages = 256;
/** Stack that nothing has written has this in its words. */
const untouched = 0x5aa5_c33c;

/**
 * The compiler, compiled by itself, on a virtual SoC of its own. The host writes what it knows of a function into the memory, as it
 * does for its own, and looks there for what came of it: the same bytes, of which neither makes a copy.
 */
export class DeviceCore {
  /** For whoever compiles functions. */
  readonly core: CompilerCore;
  /** What was compiled. */
  readonly module: ValidatedModule;
  private readonly vsoc: Vsoc;
  private readonly instance: VsocInstance;
  private readonly counts = new Map<CoreFunction, number>();
  private taken = 0;

  constructor(
    private readonly templates: TemplateSet,
    sandbox?: SandboxOptions,
  ) {
    this.module = withFixedMemory(decodeModule(coreModule()));
    this.vsoc = createVsoc({ isa: templates.isa, templates, maxPages: pages, ...(sandbox === undefined ? {} : { sandbox }) });
    try {
      this.instance = this.vsoc.instantiate(this.module);
      const [memory] = this.instance.memories;
      if (memory === undefined) throw new InternalError('the core has no memory');
      const functions = [...this.instance.exports].flatMap(([name, { kind }]) =>
        kind === 'function' ? [[name, (...args: number[]) => this.call(name as CoreFunction, args)] as const] : [],
      );
      // At the beginning of a buffer of its own.
      const { buffer } = memory.region().bytes;
      this.core = { memory: { buffer }, ...Object.fromEntries(functions) } as unknown as CompilerCore;
      this.stack.fill(untouched);
      prepareCore(this.core);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Compiles functions one by one for `offlineEnvironment`, as the host does beside it.
   * @throws InternalError where the device's code or CRC-32 is not the host's
   */
  *compileSame(module: ValidatedModule, wanted: (entry: ValidatedFunction, position: number) => boolean): Generator<OfflineCode, void> {
    const expected = compileOffline(module, this.templates, wanted);
    for (const made of compileOffline(module, this.templates, wanted, this.core)) {
      const { value } = expected.next();
      const { index } = made.source;
      if (value?.code.crc !== made.code.crc || Buffer.compare(value.code.bytes, made.code.bytes) !== 0)
        throw new InternalError(`the device makes other code of function ${index} than the host`);
      yield made;
    }
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

  /** Stack that the calls so far needed. */
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
    const { trap, results, statistics } = this.instance.invoke(
      name,
      args.map((value) => ({ type: 'i32', value: value | 0 })),
    );
    if (trap !== null) throw new InternalError(`${name} on the device: ${trap.kind}`);
    this.counts.set(name, (this.counts.get(name) ?? 0) + statistics.instructions);
    this.taken = Math.max(this.taken, memoryUseOf(this.core).taken);
    return results[0]?.value as number | undefined;
  }
}

function withFixedMemory(module: WasmModule): ValidatedModule {
  return validateModule({ ...module, memories: module.memories.map((memory) => ({ ...memory, limits: { min: pages, max: pages } })) });
}
