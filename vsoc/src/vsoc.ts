import { InternalError, UsageError, type CpuBackend, type Isa, type RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, loadTemplates, type TemplateSet } from '@fireball/jit';
import type { ValidatedModule } from '@fireball/wasm';
import { CodeMap } from './code-map.js';
import { CodeMemory, type CodeMemoryFaults } from './code-memory.js';
import { DataMemory } from './data-memory.js';
import { VsocInstance } from './instance.js';
import { maxCodeBytes, memoryMap } from './memory-map.js';

export interface VsocOptions {
  readonly isa: Isa;
  /** Core; `cortex-m4` or `rv32imc` unless told otherwise. */
  readonly cpu?: string;
  /** Size of code memory in bytes. */
  readonly codeBytes?: number;
  readonly stackBytes?: number;
  /** Most guest instructions of one call; the call then ends as `out of fuel`. */
  readonly fuel?: number;
  readonly templates?: TemplateSet;
  readonly faults?: CodeMemoryFaults;
}

const defaultCpu = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const satisfies Record<Isa, string>;
/** A run is cut into slices, so that the host stays responsive to its signals. */
const sliceInstructions = 20_000_000;

/** The virtual SoC: an emulated CPU with ROM, code memory, data memory, and instances running on it. */
export class Vsoc {
  readonly isa: Isa;
  readonly cpu: CpuBackend;
  readonly templates: TemplateSet;
  readonly codeMemory: CodeMemory;
  readonly dataMemory: DataMemory;
  readonly codeMap = new CodeMap();
  /** Return address of host calls. */
  readonly exitAddress: number;
  readonly fuel: number;
  /** Linear memories placed so far. */
  memories = 0;

  constructor(options: VsocOptions) {
    this.isa = options.isa;
    const codeBytes = options.codeBytes ?? 0x4_0000;
    if (codeBytes <= 0 || codeBytes > maxCodeBytes || codeBytes % 4096 !== 0) {
      throw new UsageError(`code memory must be a multiple of 4096 up to ${maxCodeBytes} bytes, not ${codeBytes}`);
    }
    this.cpu = createCpu({ isa: options.isa, cpu: options.cpu ?? defaultCpu[options.isa] });
    this.templates = options.templates ?? loadTemplates(options.isa);
    if (this.templates.isa !== options.isa) throw new UsageError(`templates are for ${this.templates.isa}, not ${options.isa}`);
    this.fuel = options.fuel ?? Number.MAX_SAFE_INTEGER;
    this.codeMemory = new CodeMemory(this.cpu, memoryMap.code.base, codeBytes, options.faults);
    this.dataMemory = new DataMemory(this.cpu, options.stackBytes ?? 0x1_0000);
    this.exitAddress = this.installRom();
    this.cpu.countRange(this.codeMemory.base, this.codeMemory.end);
  }

  private installRom(): number {
    const { base, size } = memoryMap.rom;
    const rom = this.cpu.mapRam(base, size, { read: true, write: false, execute: true });
    // Address 0 stays empty: a jump through an empty slot must not look like a return.
    const address = base + 0x100;
    rom.set(exitRoutine(this.templates).linkAt(address), address - base);
    this.cpu.invalidateCode(base, size);
    return address;
  }

  /** Compiles and installs every function of the module, and runs its start function. */
  instantiate(module: ValidatedModule): VsocInstance {
    return new VsocInstance(this, module);
  }

  /** Runs from `entry` until the exit stub, a trap, or `fuel` instructions. */
  run(entry: number): RunResult {
    let pc = entry;
    let executed = 0;
    let executedInRange = 0;
    for (;;) {
      const result = this.cpu.run(pc, Math.min(sliceInstructions, this.fuel - executed));
      executed += result.executed;
      executedInRange += result.executedInRange;
      if (result.reason.kind !== 'budget' || executed >= this.fuel) return { ...result, executed, executedInRange };
      pc = result.pc;
    }
  }

  close(): void {
    this.cpu.close();
  }
}

export function createVsoc(options: VsocOptions): Vsoc {
  if (options.isa !== 'thumb2' && options.isa !== 'rv32') throw new InternalError(`unknown instruction set ${String(options.isa)}`);
  return new Vsoc(options);
}
