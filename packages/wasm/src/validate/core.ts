import * as layout from '../core/layout/addresses.js';
import { emptyList } from '../core/layout/types.js';
import { CoreProgram, isLargeCore } from '../core-program.js';
import { coreBinary } from '../generated/core.js';
import { coreBinary as jumpsCoreBinary } from '../generated/jumps-core.js';
import { valueTypeEncodings, type ValueType } from '../types.js';
import { rules } from './rules.js';
import { typeCodes } from './signatures.js';

/** What validates bodies: the sources in `core`, as WebAssembly or as they are. */
export interface Core {
  readonly memory: { readonly buffer: ArrayBufferLike };
  reset(): void;
  allocate(bytes: number): number;
  validateBodies(first: number, end: number): number;
}

/** The core as a program: one for hosts, which never takes down jumps, and one for devices, too, which does on request. */
const coreProgram = new CoreProgram<Core>(coreBinary);
export const jumpsProgram = new CoreProgram<Core>(jumpsCoreBinary);

const kept = new Map<CoreProgram<Core>, Core>();

/** The core as WebAssembly, made when the first body comes. */
export function takeCore(program = coreProgram): Core {
  let core = kept.get(program);
  if (core === undefined) {
    core = program.instantiate();
    writeTables(core);
    kept.set(program, core);
  }
  return core;
}

/** Has something done by the core that nothing else uses meanwhile, and lets go of memory that hardly any module needs. */
export function withCore<T>(use: (core: Core) => T, takesJumps = false): T {
  const program = takesJumps ? jumpsProgram : coreProgram;
  const core = takeCore(program);
  try {
    return use(core);
  } finally {
    if (isLargeCore(core)) kept.delete(program);
  }
}

/** Writes what is the same for all modules. */
export function writeTables({ memory }: Core): void {
  new Int32Array(memory.buffer, layout.rules, rules.length).set(rules);
  new Int32Array(memory.buffer)[layout.takesJumps / 4] = 1;
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(layout.noSignature, layout.signatureOfByte, layout.signatureOfByte + 0x100);
  bytes[layout.signatureOfByte + 0x40] = emptyList;
  for (const type of Object.keys(typeCodes) as ValueType[]) {
    bytes[layout.signatureOfByte + valueTypeEncodings[type]] = typeCodes[type];
    bytes[layout.typeOfEncoding + valueTypeEncodings[type]] = typeCodes[type];
  }
}
