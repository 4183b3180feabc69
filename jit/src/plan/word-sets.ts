/** Bit set over local words, or over locals; those of one function are of one length. */
export type WordSet = Uint32Array;

export function addWord(words: WordSet, word: number): void {
  words[word >> 5] = (words[word >> 5] ?? 0) | (1 << (word & 31));
}

export function removeWord(words: WordSet, word: number): void {
  words[word >> 5] = (words[word >> 5] ?? 0) & ~(1 << (word & 31));
}

export function hasWord(words: WordSet, word: number): boolean {
  return (((words[word >> 5] ?? 0) >>> (word & 31)) & 1) === 1;
}

/** Adds the words of `others`. */
export function unite(words: WordSet, others: WordSet): void {
  for (let index = 0; index < words.length; index++) words[index] = (words[index] as number) | (others[index] as number);
}

/** Is some word in both? */
export function meets(words: WordSet, others: WordSet): boolean {
  for (let index = 0; index < words.length; index++) if (((words[index] as number) & (others[index] as number)) !== 0) return true;
  return false;
}

/** Is some word in the first set only? */
export function exceeds(words: WordSet, others: WordSet): boolean {
  for (let index = 0; index < words.length; index++) if (((words[index] as number) & ~(others[index] as number)) !== 0) return true;
  return false;
}

export function eachWord(words: WordSet, act: (word: number) => void): void {
  for (let index = 0; index < words.length; index++) {
    for (let rest = words[index] as number; rest !== 0; rest &= rest - 1) act(32 * index + 31 - Math.clz32(rest & -rest));
  }
}
