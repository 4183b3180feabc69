import type { Assembly, Label } from '../expand/assembly.js';
import { wordsOfLocal, type FunctionSource, type Instruction } from '../plan/body.js';
import type { Plan } from '../plan/result.js';
import type { Frame, Machine } from '../select/machine.js';
import { noReg } from '../select/machine.js';
import type { Entry, Source } from '../select/operands.js';
import type { FunctionState } from '../select/state.js';
import { isIn, liveLocals } from './live-locals.js';
import type { LocationMap, ValueLocation, WordLocation, WordPlace } from './location-map.js';

const unknown = { kind: 'unknown' } as const;

interface Recorded {
  readonly index: number;
  readonly label: Label;
  /** Entries are never changed, only replaced. */
  readonly stack: readonly Entry[];
}

/** Watches the selection of one function and says afterwards where everything was. It only looks: no code depends on it. */
export class LocationRecorder {
  private readonly recorded: Recorded[] = [];

  constructor(
    private readonly source: FunctionSource,
    private readonly plan: Plan,
    private readonly state: FunctionState,
    private readonly assembly: Assembly,
  ) {}

  /** The instruction at `index` of the body comes next, and can be reached. */
  before(index: number): void {
    const label = this.assembly.newLabel();
    this.assembly.bind(label);
    this.recorded.push({ index, label, stack: [...this.state.stack] });
  }

  /** To be called once the code is laid out. */
  map(machine: Machine, frame: Frame): LocationMap {
    const { body } = this.plan;
    const live = liveLocals(body, this.source.locals.length);
    return {
      locals: this.source.locals.map((_, local) => this.localPlace(local)),
      boundaries: this.recorded.map(({ index, label, stack }) => ({
        wasmOffset: (body[index] as Instruction).offset,
        codeOffset: this.assembly.labelOffset(label),
        isLive: (local) => isIn(live[index] as Uint32Array, local),
        operands: this.operands(stack),
      })),
      constants: [...this.state.allocation.constRegs].map(([value, register]) => ({ register, value: value | 0 })),
      saved: machine.savedPlaces(frame),
      frameBytes: machine.frameBytes(frame),
    };
  }

  private localPlace(local: number): ValueLocation<WordPlace> | undefined {
    const places = wordsOfLocal(this.plan.locals, local).map((word) => this.wordPlace(word));
    return places.every((place) => place !== undefined) ? places : undefined;
  }

  private wordPlace(word: number): WordPlace | undefined {
    const register = this.state.allocation.localRegs[word] ?? noReg;
    if (register !== noReg) return { kind: 'register', register };
    return this.state.hasLocalHome(word) ? { kind: 'slot', offset: this.state.localHome(word) } : undefined;
  }

  private operands(stack: readonly Entry[]): readonly ValueLocation[] {
    const values: WordLocation[][] = [];
    for (const entry of stack) {
      const word = this.wordLocation(entry);
      if (entry.high) values.at(-1)?.push(word);
      else values.push([word]);
    }
    return values;
  }

  private wordLocation(entry: Entry): WordLocation {
    switch (entry.kind) {
      case 'const':
        return { kind: 'constant', value: entry.value };
      case 'float':
        return unknown;
      case 'home':
        return { kind: 'slot', offset: entry.spOffset };
      case 'sum': {
        const of = this.sourcePlace(entry.source);
        return of === undefined || entry.c === 0 ? (of ?? unknown) : { kind: 'sum', of, constant: entry.c };
      }
      case 'shift': {
        const of = this.sourcePlace(entry.source);
        return of === undefined ? unknown : { kind: 'shift', of, shift: entry.shift, amount: entry.amount };
      }
      case 'product': {
        const a = this.sourcePlace(entry.a);
        const b = this.sourcePlace(entry.b);
        return a === undefined || b === undefined ? unknown : { kind: 'product', a, b };
      }
    }
  }

  private sourcePlace(source: Source): WordPlace | undefined {
    if ('word' in source) return this.wordPlace(source.word);
    return { kind: 'register', register: 'reg' in source ? source.reg : source.fixed };
  }
}
