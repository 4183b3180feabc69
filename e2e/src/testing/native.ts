import { UnsupportedError, type Isa } from '@fireball/contracts';
import type { CompilerName } from '@fireball/jit';
import { openAssembler } from '@fireball/testkit';
import { createVsoc, type CallOutcome, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { decodeModule, validateModule, type ValidatedFunction, type ValidatedModule } from '@fireball/wasm';

export const targets: readonly Isa[] = ['thumb2', 'rv32'];

const compilers: readonly CompilerName[] = ['optimizing', 'baseline'];

/** Each target with each compiler. */
export const compiledTargets = targets.flatMap((isa) => compilers.map((compiler) => ({ isa, compiler })));

/** Assembles a module in the text format. */
export const bytesOfText = await openAssembler();

/** Assembles and validates a module in the text format. */
export function moduleOfText(text: string): ValidatedModule {
  return validateModule(decodeModule(bytesOfText(text)));
}

/** Offsets of the function's loops, those in unreachable code included. */
export const loopsOf = ({ controls }: ValidatedFunction): number[] =>
  Array.from({ length: controls.count }, (_, row) => row).flatMap((row) => (controls.kind(row) === 'loop' ? [controls.start(row)] : []));

/** Runs `use` with the module as machine code on a virtual SoC of its own. */
export function withNative<T>(isa: Isa, module: ValidatedModule, use: (instance: VsocInstance) => T, options: Partial<VsocOptions> = {}): T {
  const vsoc = createVsoc({ isa, codeBytes: 0xe_0000, ...options });
  try {
    return use(vsoc.instantiate(module));
  } finally {
    vsoc.close();
  }
}

/** One i32 result as a signed number, or the kind of trap. */
export type I32Outcome = number | string;

export function callI32(instance: VsocInstance, name: string, args: readonly number[]): I32Outcome {
  return outcomeOf(
    instance.invoke(
      name,
      args.map((value) => ({ type: 'i32', value })),
    ),
  );
}

function outcomeOf({ trap, results }: CallOutcome): I32Outcome {
  if (trap !== null) return trap.kind;
  const [result] = results;
  return typeof result?.value === 'number' ? result.value : `a result of type ${result?.type ?? 'none'}`;
}

/**
 * Runs `test` and tells whether it ran: false where the JIT refuses the instruction by name. What may be refused is
 * asserted in one place, jit/src/unsupported.test.ts.
 */
export function whereSupported(instruction: string, test: () => void): boolean {
  try {
    test();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedError && error.feature === instruction) return false;
    throw error;
  }
}
