import type { CompiledFunction, TemplateSet } from '@fireball/jit';
import { DeviceExpander, totalCost } from './expander.js';
import { memoryMap } from '../chip/memory-map.js';

/** Virtual time of one compilation, in executed instructions. */
export interface Price {
  /** An assumption: the selector runs on the host only (`selectionShare`). */
  readonly selection: number;
  /** Executed by the device's expander: stream to checked code. */
  readonly expansion: number;
}

/**
 * What selection is taken to cost, as a multiple of expansion. There is no selector for the device. On the host, planning and
 * selection of all functions of sql.js take between three and a half and five times as long as layout and patch, on both targets.
 */
const selectionShare = 4;

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
