/** What BDTR.LOCK keeps from being written until the next reset (RM0090 17.4.18): bits of BDTR itself, of CCER (polarities) and of CCMRx (output modes). */
export function lockedBits(bdtr: number): { readonly bdtr: number; readonly ccer: number; readonly modes: number } {
  const level = (bdtr >>> 8) & 3;
  return { bdtr: [0, 0x73ff, 0x7fff, 0x7fff][level] ?? 0, ccer: level >= 2 ? 0x2aaa : 0, modes: level === 3 ? 0x7878 : 0 };
}

/** What a register has behind a write of `stored`, where the bits of `locked` are kept. */
export function keeping(locked: number, stored: number, before: number): number {
  return ((stored & ~locked) | (before & locked)) >>> 0;
}
