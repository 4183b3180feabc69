import { UsageError, type Isa } from '@fireball/contracts';

/** What some cores have beyond the base of their instruction set; the words of a template's `requires`. */
export type Feature =
  /** Arm: single precision, FPv4. */
  | 'fpv4'
  /** Arm: what FPv5 adds to it. */
  | 'fpv5'
  /** RISC-V: single precision. */
  | 'f'
  /** RISC-V: double precision. */
  | 'd';

/** What a core has beyond the base of its instruction set. */
export type Features = ReadonlySet<Feature>;

/** The features of every core that code is generated for, by instruction set and `--cpu` name. */
export const cores: Readonly<Record<Isa, Readonly<Record<string, Features>>>> = {
  thumb2: {
    'cortex-m3': new Set(),
    'cortex-m4': new Set<Feature>(['fpv4']),
    'cortex-m33': new Set<Feature>(['fpv4', 'fpv5']),
  },
  rv32: {
    rv32imc: new Set(),
    rv32imfdc: new Set<Feature>(['f', 'd']),
  },
};

/** What every core of an instruction set has. */
export const noFeatures: Features = new Set();

/** @throws UsageError for a core that no code is generated for */
export function featuresOf(isa: Isa, cpu: string): Features {
  const found = Object.hasOwn(cores[isa], cpu) ? cores[isa][cpu] : undefined;
  if (found === undefined) throw new UsageError(`no code is generated for the ${isa} CPU '${cpu}'; known: ${Object.keys(cores[isa]).join(', ')}`);
  return found;
}
