import type { Isa } from '@fireball/contracts';
import { defaultStackBytes } from '@fireball/vsoc';
import type { Engine, VsocPlace } from './engine.js';
import { createNativeLinker, instantiateAlone } from './native-linker.js';

/** Every function compiled to machine code and run on the emulated CPU of the virtual SoC. */
export function nativeEngine(isa: Isa, summary: string): Engine {
  return { name: isa, summary, native: true, ...vsocEngine({ isa, tier: 'compiled' }) };
}

/** Every function interpreted on the emulated CPU, by the interpreter in the virtual SoC's ROM. */
export function romInterpreterEngine(isa: Isa, summary: string): Engine {
  return { name: `vsoc-interp-${isa}`, summary, native: false, romInterpreter: true, ...vsocEngine({ isa, tier: 'interpreter' }) };
}

/** Functions start in the interpreter in ROM; those that are hot become native while it goes on. */
export function mixedEngine(isa: Isa, summary: string): Engine {
  return { name: `vsoc-${isa}`, summary, native: false, mixedMode: true, ...vsocEngine({ isa, tier: 'mixed' }) };
}

function vsocEngine(target: VsocPlace): Pick<Engine, 'isa' | 'vsoc' | 'stackBytes' | 'nanByClass' | 'instantiate' | 'createLinker'> {
  return {
    isa: target.isa,
    vsoc: target,
    stackBytes: defaultStackBytes,
    nanByClass: false,
    instantiate: (loaded, options) => instantiateAlone(target, loaded, options),
    createLinker: (options) => createNativeLinker(target, options),
  };
}
