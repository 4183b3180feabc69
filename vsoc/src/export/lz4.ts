/** How many matches of the same four bytes are tried, and up to which length a shorter match than the longest may be better. */
const mostTries = 256;
const mostCuts = 64;
const leastMatch = 4;
/** By the format, matches begin so far before the end, and end so far before it. */
const [matchMargin, literalMargin] = [12, 5];
const mostDistance = 0xffff;
/** What a token has of a length; what follows has more of it. */
const tokenLength = 15;

/** The longest match at each place, and how far back it lies; 0 where there is none. */
interface Matches {
  readonly lengths: Int32Array;
  readonly distances: Int32Array;
}

/** Packs some tens of kilobytes in the LZ4 block format, which firmware unpacks by a few lines of C (vsoc/guest/core/core.c). */
export function packLz4(source: Uint8Array): Uint8Array {
  const matches = findMatches(source);
  const taken = chooseMatches(source.length, matches);
  const packed: number[] = [];
  let literals = 0;
  let at = 0;
  while (at < source.length) {
    const length = taken[at]!;
    if (length === 0) {
      at++;
      continue;
    }
    writeSequence(packed, source.subarray(literals, at), length - leastMatch);
    const distance = matches.distances[at]!;
    packed.push(distance & 0xff, distance >> 8);
    writeRest(packed, length - leastMatch);
    at += length;
    literals = at;
  }
  writeSequence(packed, source.subarray(literals), 0);
  return Uint8Array.from(packed);
}

function writeSequence(packed: number[], literals: Uint8Array, length: number): void {
  packed.push((Math.min(literals.length, tokenLength) << 4) | Math.min(length, tokenLength));
  writeRest(packed, literals.length);
  packed.push(...literals);
}

/** What a token does not have of a length. */
function writeRest(packed: number[], length: number): void {
  if (length < tokenLength) return;
  let rest = length - tokenLength;
  for (; rest >= 255; rest -= 255) packed.push(255);
  packed.push(rest);
}

function restBytes(length: number): number {
  return length < tokenLength ? 0 : 1 + Math.floor((length - tokenLength) / 255);
}

function findMatches(source: Uint8Array): Matches {
  const last = new Map<number, number>();
  const before = new Int32Array(source.length);
  const lengths = new Int32Array(source.length);
  const distances = new Int32Array(source.length);
  for (let at = 0; at + matchMargin <= source.length; at++) {
    const key = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
    const first = last.get(key) ?? -1;
    before[at] = first;
    last.set(key, at);
    // The rest of a long match is long enough.
    const rest = at === 0 ? 0 : lengths[at - 1]! - 1;
    lengths[at] = rest;
    distances[at] = at === 0 ? 0 : distances[at - 1]!;
    if (rest > mostCuts) continue;
    let tries = mostTries;
    for (let from = first; from >= 0 && at - from <= mostDistance && tries > 0; from = before[from]!, tries--) {
      let length = leastMatch;
      while (at + length < source.length - literalMargin && source[from + length] === source[at + length]) length++;
      if (length <= lengths[at]!) continue;
      lengths[at] = length;
      distances[at] = at - from;
    }
    if (lengths[at]! < leastMatch) lengths[at] = 0;
  }
  return { lengths, distances };
}

/** Lengths of the matches to take, 0 elsewhere, such that all of it becomes shortest. */
function chooseMatches(bytes: number, { lengths }: Matches): Int32Array {
  const costs = new Float64Array(bytes + 1);
  const taken = new Int32Array(bytes);
  for (let at = bytes - 1; at >= 0; at--) {
    costs[at] = costs[at + 1]! + 1;
    const longest = lengths[at]!;
    for (let length = leastMatch; length <= longest; length = length < Math.min(mostCuts, longest) ? length + 1 : Math.max(longest, length + 1)) {
      const cost = 3 + restBytes(length - leastMatch) + costs[at + length]!;
      if (cost >= costs[at]!) continue;
      costs[at] = cost;
      taken[at] = length;
    }
  }
  return taken;
}
