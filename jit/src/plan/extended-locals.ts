import { signedExtension, unsignedExtension } from '../core/layout/analyses.js';

/** How the upper word of an i64 follows from its lower one. */
type Extension = 'signed' | 'unsigned';

const extensions: Readonly<Record<number, Extension>> = { [signedExtension]: 'signed', [unsignedExtension]: 'unsigned' };

/** The declared i64 locals that never hold anything but an extended word: their upper words need not be read. */
export class ExtendedLocals {
  /** @param codes one for each local, as the core writes it */
  constructor(private readonly codes: Uint8Array) {}

  /** Undefined where the upper word is one like any other. */
  of(local: number): Extension | undefined {
    return extensions[this.codes[local]!];
  }

  /** By local. */
  all(): ReadonlyMap<number, Extension> {
    return new Map(
      Array.from(this.codes, (code, local) => [local, extensions[code]] as const).filter((entry): entry is [number, Extension] => entry[1] !== undefined),
    );
  }
}
