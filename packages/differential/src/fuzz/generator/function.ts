import type { Random } from '@fireball/engines';
import type { FunctionType, ValueType } from '@fireball/wasm';
import type { Features } from '../features.js';
import { localGet, type Label, type Node, type TreeFunction } from '../tree.js';
import { constant } from './constants.js';
import type { ModulePlan } from './plan.js';
import { chooseType, type Profile } from './profile.js';

/** A branch target in scope. */
export interface Target {
  readonly label: Label;
  /** Values that a branch carries. */
  readonly types: readonly ValueType[];
  /** Branches to a loop are made by the loop's own counter alone, so that it ends. */
  readonly isLoop: boolean;
}

/** Makes a value of one type; `depth` is the nesting that it may still use. Undefined where it cannot. */
export type ValueMaker = (generator: FunctionGenerator, depth: number) => Node | undefined;
/** Makes code without a result. */
export type StatementMaker = (generator: FunctionGenerator) => readonly Node[] | undefined;
export type Choices<T> = readonly (readonly [weight: number, maker: T])[];

/** Everything that a function can be made of, for one module and profile. */
export interface Makers {
  readonly values: Readonly<Record<ValueType, Choices<ValueMaker>>>;
  /** Of values of any type, tried in this order. */
  readonly anyValue: readonly ((generator: FunctionGenerator, type: ValueType, depth: number) => Node | undefined)[];
  readonly statements: Choices<StatementMaker>;
  /** A statement that is always possible. */
  readonly assignment: (generator: FunctionGenerator) => readonly Node[];
  /** What a function begins with. */
  readonly opening: (generator: FunctionGenerator) => readonly Node[];
}

/** Upper bound of the instructions that one call of a function executes. */
const callBudget = 3000;
const recursiveBudget = 300;

/** One function body in the making. */
export class FunctionGenerator {
  readonly locals: ValueType[] = [];
  /** Locals that assignments may change, by type. Counters, addresses and recursion depths are not among them. */
  private readonly writable = new Map<ValueType, number[]>();
  private readonly readable = new Map<ValueType, number[]>();
  /** i32 locals that hold addresses well inside of memory. */
  readonly pointers: number[] = [];
  readonly targets: Target[] = [];
  /** How often the code that is being made runs at most, per call. */
  weight = 1;
  cost = 0;
  nesting = 0;
  private size: number;
  private readonly budget: number;
  private nextLabel = 0;
  /** Goes near limits more often; other functions hardly ever trap, so that the code behind is reached too. */
  readonly isRisky: boolean;
  private readonly scratch = new Map<ValueType, number>();

  constructor(
    readonly plan: ModulePlan,
    readonly random: Random,
    readonly profile: Profile,
    readonly index: number,
    readonly type: FunctionType,
    /** Local 0 counts how deep it may still call itself. */
    readonly recursive: boolean,
    private readonly makers: Makers,
  ) {
    this.size = profile.size;
    this.isRisky = random.chance(30);
    this.budget = recursive ? recursiveBudget : callBudget;
    type.params.forEach((param, local) => this.register(local, param, !(recursive && local === 0)));
    for (let count = random.between(1, profile.locals); count > 0; count--) {
      this.newLocal(this.anyType());
    }
  }

  /** A value type, as likely as the profile wants it. */
  anyType(): ValueType {
    return chooseType(this.random, this.features, this.profile);
  }

  get features(): Features {
    return this.plan.features;
  }

  // Locals

  private register(index: number, type: ValueType, isWritable: boolean): void {
    append(this.readable, type, index);
    if (isWritable) append(this.writable, type, index);
  }

  /** A local that assignments may change at any time. */
  newLocal(type: ValueType): number {
    const index = this.reserveLocal(type);
    this.register(index, type, true);
    return index;
  }

  /** A local that only its maker writes; any expression may read it. */
  newPrivateLocal(type: ValueType): number {
    const index = this.reserveLocal(type);
    this.register(index, type, false);
    return index;
  }

  private reserveLocal(type: ValueType): number {
    return this.type.params.length + this.locals.push(type) - 1;
  }

  /** A local that holds a value for a few instructions. */
  scratchLocal(type: ValueType): number {
    let index = this.scratch.get(type);
    if (index === undefined) {
      index = this.reserveLocal(type);
      this.scratch.set(type, index);
    }
    return index;
  }

  writableLocal(type: ValueType): number {
    const known = this.writable.get(type);
    return known === undefined ? this.newLocal(type) : this.random.pick(known);
  }

  readableLocal(type: ValueType): number | undefined {
    const known = this.readable.get(type);
    return known === undefined ? undefined : this.random.pick(known);
  }

  // Labels

  newLabel(): Label {
    return { id: this.nextLabel++ };
  }

  /** A branch target that takes values of these types; any types where they are not given. */
  forwardTarget(types?: readonly ValueType[]): Target | undefined {
    const fitting = this.targets.filter(
      (target) =>
        !target.isLoop && (types === undefined || (target.types.length === types.length && target.types.every((type, index) => type === types[index]))),
    );
    return fitting.length === 0 ? undefined : this.random.pick(fitting);
  }

  /** Makes code inside a block. */
  within<T>(target: Target, make: () => T): T {
    this.targets.push(target);
    this.nesting += 1;
    try {
      return make();
    } finally {
      this.nesting -= 1;
      this.targets.pop();
    }
  }

  // Costs

  /** Notes an instruction. */
  spend(): void {
    this.size -= 1;
    this.cost += this.weight;
  }

  get exhausted(): boolean {
    return this.size <= 0 || this.cost > this.budget;
  }

  /** Can code that costs this much run here as often as this place does? */
  affords(cost: number): boolean {
    return this.cost + cost * this.weight <= this.budget;
  }

  // Code

  /** Code that leaves one value of this type. */
  value(type: ValueType, depth = this.profile.depth): Node {
    this.spend();
    if (depth > 0 && !this.exhausted && !this.random.chance(12)) {
      const choices = this.makers.values[type];
      if (choices.length > 0) {
        const made = this.random.weighted(choices)(this, depth - 1);
        if (made !== undefined) return made;
      }
      const shared = this.random.chance(70) ? undefined : this.anyValue(type, depth - 1);
      if (shared !== undefined) return shared;
    }
    return this.leaf(type);
  }

  private anyValue(type: ValueType, depth: number): Node | undefined {
    for (const make of this.makers.anyValue) {
      const made = make(this, type, depth);
      if (made !== undefined) return made;
    }
    return undefined;
  }

  /** Values of these types, in order; statements may stand between them. */
  valuesOf(types: readonly ValueType[], depth = this.profile.depth): Node[] {
    const list: Node[] = [];
    for (const type of types) {
      if (!this.exhausted && depth > 0 && this.random.chance(4)) list.push(...this.statement());
      list.push(this.value(type, depth));
    }
    return list;
  }

  leaf(type: ValueType): Node {
    const { random, plan } = this;
    const global = random.chance(10) ? plan.readableGlobal(random, type) : undefined;
    if (global !== undefined) return global;
    const local = this.readableLocal(type);
    if (local === undefined || random.below(10) < this.profile.constants / 1.5) return constant(random, type);
    return localGet(local, type);
  }

  condition(depth = this.profile.depth): Node {
    return this.value('i32', Math.max(1, depth));
  }

  statement(): readonly Node[] {
    this.spend();
    return this.random.weighted(this.makers.statements)(this) ?? this.makers.assignment(this);
  }

  /** Up to `most` statements. */
  statements(most: number): Node[] {
    const list: Node[] = [];
    for (let count = this.random.between(0, most); count > 0 && !this.exhausted; count--) list.push(...this.statement());
    return list;
  }

  /** The whole function, until its size is used up; code of a `special` kind is made once, about in the middle. */
  finish(exported: string | undefined, special: ((generator: FunctionGenerator) => Node) | undefined): TreeFunction {
    const label = this.newLabel();
    const body = this.within({ label, types: this.type.results, isLoop: false }, () => {
      const list = [...this.makers.opening(this)];
      const half = this.size / 2;
      while (this.size > half && !this.exhausted) list.push(...this.statement());
      if (special !== undefined) list.push(special(this));
      while (!this.exhausted) list.push(...this.statement());
      return [...list, ...this.valuesOf(this.type.results, 2)];
    });
    return { label, type: this.type, locals: this.locals, body, exported };
  }
}

function append(map: Map<ValueType, number[]>, type: ValueType, index: number): void {
  const list = map.get(type);
  if (list === undefined) map.set(type, [index]);
  else list.push(index);
}
