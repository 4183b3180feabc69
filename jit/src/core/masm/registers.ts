/** Sets of registers, a bit for each. */

/** How many are in a set? */
export function bitCount(set: i32): i32 {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}
