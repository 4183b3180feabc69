import type { Isa } from '@fireball/contracts';
import type { Engine } from './engine.js';
import { createNativeLinker, instantiateAlone } from './native-linker.js';

/** Every function compiled to machine code and run on the emulated CPU of the virtual SoC. */
export function nativeEngine(isa: Isa, summary: string): Engine {
  return {
    name: isa,
    summary,
    native: true,
    nanByClass: false,
    instantiate: (loaded, options) => instantiateAlone(isa, loaded, options),
    createLinker: (options) => createNativeLinker(isa, options),
  };
}
