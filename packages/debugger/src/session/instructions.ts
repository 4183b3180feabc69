import type { DebugTarget } from '@fireball/contracts';

/** Bytes of the instruction at an address, pc where none is given: the architectures tell by its first half-word. */
export function sizeOfInstruction(target: DebugTarget, address = target.pc): 2 | 4 {
  const bytes = target.peek(address, 2);
  if (bytes === undefined) return 4;
  const half = bytes[0]! | (bytes[1]! << 8);
  if (target.architecture === 'thumb2') return half >> 11 >= 0x1d ? 4 : 2;
  return (half & 3) === 3 ? 4 : 2;
}

/** Whether the instruction at pc jumps to the link register: `bx lr`, `ret`. Others that return change sp. */
export function jumpsToLink(target: DebugTarget): boolean {
  const bytes = target.peek(target.pc, 4) ?? target.peek(target.pc, 2);
  if (bytes === undefined) return false;
  const half = bytes[0]! | (bytes[1]! << 8);
  if (target.architecture === 'thumb2') return half === 0x4770;
  return half === 0x8082 || (half === 0x8067 && bytes[2] === 0 && bytes[3] === 0);
}
