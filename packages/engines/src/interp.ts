import { createInterpLinker, instantiateAlone } from './interp-linker.js';
import type { Engine } from './engine.js';

/** The reference interpreter: says what is right. */
export const interpEngine: Engine = {
  name: 'interp',
  summary: 'the reference interpreter',
  native: false,
  nanByClass: false,
  createLinker: createInterpLinker,
  // Errors reach those who wait for the instance.
  instantiate: (loaded, options) => Promise.resolve().then(() => instantiateAlone(loaded, options)),
};
