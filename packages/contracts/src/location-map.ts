/** Where a word is read. Registers by their architectural numbers; slots in bytes above sp, as it is between two instructions. */
export type WordPlace = { readonly kind: 'register'; readonly register: number } | { readonly kind: 'slot'; readonly offset: number };

/**
 * How the value of one 32-bit word follows from the machine's state. Operands may still be pending: sums (32 bits,
 * wrapping), shifts, to which a constant is added, and products of words that have places.
 */
export type WordLocation =
  | WordPlace
  | { readonly kind: 'constant'; readonly value: number }
  /** In a floating-point register, of which it is the lower word, as singles are, or the upper one. */
  | { readonly kind: 'float'; readonly register: number; readonly half: 'low' | 'high' }
  /** The value of a local that no code reads: it was never put anywhere. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'sum'; readonly of: WordPlace; readonly constant: number }
  | { readonly kind: 'shift'; readonly of: WordPlace; readonly shift: 'shl' | 'shr_s' | 'shr_u' | 'rotr'; readonly amount: number; readonly constant: number }
  | { readonly kind: 'product'; readonly a: WordPlace; readonly b: WordPlace };

/** The words of a value, low word first: one, or two for i64 and f64. */
export type ValueLocation<T = WordLocation> = readonly T[];

/** What holds in front of one WebAssembly instruction. */
export interface Boundary {
  /** Offset in the module of the instruction that comes next. */
  readonly wasmOffset: number;
  /**
   * Byte offset in the function's code. Instructions that need no code of their own share it with what follows them: at
   * one code offset all their boundaries hold at once, in the order of `LocationMap.boundaries`.
   */
  readonly codeOffset: number;
  /** May the local's value still be read? If not, its place may hold anything. */
  isLive(local: number): boolean;
  /** The operands of the function's frame, deepest first. */
  readonly operands: readonly ValueLocation[];
}

/**
 * Debug information of one function: where its locals and operands are at every boundary between WebAssembly instructions.
 * Instructions that became one with the instruction before them (a comparison and its branch, a computation and its
 * local.set) have no boundary, nor has unreachable code. Host side only: it costs generated code nothing.
 */
export interface LocationMap {
  /** By local index; the places hold at every boundary at which the local is live. Undefined where no code names the local. */
  readonly locals: readonly (ValueLocation<WordPlace> | undefined)[];
  /** Of which locals code reads the lower word only, since the upper one is always its extension, signed or unsigned. */
  readonly extended: ReadonlyMap<number, 'signed' | 'unsigned'>;
  /** In the order of the instructions. */
  readonly boundaries: readonly Boundary[];
  /** Constants that have a register throughout the function, from its first boundary on. */
  readonly constants: readonly { readonly register: number; readonly value: number }[];
  /** The caller's registers, link register included, behind the prologue. */
  readonly saved: readonly { readonly register: number; readonly offset: number }[];
  /** Bytes from sp to where it was when the function was called (stack arguments lie above). */
  readonly frameBytes: number;
}
