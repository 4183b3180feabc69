import { UsageError, type Isa } from '@fireball/contracts';
import { knownCpus } from '@fireball/emulator';

const isas: readonly Isa[] = ['thumb2', 'rv32'];

/**
 * Checks `--cpu`: comma-separated cores, at most one per instruction set. Returns the names as given.
 * @throws UsageError
 */
export function checkCpus(names: string): string {
  const wanted = names.split(',');
  const known = isas.flatMap((isa) => knownCpus(isa));
  for (const name of wanted) if (!known.includes(name)) throw new UsageError(`unknown CPU '${name}'; known: ${known.join(', ')}`);
  for (const isa of isas) {
    const fitting = wanted.filter((name) => knownCpus(isa).includes(name));
    if (fitting.length > 1) throw new UsageError(`more than one CPU for ${isa}: ${fitting.join(', ')}`);
  }
  return names;
}

/** The core that checked `names` give for this instruction set, as an option; none means the default. */
export function cpuOf(isa: Isa, names: string | undefined): { cpu?: string } {
  const cpu = names?.split(',').find((name) => knownCpus(isa).includes(name));
  return cpu === undefined ? {} : { cpu };
}
