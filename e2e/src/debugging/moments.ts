import { createStore, type EngineOptions, type LoadedModule } from '@fireball/engines';
import { instantiate, type Value } from '@fireball/wasm';

/** Low and high word; of a value of one word the high one says nothing. */
type Words = readonly [low: number, high: number];

/** The reference interpreter in front of an instruction. */
export interface Moment {
  /** Index of the function. */
  readonly function: number;
  /** Offset of the instruction in the module. */
  readonly offset: number;
  /** Activations of this call, this one included. */
  readonly frames: number;
  readonly locals: readonly Words[];
  readonly operands: readonly Words[];
  readonly globals: readonly Words[];
  /** The activation that called this one, in front of its call. */
  readonly caller: Moment | undefined;
}

/** Does the reference not stop in front of such an instruction, or has it nothing to do? */
export function doesNothing(text: string): boolean {
  return /^(block|loop|nop|end|else)\b/.test(text);
}

class Enough extends Error {}

/** What the reference comes by in one call, from its beginning, at most `most` moments. */
export function momentsOf({ validated, module }: LoadedModule, options: EngineOptions, name: string, args: readonly Value[], most: number): Moment[] {
  const instance = instantiate(createStore(options), validated, () => undefined);
  const index = module.exports.find((entry) => entry.name === name)!.index;
  const moments: Moment[] = [];
  /** The last moment of each activation. */
  const stack: Moment[] = [];
  let outer: number | undefined;
  try {
    instance.invoke(index, args, {
      fuel: options.fuel,
      observer: {
        beforeInstruction(view) {
          if (moments.length === most) throw new Enough();
          const { position, frameCount, operandCount } = view;
          outer ??= frameCount - 1;
          const frames = frameCount - outer;
          const moment: Moment = {
            function: position.function.validated.index,
            offset: position.offset,
            frames,
            locals: Array.from({ length: position.function.validated.locals.count }, (_, local) => view.localWords(local)),
            operands: Array.from({ length: operandCount }, (_, operand) => view.operandWords(operand)),
            globals: instance.globals.map(({ words }): Words => [words[0]!, words[1]!]),
            caller: stack[frames - 2],
          };
          stack.length = frames - 1;
          stack.push(moment);
          moments.push(moment);
        },
      },
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return moments;
}
