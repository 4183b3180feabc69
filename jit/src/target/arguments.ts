import type { FunctionType } from '@fireball/wasm';
import { wordsOf } from '../plan/words.js';
import type { Reg } from './registers.js';

/** Where one argument word travels: a register, or the stack argument at this byte offset. */
type ArgumentPlace = { readonly reg: Reg } | { readonly stack: number };

/** Result words that travel in registers; the rest goes to the result buffer (ABI.md, "Calls"). */
export const resultRegisterCount = 4;

/**
 * The calling convention (ABI.md, "Calls"): words go to consecutive argument registers as long as a
 * whole value fits; the rest take 8-byte stack slots, first one lowest, popped by the callee.
 */
export function argumentPlaces(type: FunctionType, args: readonly Reg[]): { places: ArgumentPlace[]; stackBytes: number } {
  const places: ArgumentPlace[] = [];
  let next = 0;
  let stackBytes = 0;
  for (const param of type.params) {
    const words = wordsOf(param);
    if (stackBytes === 0 && next + words <= args.length) {
      for (let word = 0; word < words; word++) places.push({ reg: args[next++] as Reg });
    } else {
      for (let word = 0; word < words; word++) places.push({ stack: stackBytes + 4 * word });
      stackBytes += 8;
    }
  }
  return { places, stackBytes: (stackBytes + 15) & ~15 };
}
