import { runChecks } from '@fireball/unicorn.js';
import type { ArmCore } from './cores.js';
import { ccr, type SystemControlBlock } from './scb.js';

/**
 * What runs stop at because the library would let it pass, by the core and its configuration: a sum of `runChecks`.
 * @param baseline does a model of Armv7-M stand for this core of Armv6-M?
 */
export function instructionChecks(core: ArmCore, { state, floatsEnabled }: SystemControlBlock, baseline: boolean): number {
  // The library's model has no access that is not aligned, either (Armv6-M ARM, A3.2).
  if (core.version === 6) return runChecks.wfe | runChecks.narrow | (baseline ? runChecks.wide | runChecks.control : 0);
  return (
    runChecks.wfe |
    runChecks.multiple |
    ((state.ccr & ccr.UNALIGN_TRP) !== 0 ? runChecks.unaligned : 0) |
    ((state.ccr & ccr.DIV_0_TRP) !== 0 ? runChecks.division : 0) |
    (core.floats && !floatsEnabled ? runChecks.floats : 0) |
    (core.version === 8 ? runChecks.security : 0)
  );
}
