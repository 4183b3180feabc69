import type { CodeView, DebugFunction, DebugTarget } from '@fireball/contracts';

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
  // Stubs of the host cannot be read, and only return.
  if (bytes === undefined) return true;
  const half = bytes[0]! | (bytes[1]! << 8);
  if (target.architecture === 'thumb2') return half === 0x4770;
  return half === 0x8082 || (half === 0x8067 && bytes[2] === 0 && bytes[3] === 0);
}

/** The instruction in front of an address, where it is one that calls: leaves the address in the link register, or in t0 as millicode wants it. */
function callBefore(target: DebugTarget, address: number): number | undefined {
  const bytes = target.peek(address - 4, 4);
  if (bytes === undefined) return undefined;
  const first = bytes[0]! | (bytes[1]! << 8);
  const second = bytes[2]! | (bytes[3]! << 8);
  if (target.architecture === 'thumb2') {
    if ((first & 0xf800) === 0xf000 && (second & 0xd000) === 0xd000) return address - 4; // bl
    return (second & 0xff87) === 0x4780 ? address - 2 : undefined; // blx
  }
  const isLink = [0xef, 0x2ef, 0xe7, 0x2e7].includes(first & 0xfff); // jal, jalr
  if (isLink) return address - 4;
  const isShort = (second & 0xf07f) === 0x9002 || (target.architecture === 'rv32' && (second & 0xe003) === 0x2001); // c.jalr, c.jal
  return isShort ? address - 2 : undefined;
}

/** The call that the instruction at pc returned from to an address behind it, by the link register or with it from the stack; undefined where it does not return. */
export function callThatReturned(target: DebugTarget, to: number, spMoved: boolean): number | undefined {
  const jumped = target.pc + sizeOfInstruction(target) !== to;
  return jumped && (spMoved || jumpsToLink(target)) ? callBefore(target, to) : undefined;
}

/** Code without a map: firmware, routines, and the interpreter's own. It calls by the link register like any other. */
export function isPlainCode(code: DebugFunction | undefined): boolean {
  return code === undefined || code.interpreted;
}

/** Where what the instruction in front of `behind`, of `from`, has called returns to, by the link register; undefined where it has not called. */
export function linkOfCall(target: DebugTarget, view: CodeView, from: DebugFunction | undefined, behind: number): number | undefined {
  const link = (Number(target.readRegister(view.registerName(view.link))) & ~1) >>> 0;
  const isCall = from === undefined || isPlainCode(from) ? link === behind && target.pc !== behind : link >= from.begin && link < from.end;
  return isCall ? link : undefined;
}
