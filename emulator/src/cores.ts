import { UsageError } from '@fireball/contracts';
import type { Isa } from '@fireball/contracts';
import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';

/** What differs between the emulated cores. */
export interface Core {
  readonly isa: Isa;
  /** Smallest unit of mappings, in bytes: the library's page. */
  readonly pageSize: number;
  /** A new engine of this core, in its reset state. */
  open(uc: UnicornModule): Unicorn;
}

/** mstatus.FS = dirty: without it every floating-point instruction is illegal (privileged spec 3.1.6.6). */
const mstatusFs = 0x6000;

/**
 * Without MODE_MCLASS, which would force a Cortex-M33 whatever the model; the model must be set
 * before any other call.
 */
function cortexM(modelOf: (uc: UnicornModule) => number): Core {
  return {
    isa: 'thumb2',
    pageSize: 1024,
    open(uc) {
      const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
      engine.ctl_set_cpu_model(modelOf(uc));
      return engine;
    },
  };
}

function rv32(prepare: (engine: Unicorn, uc: UnicornModule) => void): Core {
  return {
    isa: 'rv32',
    pageSize: 4096,
    open(uc) {
      const engine = new uc.Unicorn(uc.ARCH_RISCV, uc.MODE_RISCV32);
      engine.ctl_set_cpu_model(uc.CPU_RISCV32_ANY);
      prepare(engine, uc);
      return engine;
    },
  };
}

const cores: Readonly<Record<string, Core>> = {
  'cortex-m3': cortexM((uc) => uc.CPU_ARM_CORTEX_M3),
  'cortex-m4': cortexM((uc) => uc.CPU_ARM_CORTEX_M4),
  'cortex-m33': cortexM((uc) => uc.CPU_ARM_CORTEX_M33),
  rv32imc: rv32(() => undefined),
  rv32imfdc: rv32((engine, uc) => {
    engine.reg_write_i32(uc.RISCV_REG_MSTATUS, mstatusFs);
  }),
};

/** Names that `createCpu` takes for an instruction set. */
export function knownCpus(isa: Isa): string[] {
  return Object.keys(cores).filter((name) => cores[name]?.isa === isa);
}

/** @throws UsageError naming the known cores of the instruction set. */
export function coreNamed(isa: Isa, name: string): Core {
  const core = Object.hasOwn(cores, name) ? cores[name] : undefined;
  if (core?.isa !== isa) {
    throw new UsageError(`no ${isa} CPU is called '${name}'; known: ${knownCpus(isa).join(', ')}`);
  }
  return core;
}
