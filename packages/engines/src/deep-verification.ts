import { InternalError } from '@fireball/contracts';
import { DeepVerifier, type CodeVerifier, type FactInputs } from '@fireball/jit';

/** Levels of `--verify`: the structural checks are always made. */
export const verifyLevels = ['structural', 'deep'] as const;
/** How far code is verified before it is installed (design section 5). */
export type VerifyLevel = (typeof verifyLevels)[number];

let opening: Promise<DeepVerifier> | undefined;

/** The verifier of this level for a virtual SoC; undefined where the structural checks suffice. */
export async function openVerifier(level: VerifyLevel): Promise<CodeVerifier | undefined> {
  if (level === 'structural') return undefined;
  opening ??= DeepVerifier.open();
  return opening;
}

/** The deep verifier of a virtual SoC that exists before the disassembler is loaded. One disassembler serves the process. */
export class LateVerifier implements CodeVerifier {
  private loaded: CodeVerifier | undefined;

  /** To be awaited before anything is instantiated. */
  async load(): Promise<void> {
    this.loaded = await openVerifier('deep');
  }

  verify(inputs: FactInputs): void {
    if (this.loaded === undefined) throw new InternalError('code is linked before its verifier is loaded');
    this.loaded.verify(inputs);
  }
}
