import type { LocalWords } from '../plan/body.js';

/** The frame's slots while a function is selected: where homes are, and how far they reach (ABI.md, "Frame"). */
export abstract class HomeSlots {
  /** Bytes of home slots in use so far. */
  slotBytes = 0;
  private shift = 0;
  /** Most bytes that sp was ever below the frame. */
  outgoingBytes = 0;

  /** @param mostValues most values on the operand stack at one time */
  protected constructor(
    private readonly locals: LocalWords,
    private readonly mostValues: number,
  ) {}

  /** Bytes by which sp is below the frame while stack arguments are being passed. */
  get spShift(): number {
    return this.shift;
  }

  set spShift(bytes: number) {
    this.shift = bytes;
    this.outgoingBytes = Math.max(this.outgoingBytes, bytes);
  }

  /** sp offset of a local word's home: one 8-byte slot per local. */
  localHome(word: number): number {
    return this.useSlot(this.localOffset(word));
  }

  /** As `localHome`, in a frame of any kind: the function's own need not have that slot. */
  localOffset(word: number): number {
    const local = this.locals.owners[word] ?? 0;
    return 8 * local + 4 * (word - (this.locals.words[local]?.[0] ?? 0));
  }

  /** Is this the low word of a local of two? */
  isLowWord(word: number): boolean {
    const { words, owners } = this.locals;
    const own = words[owners[word] ?? -1];
    return own?.length === 2 && own[0] === word;
  }

  /** Does the slot area reach as far as the local word's home? If not, no code names the local. */
  hasLocalHome(word: number): boolean {
    return 8 * (this.locals.owners[word] ?? 0) < this.slotBytes;
  }

  /** sp offset of word `word` of a value at operand height `height` (in values). */
  valueHome(height: number, high: boolean): number {
    return this.useSlot(8 * (this.locals.words.length + height) + (high ? 4 : 0));
  }

  /** Two words above all homes, through which doubles get from general to floating-point registers and back. */
  exchangeSlot(): number {
    return this.useSlot(8 * (this.locals.words.length + this.mostValues));
  }

  private useSlot(offset: number): number {
    this.slotBytes = Math.max(this.slotBytes, (offset & ~7) + 8);
    return offset;
  }
}
