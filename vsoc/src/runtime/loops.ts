import type { ValidatedFunction } from '@fireball/wasm';

/** Offsets of the function's loops, those in unreachable code included. */
export function loopsOf({ controls }: ValidatedFunction): number[] {
  const loops: number[] = [];
  for (let row = 0; row < controls.count; row++) if (controls.kind(row) === 'loop') loops.push(controls.start(row));
  return loops;
}
