/** What is kept of a function, behind what is kept of others: an array of its own takes longer to make than to fill. */
const arrayWords = 0x4000;
/** What is larger has one of its own; so has what fits into the array's object. */
const mostWords = arrayWords >> 2;
const fewWords = 16;

let array = new Int32Array();
let used = 0;

/** Copies words from one index to another. */
export function keepWords(words: Int32Array, begin: number, end: number): Int32Array {
  const count = end - begin;
  if (count <= fewWords || count > mostWords) return words.slice(begin, end);
  if (used + count > array.length) {
    array = new Int32Array(arrayWords);
    used = 0;
  }
  const kept = array.subarray(used, used + count);
  used += count;
  kept.set(words.subarray(begin, end));
  return kept;
}
