/** The core with its macro assembler: as WebAssembly, and its sources as they are. */
import { CoreProgram, portableMemory } from '@fireball/wasm';
import * as portable from '../../core/masm/index.js';
import { prepareCore } from '../../instance/core.js';
import { coreBinary } from '../generated/masm.js';

export type MasmCore = typeof portable & { readonly memory: { readonly buffer: ArrayBufferLike } };

export const masmCores: { readonly sources: MasmCore; readonly WebAssembly: MasmCore } = {
  sources: { memory: portableMemory, ...portable },
  WebAssembly: new CoreProgram<MasmCore>(coreBinary).instantiate(),
};

prepareCore(masmCores.sources);
prepareCore(masmCores.WebAssembly);
