import { createHash } from 'node:crypto';
import type { DebugFunction, DebugTarget } from '@fireball/contracts';
import { Session, Values, type Unit } from '@fireball/debugger';
import { debugCall, Random, type EngineOptions, type LoadedModule, type VsocPlace } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { agree, FrameComparison, type Tally } from './compare-frames.js';
import { doesNothing, momentsOf, type Moment } from './moments.js';

/** What one walk does. */
interface WalkSize {
  /** Positions where all is compared, about: at random machine instructions of the way. */
  readonly positions: number;
  /** Instructions of the reference. */
  readonly longest: number;
  readonly seed: number;
}

/** Moments in a row that have no place in code: what became constants, or one with others. */
const mostSilent = 200;
const units = ['wasm', 'template', 'machine'] as const satisfies Unit[];

/** A boundary at whose instruction the reference stops. */
interface Loud {
  readonly wasmOffset: number;
  /** Which of the boundaries at its address. */
  readonly order: number;
}

interface Mark {
  readonly count: number;
  readonly state: string;
  readonly shown: string;
}

/** Goes forwards once through a call by machine instructions, with the reference beside it, and then to some of the places again. */
class Walk {
  readonly #comparison: FrameComparison;
  readonly #random: Random;
  readonly #marks: Mark[] = [];
  readonly #loud = new Map<DebugFunction, ReadonlyMap<number, readonly Loud[]>>();
  /** The reference comes to this one next. */
  #next = 0;
  #moment: Moment | undefined;
  /** Of the boundaries here, those that the reference has come by. */
  #here: readonly { readonly order: number; readonly moment: Moment }[] = [];

  constructor(
    loaded: LoadedModule,
    private readonly session: Session,
    private readonly moments: readonly Moment[],
    private readonly size: WalkSize,
  ) {
    this.#comparison = new FrameComparison(loaded, session);
    this.#random = new Random(size.seed);
  }

  go(): Tally {
    const { size, moments, session } = this;
    let visited = 0;
    for (let steps = 1; this.#match(); steps++) {
      // So that about as many as wanted are spread over all of the way.
      const left = ((moments.length - this.#next) * steps) / Math.max(1, this.#next);
      if (this.#random.below(2 ** 20) < (2 ** 20 * (size.positions - visited)) / Math.max(1, left)) this.#visit(visited++);
      if (session.step('machine').why !== 'step') break;
    }
    this.#seek();
    return this.#comparison.tally;
  }

  /** Which moments belong to where the session stands. False at the end of what the reference has done. */
  #match(): boolean {
    const { moments, session } = this;
    const louds = this.#boundaries();
    const last = louds?.at(-1);
    this.#here = [];
    if (louds === undefined || last === undefined) return true;
    const { index } = session.here!;
    const found = this.#find(index, last.wasmOffset, moments.length);
    if (found === undefined) return false;
    // Who comes by a jump has not come by all of the instructions that have no code in front of its target.
    this.#here = louds.flatMap(({ wasmOffset, order }) => {
      const at = wasmOffset === last.wasmOffset ? found : this.#find(index, wasmOffset, found);
      if (at === undefined) return [];
      this.#next = at + 1;
      return [{ order, moment: moments[at]! }];
    });
    this.#moment = moments[found];
    return true;
  }

  #find(index: number, offset: number, end: number): number | undefined {
    const begin = this.#next;
    for (let at = begin; at < end; at++) {
      const moment = this.moments[at]!;
      if (moment.offset === offset && moment.function === index) return at;
      if (at - begin > mostSilent) agree('moments without a place', at - begin, mostSilent);
    }
    return undefined;
  }

  #boundaries(): readonly Loud[] | undefined {
    const { here, position } = this.session;
    if (here === undefined) return undefined;
    const known = this.#loud.get(here) ?? loudOf(here);
    this.#loud.set(here, known);
    return known.get(position);
  }

  #visit(visited: number): void {
    const { session } = this;
    const { target, order: arrived } = session;
    const { instructions, pc } = target;
    const upcoming = this.moments.slice(this.#next, this.#next + 4);
    for (const { order, moment } of this.#here) {
      session.order = order;
      this.#comparison.compare(session.inspect(), moment, [moment]);
    }
    session.order = arrived;
    if (this.#here.length === 0) this.#comparison.compare(session.inspect(), this.#moment, upcoming);
    agree('count', target.instructions, instructions);
    agree('pc', target.pc, pc);
    if (visited % 32 === 0) this.#marks.push({ count: instructions, state: digestOf(session), shown: this.#shown() });
    this.#wander(units[visited % units.length]!);
    session.goTo(instructions);
  }

  /** Forwards and back by as many ends in the identical state. */
  #wander(unit: Unit): void {
    const { session } = this;
    if (unit !== 'machine' && session.step(unit).why !== 'step') return;
    const state = stateOf(session);
    const times = 1 + this.#random.below(4);
    let done = 0;
    while (done < times && session.step(unit).why === 'step') done++;
    if (done < times) return;
    for (let back = 0; back < times; back++) agree(`back by ${unit}`, session.stepBack(unit).why, 'step');
    sameState(unit, stateOf(session), state);
  }

  /** Everything that is shown, whoever looks at it when. */
  #shown(): string {
    const { session } = this;
    const values = new Values(session.target, session.view);
    return session
      .inspect()
      .map((frame) => [
        frame.pc,
        frame.code?.index,
        frame.sp,
        ...[...values.locals(frame), ...values.operands(frame)].flatMap(({ words, was }) => [words, was]),
      ])
      .join('\n');
  }

  /** To places of the way, wherever from, where all is as it was. */
  #seek(): void {
    const { session } = this;
    for (let left = this.#marks.length; left > 0; left--) {
      const { count, state, shown } = this.#marks[this.#random.below(this.#marks.length)]!;
      session.goTo(count);
      agree(`state at ${count}`, digestOf(session), state);
      agree(`shown at ${count}`, this.#shown(), shown);
    }
  }
}

function loudOf(code: DebugFunction): ReadonlyMap<number, readonly Loud[]> {
  const texts = new Map(code.wasm.map(({ offset, text }) => [offset, text]));
  const all = new Map<number, Loud[]>();
  for (const { codeOffset, wasmOffset } of code.locations.boundaries) {
    const address = code.begin + codeOffset;
    const same = all.get(address) ?? [];
    same.push({ wasmOffset, order: same.length });
    all.set(address, same);
  }
  return new Map([...all].map(([address, same]) => [address, same.filter(({ wasmOffset }) => !doesNothing(texts.get(wasmOffset)!))]));
}

function memoryOf(target: DebugTarget): Uint8Array[] {
  return target
    .memoryMap()
    .filter(({ kind }) => kind === 'ram')
    .map(({ base, size }) => target.peek(base, size)!);
}

interface State {
  readonly words: readonly (number | bigint)[];
  readonly memory: readonly Uint8Array[];
}

function stateOf({ target, order }: Session): State {
  return { words: [target.instructions, order, ...target.registers.map(({ name }) => target.readRegister(name))], memory: memoryOf(target) };
}

function sameState(what: string, actual: State, expected: State): void {
  for (const [index, word] of expected.words.entries()) if (actual.words[index] !== word) agree(what, actual.words, expected.words);
  agree('memories', actual.memory.length, expected.memory.length);
  for (const [index, bytes] of expected.memory.entries()) agree(`${what}: memory`, Buffer.compare(actual.memory[index]!, bytes), 0);
}

function digestOf(session: Session): string {
  const { words, memory } = stateOf(session);
  const hash = createHash('sha1').update(words.join(' '));
  for (const bytes of memory) hash.update(bytes);
  return hash.digest('hex');
}

/** Follows a call with a session and the reference, and compares. Returns what there was. */
export function walk(loaded: LoadedModule, place: VsocPlace, options: EngineOptions, name: string, args: readonly Value[], size: WalkSize): Tally {
  const moments = momentsOf(loaded, options, name, args, size.longest);
  const { target, code } = debugCall(loaded, place, options, name, args);
  try {
    return new Walk(loaded, new Session(target, code, { spacing: 2000, denseSpacing: 100, share: Infinity }), moments, size).go();
  } catch (error) {
    throw new Error(`${loaded.file} on ${place.isa}, ${place.tier}, after ${target.instructions} instructions`, { cause: error });
  } finally {
    target.close();
  }
}
