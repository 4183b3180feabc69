/** Sets of numbers from 0 on: one bit each, in so many bytes as `bytesOfSet` says. Those that are compared or united are of one size. */
import { load32, store32 } from '@fireball/wasm';

/** How many bytes a set needs for so many numbers. */
export function bytesOfSet(members: i32): i32 {
  return ((members + 31) >> 5) << 2;
}

/** Adds a number to a set. */
export function addMember(set: i32, member: i32): void {
  const at = set + ((member >> 5) << 2);
  store32(at, load32(at) | (1 << (member & 31)));
}

/** Takes a number out of a set. */
export function removeMember(set: i32, member: i32): void {
  const at = set + ((member >> 5) << 2);
  store32(at, load32(at) & ~(1 << (member & 31)));
}

/** Is the number in the set? */
export function hasMember(set: i32, member: i32): boolean {
  return ((load32(set + ((member >> 5) << 2)) >>> (member & 31)) & 1) !== 0;
}

/** Makes a set, or several that lie behind one another, empty. */
export function clearSet(set: i32, bytes: i32): void {
  const end = set + bytes;
  for (let at = set; at < end; at += 4) store32(at, 0);
}

/** Puts everything into a set. */
export function fillSet(set: i32, bytes: i32): void {
  const end = set + bytes;
  for (let at = set; at < end; at += 4) store32(at, -1);
}

/** Makes a set the same as another one. */
export function copySet(set: i32, other: i32, bytes: i32): void {
  for (let at = 0; at < bytes; at += 4) store32(set + at, load32(other + at));
}

/** Adds what is in another set. */
export function unite(set: i32, other: i32, bytes: i32): void {
  for (let at = 0; at < bytes; at += 4) store32(set + at, load32(set + at) | load32(other + at));
}

/** Is a number in both? */
export function meets(set: i32, other: i32, bytes: i32): boolean {
  for (let at = 0; at < bytes; at += 4) if ((load32(set + at) & load32(other + at)) !== 0) return true;
  return false;
}

/** Is a number in the first set only? */
export function exceeds(set: i32, other: i32, bytes: i32): boolean {
  for (let at = 0; at < bytes; at += 4) if ((load32(set + at) & ~load32(other + at)) !== 0) return true;
  return false;
}
