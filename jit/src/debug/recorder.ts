import type { Boundary, LocationMap, ValueLocation, WordLocation, WordPlace } from '@fireball/contracts';
import type { Assembly, Label } from '../expand/assembly.js';
import { wordsOfLocal, type FunctionSource, type Instruction } from '../plan/body.js';
import type { Plan } from '../plan/result.js';
import type { Frame } from '../target/frame.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { noReg } from '../target/registers.js';
import type { StackWrite } from '../select/operand-stack.js';
import type { Entry, Source } from '../select/operands.js';
import type { FunctionState } from '../select/state.js';
import { LiveLocals } from './live-locals.js';

const unknown = { kind: 'unknown' } as const;
/** Writes between two snapshots at least. */
const leastWrites = 64;

interface Recorded {
  readonly index: number;
  readonly label: Label;
  /** The local that no place has, because the flags have it. */
  readonly inFlags: number | undefined;
  /** The stack of an earlier time, what was put there since (writes of the log, to `end`), and the height that is left of it. */
  readonly snapshot: Snapshot;
  readonly end: number;
  readonly length: number;
}

/** The stack at one time. Entries are never changed, only replaced. */
interface Snapshot {
  readonly stack: readonly Entry[];
  /** Writes made before it. */
  readonly begin: number;
}

/** Watches the selection of one function and says afterwards where everything was. It only looks: no code depends on it. */
export class LocationRecorder {
  private readonly recorded: Recorded[] = [];
  private readonly writes: StackWrite[] = [];
  private snapshot: Snapshot = { stack: [], begin: 0 };

  constructor(
    private readonly source: FunctionSource,
    private readonly plan: Plan,
    private readonly state: FunctionState,
    private readonly assembly: Assembly,
  ) {
    state.stack.writes = this.writes;
  }

  /** The instruction at `index` of the body comes next, and can be reached. */
  before(index: number, inFlags: number | undefined): void {
    const label = this.assembly.newLabel();
    this.assembly.bind(label);
    const { stack } = this.state;
    // As many writes as operands pay for a copy of them.
    if (this.writes.length - this.snapshot.begin > stack.length + leastWrites) this.snapshot = { stack: [...stack.all], begin: this.writes.length };
    this.recorded.push({ index, label, inFlags, snapshot: this.snapshot, end: this.writes.length, length: stack.length });
  }

  private stackOf({ snapshot, end, length }: Recorded): Entry[] {
    const stack = snapshot.stack.slice(0, length);
    for (let index = snapshot.begin; index < end; index++) {
      const { position, entry } = this.writes[index] as StackWrite;
      if (position < length) stack[position] = entry;
    }
    return stack;
  }

  /** To be called once the code is laid out. */
  map(masm: MacroAssembler, frame: Frame): LocationMap {
    const { body } = this.plan;
    const live = new LiveLocals(this.source);
    return {
      locals: this.source.locals.map((_, local) => this.localPlace(local)),
      extended: this.plan.extended.all(),
      boundaries: this.recorded.map((recorded) => this.boundary(recorded, body, live)),
      constants: [...this.state.allocation.constRegs].map(([value, register]) => ({ register, value: value | 0 })),
      saved: masm.savedPlaces(frame),
      frameBytes: masm.frameBytes(frame),
    };
  }

  private boundary(recorded: Recorded, body: readonly Instruction[], live: LiveLocals): Boundary {
    const { index, label, inFlags } = recorded;
    const operands = (): readonly ValueLocation[] => this.operands(this.stackOf(recorded));
    return {
      wasmOffset: (body[index] as Instruction).offset,
      codeOffset: this.assembly.labelOffset(label),
      isLive: (local) => local !== inFlags && live.isLive(index, local),
      // Made when somebody asks: together they would take memory by instructions times operands.
      get operands() {
        return operands();
      },
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
        return { kind: 'float', register: entry.float, half: entry.part === 'high' ? 'high' : 'low' };
      case 'home':
        return { kind: 'slot', offset: entry.spOffset };
      case 'sum': {
        const of = this.sourcePlace(entry.source);
        return of === undefined || entry.c === 0 ? (of ?? unknown) : { kind: 'sum', of, constant: entry.c };
      }
      case 'shift': {
        const of = this.sourcePlace(entry.source);
        return of === undefined ? unknown : { kind: 'shift', of, shift: entry.shift, amount: entry.amount, constant: entry.c };
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
