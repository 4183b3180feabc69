import { UsageError, type DebugTarget, type TargetSnapshot, type TargetSnapshots, type TargetStop } from '@fireball/contracts';

/** How much of the past is kept. */
export interface HistoryOptions {
  /** Instructions from one snapshot to the next. */
  readonly spacing?: number;
  /** The same, in the stretch that was gone through last. */
  readonly denseSpacing?: number;
  /** Most bytes that snapshots take together; beyond, every other one is dropped. */
  readonly bytes?: number;
  /** Most of the time that the target runs that may go into snapshots; where they are dearer, they come less often. Infinity: as often as `spacing` says. */
  readonly share?: number;
  /** Told when what has been executed before is executed again, and when that is over: its output is old. */
  readonly replaying?: (active: boolean) => void;
}

/** Who has written: what was executed, the host included, or who debugs. */
export type Writer = 'instruction' | 'user';

/** Why going back ended. `begin`: nothing is known of what was before. */
export type BackStop = TargetStop | { readonly why: 'begin' };

/** Instructions between snapshots: a second or less to go through. */
const mostSpacing = 64_000_000;

/** Snapshots whose time is taken together: another program may have had the processor during one. */
const fewestSavings = 4;

/** Most snapshots of the stretch that was gone through last. */
const denseReach = 4;

/** Of the bytes, those for the stretch that was gone through last. */
const denseShare = 1 / 5;

/** An instruction that is one unit with others (an IT block) moves the count by at most so many. */
const longestUnit = 5;

/**
 * The past of a target that can be restored: snapshots now and then, and what lies between them is executed again. Positions are counts of
 * instructions. As long as nobody writes to the target, every position is the same whenever it is visited.
 */
export class History {
  readonly #snapshots: TargetSnapshots;
  readonly #denseSpacing: number;
  readonly #limit: number;
  readonly #denseLimit: number;
  readonly #share: number;
  readonly #replaying: (active: boolean) => void;
  #spacing: number;
  /** What the kept ones take, or a little more. */
  #held = 0;
  /** When the last one was made. */
  #keptAt = 0;
  /** Milliseconds in snapshots, in between, and how many snapshots that were, since their spacing changed. */
  #saving = 0;
  #running = 0;
  #savings = 0;
  /** The latest position that there has been. */
  #furthest = 0;
  /** By ascending count; the first one is where history begins. */
  #kept: TargetSnapshot[] = [];
  /** Of the stretch that was gone through last; its latest ones, as far as their share of the bytes goes. */
  #dense: TargetSnapshot[] = [];
  /** What each of them holds that the one before does not. */
  #denseBytes: number[] = [];

  /** @throws UsageError where the target has no snapshots */
  constructor(
    private readonly target: DebugTarget,
    { spacing = 2_000_000, denseSpacing = 50_000, bytes = 64 * 2 ** 20, share = 0.05, replaying = () => undefined }: HistoryOptions = {},
  ) {
    if (target.snapshots === undefined) throw new UsageError('this target cannot go back');
    this.#snapshots = target.snapshots;
    this.#spacing = spacing;
    this.#denseSpacing = denseSpacing;
    this.#limit = bytes * (1 - denseShare);
    this.#denseLimit = bytes * denseShare;
    this.#share = share;
    this.#replaying = replaying;
    this.forget();
  }

  /** Where it begins, in instructions. */
  get begin(): number {
    return this.#kept[0]!.instructions;
  }

  /** How far it was executed, in instructions. */
  get end(): number {
    return this.#furthest;
  }

  /** What the snapshots take. */
  get heldBytes(): number {
    return this.#snapshots.heldBytes([...this.#kept, ...this.#dense]);
  }

  /** History begins here: to be called when somebody has written to the target. */
  forget(): void {
    this.#dense = [];
    this.#denseBytes = [];
    this.#kept = [this.#snapshots.save()];
    this.#furthest = this.target.instructions;
    this.#held = this.#snapshots.heldBytes(this.#kept);
    this.#keptAt = performance.now();
  }

  /** What lay ahead of here will not happen so: something has come from outside, and will come again wherever this moment is gone through. */
  cut(): void {
    const here = this.target.instructions;
    this.#kept = this.#kept.filter(({ instructions }) => instructions <= here);
    this.#dense = this.#dense.filter(({ instructions }) => instructions <= here);
    this.#denseBytes = this.#denseBytes.slice(0, this.#dense.length);
    this.#furthest = here;
    this.#held = this.#snapshots.heldBytes(this.#kept);
  }

  /** Executes up to a position, or to the end of what has been executed before. */
  #advance(until: number): TargetStop {
    const here = this.target.instructions;
    const isOld = here < this.#furthest;
    if (!isOld) {
      const stop = this.target.run(until - here);
      this.#furthest = this.target.instructions;
      return stop;
    }
    this.#replaying(true);
    try {
      return this.target.run(Math.min(until, this.#furthest) - here);
    } finally {
      this.#replaying(false);
      this.#furthest = Math.max(this.#furthest, this.target.instructions);
    }
  }

  #restore(snapshot: TargetSnapshot): void {
    this.#replaying(true);
    try {
      this.#snapshots.restore(snapshot);
    } finally {
      this.#replaying(false);
    }
  }

  /** As the target's `run`, with snapshots on the way. */
  run(most: number): TargetStop {
    const until = this.target.instructions + most;
    for (;;) {
      const next = this.#kept.at(-1)!.instructions + this.#spacing;
      const here = this.target.instructions;
      const stop = this.#advance(Math.min(until, Math.max(next, here + 1)));
      if (this.target.instructions >= next) this.#keep();
      if (stop.why !== 'count' || this.target.instructions >= until) return stop;
    }
  }

  #keep(): void {
    const started = performance.now();
    const previous = this.#kept.at(-1)!;
    const snapshot = this.#snapshots.save(previous);
    this.#kept.push(snapshot);
    // To count all anew each time would take the square of their number.
    this.#held += this.#snapshots.heldBytes([previous, snapshot]) - this.#snapshots.heldBytes([previous]);
    while (this.#kept.length > 2 && this.#held > this.#limit) {
      this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
      this.#spacing *= 2;
      this.#held = this.#snapshots.heldBytes(this.#kept);
    }
    // Of large memories they are dear. Where snapshots are changes how long going back takes, and nothing else.
    const ended = performance.now();
    this.#saving += ended - started;
    this.#running += started - this.#keptAt;
    if (++this.#savings >= fewestSavings && this.#saving > this.#share * this.#running) {
      if (this.#spacing < mostSpacing) this.#spacing *= 2;
      this.#forgetTimes();
    }
    this.#keptAt = ended;
  }

  #forgetTimes(): void {
    this.#saving = 0;
    this.#running = 0;
    this.#savings = 0;
  }

  /**
   * To the position after so many instructions; within a unit (an IT block), behind it. Forwards, it may end earlier, where the target cannot
   * go on. Stops are passed.
   * @throws UsageError for one before history begins
   */
  goTo(count: number): TargetStop {
    if (count < this.begin) throw new UsageError(`history begins after ${this.begin} instructions`);
    const from = lastUpTo(this.#kept, count) ?? this.#kept[0]!;
    const dense = lastUpTo(this.#dense, count);
    const best = dense !== undefined && dense.instructions > from.instructions ? dense : from;
    const here = this.target.instructions;
    if (here > count || here < best.instructions) {
      this.#restore(best);
      if (best === from) this.#beginDense(from);
    } else if (here > best.instructions + this.#denseSpacing) this.#beginDense(this.#snapshots.save(best));
    return this.#replay(count, () => undefined);
  }

  #beginDense(from: TargetSnapshot): void {
    const held = [...this.#kept, from];
    this.#snapshots.recycle(
      this.#dense.filter((snapshot) => !held.includes(snapshot)),
      held,
    );
    this.#dense = [from];
    this.#denseBytes = [0];
  }

  /** Those nearest to where it goes are of use for steps back from there. */
  #keepDense(previous: TargetSnapshot): void {
    const snapshot = this.#snapshots.save(previous);
    this.#dense.push(snapshot);
    this.#denseBytes.push(this.#snapshots.heldBytes([previous, snapshot]) - this.#snapshots.heldBytes([previous]));
    let held = this.#denseBytes.reduce((sum, bytes) => sum + bytes, 0);
    while (this.#dense.length > 2 && held > this.#denseLimit) {
      held -= this.#denseBytes.shift()!;
      this.#dense.shift();
    }
  }

  /** Executes up to `count`, and tells of every stop on the way. */
  #replay(count: number, stopped: (stop: TargetStop) => void): TargetStop {
    const { target } = this;
    let stop: TargetStop = { why: 'count' };
    let passes = true;
    while (target.instructions < count) {
      const here = target.instructions;
      const last = this.#dense.at(-1);
      // Only near to where it goes: steps back from there begin at them.
      const next = last === undefined ? Infinity : Math.max(last.instructions + this.#denseSpacing, count - denseReach * this.#denseSpacing);
      const saveAt = last === undefined || here < last.instructions || here >= next ? Infinity : next;
      if (passes) target.stops.pass(target.pc);
      stop = this.#advance(Math.min(saveAt, count));
      if (target.instructions >= saveAt && last !== undefined) this.#keepDense(last);
      passes = stop.why === 'breakpoint';
      if (stop.why === 'breakpoint' || stop.why === 'watchpoint' || stop.why === 'exception') stopped(stop);
      else if (stop.why !== 'count' && stop.why !== 'interrupted') break;
    }
    return stop;
  }

  /** To the position before this one. Returns false where history begins here. */
  stepBack(): boolean {
    const here = this.target.instructions;
    for (let back = 1; back <= longestUnit; back++) {
      if (here - back < this.begin) break;
      this.goTo(here - back);
      if (this.target.instructions < here) return true;
    }
    this.goTo(here);
    return false;
  }

  /** Back to the last stop before this position that `wanted` wants, or to where history begins. */
  runBack(wanted: (stop: TargetStop) => boolean = () => true): BackStop {
    const search = this.#searchBack(wanted);
    for (;;) {
      const next = search.next();
      if (next.done === true) return next.value;
    }
  }

  /** The same, and in between asks whether somebody wants it to stand still: then it does at the beginning of what it has looked through. */
  async searchBack(wanted: (stop: TargetStop) => boolean, interrupted: () => Promise<boolean>, isInclusive = false): Promise<BackStop> {
    const search = this.#searchBack(wanted, isInclusive);
    for (;;) {
      const next = search.next();
      if (next.done === true) return next.value;
      if (!(await interrupted())) continue;
      this.goTo(next.value);
      return { why: 'interrupted' };
    }
  }

  /** Yields the position where each stretch begins that it has looked through in vain. */
  *#searchBack(wanted: (stop: TargetStop) => boolean, isInclusive = false): Generator<number, BackStop> {
    const { target } = this;
    let end = target.instructions;
    for (const from of this.#kept.filter(({ instructions }) => instructions < end).reverse()) {
      this.#restore(from);
      this.#beginDense(from);
      let found: { readonly count: number; readonly pc: number; readonly stop: TargetStop } | undefined;
      const note = (stop: TargetStop): void => {
        if ((target.instructions < end || (isInclusive && target.instructions === end)) && wanted(stop))
          found = { count: target.instructions, pc: target.pc, stop };
      };
      // A breakpoint at the very snapshot is one that its replay passes.
      const atOnce = this.#advance(target.instructions + 1);
      if (atOnce.why === 'breakpoint') note(atOnce);
      this.#restore(from);
      this.#replay(end, note);
      if (found !== undefined) {
        this.goTo(found.count);
        // What has been taken there, and nothing of it executed yet, is one more position after as many instructions.
        if (found.stop.why === 'exception' && target.pc !== found.pc) this.#advance(found.count + 1);
        return found.stop;
      }
      end = from.instructions + 1;
      yield from.instructions;
    }
    this.goTo(this.begin);
    return { why: 'begin' };
  }

  /**
   * Back to behind what wrote to [address, address + size) last.
   * @returns undefined where nothing has since history began, which is where the target is then
   */
  async lastWrite(address: number, size: number, interrupted: () => Promise<boolean>): Promise<Writer | undefined> {
    const { stops, instructions: here, userWrites } = this.target;
    const own = userWrites.findLast(
      (write) => write.instructions <= here && 'address' in write && write.address < address + size && address < write.address + write.size,
    );
    const id = stops.watch(address, size, 'write');
    try {
      const wanted = (stop: TargetStop): boolean =>
        stop.why === 'watchpoint' && stop.access === 'write' && stop.address < address + size && address < stop.address + stop.size;
      // The instruction before this position may be the one.
      const found = await this.searchBack(wanted, interrupted, true);
      const isFound = found.why === 'watchpoint';
      if (own === undefined || own.instructions < this.target.instructions || found.why === 'interrupted') return isFound ? 'instruction' : undefined;
      // Written after as many instructions is written behind them.
      this.goTo(own.instructions);
      return 'user';
    } finally {
      stops.unwatch(id);
    }
  }
}

/** Of snapshots by ascending count: the last one not after `count`. */
function lastUpTo(snapshots: readonly TargetSnapshot[], count: number): TargetSnapshot | undefined {
  return snapshots.filter(({ instructions }) => instructions <= count).at(-1);
}
