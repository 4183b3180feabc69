import { emptyList, unknownType as unknown } from './signatures.js';

/** Operands of a body. Who walks over it keeps how many there are, how many of them lie below the innermost frame, and whether what comes is unreachable. */
export class Operands {
  /** `types`: codes of the operands' types; `lists`: codes of types, by numbers of lists. */
  constructor(
    readonly types: Uint8Array,
    private readonly lists: readonly Uint8Array[],
  ) {}

  /** Height without an operand of this type, which may be an unknown one; -1 where there is none. */
  pop(type: number, height: number, base: number, isDead: number): number {
    if (height === base) return isDead !== 0 ? height : -1;
    const found = this.types[height - 1];
    return found === type || found === unknown ? height - 1 : -1;
  }

  popList(list: number, height: number, base: number, isDead: number): number {
    if (list === emptyList) return height;
    const wanted = this.lists[list]!;
    for (let index = wanted.length - 1; index >= 0 && height >= 0; index--) height = this.pop(wanted[index]!, height, base, isDead);
    return height;
  }

  pushList(list: number, height: number): number {
    if (list === emptyList) return height;
    const { types } = this;
    const pushed = this.lists[list]!;
    for (let index = 0; index < pushed.length; index++) types[height++] = pushed[index]!;
    return height;
  }

  /** Operands of these types must be there, and stay; in unreachable code those that are missing are put below the others, so that the height is what it would be. */
  peekList(list: number, height: number, base: number, isDead: number): number {
    if (this.popList(list, height, base, isDead) < 0) return -1;
    const missing = this.lists[list]!.length - (height - base);
    if (missing <= 0) return height;
    this.types.copyWithin(base + missing, base, height);
    this.types.fill(unknown, base, base + missing);
    return height + missing;
  }
}
