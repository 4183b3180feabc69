import { InternalError, type Isa } from '@fireball/contracts';
import type { NativeBounds, NativeMachine, PlacedCode } from '@fireball/debugger';
import { instructionBound, stackBound } from '@fireball/engines';
import { codeRegisters, hostCallPlan } from '@fireball/jit';
import { defaultStackBytes, type InstalledFunction, type Vsoc } from '@fireball/vsoc';
import type { FunctionType } from '@fireball/wasm';

/** The virtual SoC as the lockstep sees it. */
export function nativeMachine({ isa, cpu, dataMemory }: Vsoc): NativeMachine {
  return { cpu, registers: codeRegisters(isa), readWord: (address) => dataMemory.readWord(address) };
}

/** An installed function as the lockstep sees it. */
export function placedCode({ code: { address, locations } }: InstalledFunction, type: FunctionType, isa: Isa): PlacedCode {
  if (locations === undefined) throw new InternalError('the code was compiled without locations');
  return { address, locations, argumentPlaces: hostCallPlan(type, isa).arguments };
}

/** What compiled code may take (`instructionBound`), on the stack that the virtual SoC has by default. */
export const nativeBounds: NativeBounds = {
  instructions: (work) => instructionBound('compiled', work),
  mayExhaust: (work) => stackBound(work) > defaultStackBytes,
};
