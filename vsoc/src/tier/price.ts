import type { CompiledFunction, TemplateSet } from '@fireball/jit';
import { DeviceExpander, totalCost } from './expander.js';
import { memoryMap } from '../chip/memory-map.js';

/** Virtual time of one compilation, in executed instructions. */
export interface Price {
  /** An assumption (`selectionShare`): mixed mode's selector runs on the host. */
  readonly selection: number;
  /** Executed by the device's expander: stream to checked code. */
  readonly expansion: number;
}

/**
 * What selection is taken to cost, as a multiple of expansion. Mixed mode does not run the selector on the device yet; where `DeviceCore` does, it takes half as many again. Ten times are some 1,300 instructions for a
 * byte of wasm of sql.js, as when expansion took 340 and the share was 4: that expansion became faster makes no selector faster. On the host,
 * planning and selection of all functions of sql.js take 17 (thumb2) and 23 (rv32) times as long as layout and patch.
 */
const selectionShare = 10;

/** One for each set: indexing the packed templates is done once on a device, too. */
const expanders = new WeakMap<TemplateSet, DeviceExpander>();

/** What a device would execute to compile the function: measured, as far as the device has the code for it. */
export function devicePrice(templates: TemplateSet, { stream }: CompiledFunction): Price {
  let expander = expanders.get(templates);
  if (expander === undefined) {
    expander = new DeviceExpander(templates);
    expanders.set(templates, expander);
  }
  // Where the code will lie is known later, and layout does not depend on it.
  const expansion = totalCost(expander.expand(stream, memoryMap.code.base).cost);
  return { selection: selectionShare * expansion, expansion };
}
