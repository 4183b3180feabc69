export const hex = (value, digits = 8) => value.toString(16).padStart(digits, '0');

const grouped = new Intl.NumberFormat('en-GB');
/** 1,234,567 */
export const count = (value) => grouped.format(value);

export const bytes = (value) =>
  value >= 1 << 20 ? `${(value / (1 << 20)).toFixed(1)} MiB` : value >= 10_240 ? `${Math.round(value / 1024)} KiB` : `${count(value)} B`;

/** Digits of an instruction word, most significant first, in half-words as manuals print them; of long Thumb instructions the first half-word comes first. */
export function bitsOf({ word, size }, architecture) {
  const halves = Array.from({ length: size / 2 }, (_, index) => index);
  if (architecture !== 'thumb2') halves.reverse();
  return halves
    .map((half) => Array.from({ length: 16 }, (_, index) => 16 * half + 15 - index))
    .map((bits) => bits.map((bit) => ({ bit, value: Math.floor(word / 2 ** bit) % 2 })));
}
