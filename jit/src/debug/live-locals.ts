import { BackwardWalks, type BackwardSteps } from '../plan/backward-walks.js';
import type { Instruction } from '../plan/body.js';
import { isFlow } from '../plan/flow.js';
import { addWord, exceeds, removeWord, type WordSet } from '../plan/word-sets.js';

/**
 * The locals that may be read before they are written again, in front of each instruction of a body: exact, in walks
 * backwards until what is live at the loops' headers stays as it is. What unreachable instructions have is unspecified.
 */
export function liveLocals(body: readonly Instruction[], localCount: number): readonly WordSet[] {
  const walks = new BackwardWalks(body, localCount);
  const live: WordSet = new Uint32Array((localCount + 31) >> 5);
  for (;;) {
    const snapshots = new Snapshots(body, live);
    if (!walks.walk(snapshots, live)) return snapshots.taken;
  }
}

/** What is live in front of each instruction; one set for those that follow each other with the same. */
class Snapshots implements BackwardSteps {
  readonly taken: WordSet[];
  private last: WordSet;

  constructor(
    private readonly body: readonly Instruction[],
    live: WordSet,
  ) {
    this.taken = new Array<WordSet>(body.length);
    this.last = new Uint32Array(live.length);
  }

  read(_: number, local: number, live: WordSet): void {
    addWord(live, local);
  }

  write(_: number, local: number, live: WordSet): void {
    removeWord(live, local);
  }

  before(index: number, live: WordSet): void {
    const { op } = this.body[index] as Instruction;
    if (isFlow(op) && (exceeds(live, this.last) || exceeds(this.last, live))) this.last = live.slice();
    this.taken[index] = this.last;
  }
}
