import { UsageError, type ByteOffset } from '@fireball/contracts';
import { compileBody } from './compile.js';
import { outcomeOf, type InvokeOptions, type InvokeOutcome } from './instance.js';
import type { Store } from './store.js';
import type { CompiledBody, WasmFunction } from './structure.js';

function bodyOf(callee: WasmFunction, offset: ByteOffset): { readonly body: CompiledBody; readonly step: number } {
  const body = (callee.body ??= compileBody(callee));
  const step = body.loops.get(offset);
  if (step === undefined) throw new UsageError(`function ${callee.validated.index} has no reachable loop at offset 0x${offset.toString(16)}`);
  return { body, step };
}

/**
 * Calls `arrive` each time that an activation of the function comes to the header of the loop at `offset`, from outside or
 * round the loop, before anything inside is executed. `frame` is a copy: locals, then operands, two words each. What
 * `arrive` throws ends the whole call.
 */
export function observeLoop(callee: WasmFunction, offset: ByteOffset, arrive: (frame: Int32Array) => void): void {
  const { body, step } = bodyOf(callee, offset);
  const inside = body.steps[step]!;
  body.steps[step] = (state) => {
    arrive(state.words.slice(state.fp << 1, state.sp << 1));
    inside(state);
  };
}

/**
 * Goes on with an activation of the function that stands at the header of the loop at `offset` with this frame, until it
 * returns.
 */
export function resumeAtLoop(store: Store, callee: WasmFunction, offset: ByteOffset, frame: Int32Array, options: InvokeOptions = {}): InvokeOutcome {
  const { step } = bodyOf(callee, offset);
  return outcomeOf(store, () => store.executor.resume(callee, step, frame), callee.type.results, options);
}
