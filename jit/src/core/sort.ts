/** Puts rows in order, by merging runs that are in order already. */
import { allocate, load32, store32 } from '@fireball/wasm';
import { highWord } from './positive.js';
import { isBelow } from './unsigned.js';

/**
 * Sorts addresses of rows: by the number with a binary point that a row begins with, which is not negative, the greatest first; those with the same by the word at 8, and then by the
 * one at `last`, the smallest first. Returns where they are in order; 0 where there is no room.
 */
export function sortRows(order: i32, count: i32, last: i32): i32 {
  let from = order;
  let into = allocate(count << 2);
  if (into === 0) return 0;
  const size = count << 2;
  for (let run = 4; run < size; run <<= 1) {
    for (let start = 0; start < size; start += run << 1) {
      const middle = least(start + run, size);
      merge(from + start, from + middle, from + least(middle + run, size), into + start, last);
    }
    const other = from;
    from = into;
    into = other;
  }
  return from;
}

function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

function merge(left: i32, right: i32, end: i32, into: i32, last: i32): void {
  const middle = right;
  while (left < middle && right < end) {
    const first = load32(left);
    const second = load32(right);
    if (comesFirst(second, first, last)) {
      store32(into, second);
      right += 4;
    } else {
      store32(into, first);
      left += 4;
    }
    into += 4;
  }
  for (; left < middle; left += 4) {
    store32(into, load32(left));
    into += 4;
  }
  for (; right < end; right += 4) {
    store32(into, load32(right));
    into += 4;
  }
}

/** Does the first row come before the second one for certain? */
function comesFirst(a: i32, b: i32, last: i32): boolean {
  // Of most numbers the upper words differ, which are loaded first: the lower ones need no bounds check then.
  const upper = load32(a + highWord);
  const otherUpper = load32(b + highWord);
  if (upper !== otherUpper) return upper > otherUpper;
  if (load32(a) !== load32(b)) return isBelow(load32(b), load32(a));
  if (load32(a + 8) !== load32(b + 8)) return load32(a + 8) < load32(b + 8);
  return load32(a + last) < load32(b + last);
}
