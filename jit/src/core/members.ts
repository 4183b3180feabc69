/** Groups and their members as the plan leaves them. */
import { load32, load8 } from '@fireball/wasm';
import { flagsField, groupLast, groupSize, isMember, memberSize } from './layout/groups.js';

/** Is it a member that lies there, not a group? */
export function isMemberAt(address: i32): boolean {
  return load8(address + flagsField) >= isMember;
}

/** Address of the group or member behind one. */
export function behind(address: i32): i32 {
  return address + (isMemberAt(address) ? memberSize : groupSize);
}

/** The first one in program order. */
export function firstMemberOf(group: i32): i32 {
  return group + groupSize;
}

/** Has the group no more than that? */
export function hasOneMember(group: i32): boolean {
  return load32(group + groupLast) === firstMemberOf(group);
}
