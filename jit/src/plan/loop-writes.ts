import { wordsOfLocal, type Instruction, type LocalWords } from './body.js';

/** What loops change, from one look at the whole body. */
export class LoopWrites {
  /** Indices of the instructions that write each local word, ascending. */
  private readonly writes: number[][] = [];
  /** Of the `end` of each loop, by the loop's own. */
  private readonly ends = new Map<number, number>();
  /** Indices of loops that can be entered from outside, ascending. */
  private readonly entered: number[] = [];

  /** @param osrLoops offsets of loops that can be entered from outside */
  constructor(body: readonly Instruction[], locals: LocalWords, osrLoops: ReadonlySet<number>) {
    const open: number[] = [];
    body.forEach((insn, index) => {
      const { op, offset } = insn;
      if (op === 'loop' && osrLoops.has(offset)) this.entered.push(index);
      if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
      else if (op === 'end') this.ends.set(open.pop() ?? -1, index);
      else if (op === 'local.set' || op === 'local.tee') for (const word of wordsOfLocal(locals, insn.a)) (this.writes[word] ??= []).push(index);
    });
  }

  /** Does the loop write the word? */
  changes(loop: number, word: number): boolean {
    return hasBetween(this.writes[word] ?? [], loop, this.endOf(loop));
  }

  /** May control come into the loop from where nothing of this function has been proved? */
  isEntered(loop: number): boolean {
    return hasBetween(this.entered, loop, this.endOf(loop));
  }

  private endOf(loop: number): number {
    return this.ends.get(loop) ?? Infinity;
  }
}

/** Is one of the ascending numbers in [first, end)? */
function hasBetween(numbers: readonly number[], first: number, end: number): boolean {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < first) low = middle + 1;
    else high = middle;
  }
  return (numbers[low] ?? Infinity) < end;
}
