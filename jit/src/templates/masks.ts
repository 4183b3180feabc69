import type { FieldMapJson } from './schema.js';

const parsed = new WeakMap<FieldMapJson, readonly number[]>();

/** Masks of a map, which many patch points have: bits of an instruction for each bit of a value, read once. */
export function masksOf(map: FieldMapJson): readonly number[] {
  let masks = parsed.get(map);
  if (masks === undefined) {
    masks = map.masks.map((mask) => parseInt(mask, 16));
    parsed.set(map, masks);
  }
  return masks;
}
