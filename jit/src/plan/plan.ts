import { InternalError, UnsupportedError } from '@fireball/contracts';
import { opcodeByName, type ValueType } from '@fireball/wasm';
import {
  blockSignature,
  layOutLocals,
  readBody,
  wordsOfLocal,
  type FunctionSource,
  type FunctionType,
  type Instruction,
  type LocalWords,
} from './body.js';
import { wordsThatNeedZero } from './assigned.js';
import type { AccessPlan, MemoryEnvironment, PlanEnvironment } from './accesses.js';
import { AccessGroups, type AccessGroup } from './groups.js';
import { wordsLiveAcrossCalls } from './liveness.js';
import { signBit, type FloatOperation, type SignOperation } from './floats.js';
import { familyOf, isRoutine, type LoadShape, type StoreShape } from './ops.js';
import { bound, commutes, isPowerOfTwo, resultBound, unknown, unknownHigh, withoutBound, type Symbol } from './symbols.js';
import { wordCount, wordsOf } from './words.js';
import type { AluOp, Machine } from '../select/machine.js';
import { needsEntrySafepoint } from '../select/safepoint.js';

export interface Plan {
  readonly body: readonly Instruction[];
  readonly locals: LocalWords;
  /** Executed uses per local word, loops counted eightfold per level. */
  readonly localWeights: Float64Array;
  /** Instructions that name the word: what an encoding for low registers saves. */
  readonly localMentions: Float64Array;
  readonly constMentions: ReadonlyMap<number, number>;
  /** Non-parameter words that are read before they are certainly written. */
  readonly needsZero: Uint8Array;
  /** Instructions saved, by constant (unsigned), if it sat in a register. */
  readonly constWeights: ReadonlyMap<number, number>;
  readonly accesses: ReadonlyMap<number, AccessPlan>;
  readonly hasCalls: boolean;
  /** Runtime routines are called: caller-saved registers do not survive everywhere. */
  readonly hasRoutines: boolean;
  /** Words that some call must preserve. */
  readonly acrossCalls: Uint8Array;
  /** Most computed words on the operand stack at one time: a measure of how many temporaries help. */
  readonly pressure: number;
  /** Most values on the operand stack at one time. */
  readonly mostValues: number;
}
/** Accesses of one group lie within the reach of every load form. */
const groupReach = { thumb2: 4096, rv32: 2048 } as const;
const loopFactor = 8;
interface Control {
  readonly op: 'block' | 'loop' | 'if' | 'function';
  readonly height: number;
  readonly type: FunctionType;
}

/**
 * The cheap first walk: weights for register allocation, and for every memory access the proof
 * that it will be in bounds. Reads nothing but the instructions; the selector follows its answers.
 * `osrLoops`: offsets of loops that can also be entered from outside.
 */
export function planFunction(source: FunctionSource, machine: Machine, environment: PlanEnvironment, osrLoops: ReadonlySet<number> = new Set()): Plan {
  return new Planner(source, machine, environment, osrLoops).run();
}

class Planner {
  private readonly body: Instruction[];
  private readonly memory: MemoryEnvironment | undefined;
  private readonly locals: LocalWords;
  private readonly localWeights: Float64Array;
  private readonly versions: Int32Array;
  private readonly needsZero: Uint8Array;
  private readonly constWeights = new Map<number, number>();
  private readonly constMentions = new Map<number, number>();
  private readonly localMentions: Float64Array;
  private readonly accesses = new Map<number, AccessPlan>();
  /** Local word of each access that belongs to a group, by the access's index. */
  private readonly groupAccesses = new Map<number, number>();
  private readonly groups: AccessGroups;
  private stack: Symbol[] = [];
  private readonly control: Control[] = [];
  private weight = 1;
  private hasCalls = false;
  /** Indices of the instructions that call a runtime routine. */
  private readonly routineCalls = new Set<number>();
  private pressure = 0;
  private mostValues = 0;

  constructor(
    private readonly source: FunctionSource,
    private readonly machine: Machine,
    private readonly environment: PlanEnvironment,
    private readonly osrLoops: ReadonlySet<number>,
  ) {
    this.memory = environment.memory;
    this.groups = new AccessGroups(groupReach[machine.isa]);
    this.body = readBody(source);
    this.locals = layOutLocals(source);
    this.localWeights = new Float64Array(this.locals.count);
    this.localMentions = new Float64Array(this.locals.count);
    this.versions = new Int32Array(this.locals.count);
    this.needsZero = wordsThatNeedZero(this.body, this.locals);
  }

  run(): Plan {
    const { source, body } = this;
    this.control.push({ op: 'function', height: 0, type: source.type });
    if (needsEntrySafepoint(body)) this.useAddress(this.environment.safepoint?.flag);
    let dead = 0;
    for (let index = 0; index < body.length; index++) {
      const insn = body[index] as Instruction;
      if (dead > 0) {
        if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') dead++;
        else if (insn.op === 'end') dead--;
        else if (insn.op === 'else' && dead === 1) dead = 0;
        if (dead > 0) continue;
        // `end` or `else` of the block whose rest was unreachable: as after a branch to it.
        this.stack.length = (this.control.at(-1) as Control).height;
      }
      if (this.step(insn, index)) dead = 1;
      let computed = 0;
      let values = 0;
      for (const symbol of this.stack) {
        if (symbol.kind === 'value') computed++;
        if (symbol.high !== true) values++;
      }
      this.pressure = Math.max(this.pressure, computed);
      this.mostValues = Math.max(this.mostValues, values);
    }
    for (let word = 0; word < this.locals.count; word++) if (this.localWeights[word] === 0) this.needsZero[word] = 0;
    return {
      body,
      locals: this.locals,
      localWeights: this.localWeights,
      localMentions: this.localMentions,
      constMentions: this.constMentions,
      needsZero: this.needsZero,
      constWeights: this.constWeights,
      accesses: this.accesses,
      hasCalls: this.hasCalls,
      hasRoutines: this.routineCalls.size > 0,
      acrossCalls:
        this.hasCalls || this.routineCalls.size > 0
          ? wordsLiveAcrossCalls(body, this.locals, this.routineCalls, this.groupAccesses)
          : new Uint8Array(this.locals.count),
      pressure: this.pressure,
      mostValues: this.mostValues,
    };
  }

  private pop(): Symbol {
    return this.stack.pop() ?? unknown;
  }

  private push(symbol: Symbol): void {
    this.stack.push(symbol);
  }

  private pushTypes(types: readonly ValueType[]): void {
    for (const type of types) {
      this.stack.push(unknown);
      if (wordsOf(type) === 2) this.stack.push(unknownHigh);
    }
  }

  /** Counts a constant that has to be in a register here. */
  private needConst(value: number, cost = this.machine.constCost(value)): void {
    if (cost <= 0) return;
    const key = value >>> 0;
    this.constWeights.set(key, (this.constWeights.get(key) ?? 0) + cost * this.weight);
    this.constMentions.set(key, (this.constMentions.get(key) ?? 0) + 1);
  }

  /** A data address, if there is one: its anchor has to be in a register. */
  private useAddress(address: number | undefined): void {
    if (address !== undefined) this.needConst(this.machine.splitAddress(address).anchor);
  }

  private useConst(symbol: Symbol, op: AluOp | 'compare' | 'test' | 'move'): void {
    if (symbol.kind !== 'const') return;
    if (op === 'move') this.needConst(symbol.value, this.machine.constCost(symbol.value) - 1);
    else if (!this.machine.fitsImmediate(op, symbol.value)) this.needConst(symbol.value);
  }

  /** The pending addition of an operand that is needed in a register. */
  private settle(symbol: Symbol): void {
    if (symbol.kind !== 'const' && symbol.c !== 0 && !this.machine.fitsImmediate('add', symbol.c)) this.needConst(symbol.c);
  }

  /** Effects that outlive a trap happened, or control may leave: groups stop growing. */
  private closeGroups(): void {
    this.groups.close();
  }

  /** Paths meet here: nothing that was proved before is known to hold. */
  private merge(): void {
    this.groups.clear();
  }

  /** Returns true where the code that follows is unreachable. */
  private step(insn: Instruction, index: number): boolean {
    const family = familyOf(insn.op);
    switch (family.kind) {
      case 'other':
        return this.other(insn);
      case 'alu':
        this.binary(family.op);
        return false;
      case 'compare':
        this.compare();
        return false;
      case 'divide':
        this.divide();
        return false;
      case 'unary':
        this.settle(this.pop());
        this.push(unknown);
        return false;
      case 'load':
        this.load(index, insn.b, family.shape);
        return false;
      case 'store':
        this.store(index, insn.b, family.shape);
        return false;
      case 'record':
        for (let word = 0; word < family.shape.operands; word++) this.pop();
        this.pushTypes(family.shape.results);
        this.routineCall(index);
        return false;
      case 'float':
        this.numeric(insn, index, family.operation);
        return false;
      case 'sign':
        this.sign(family.operation);
        return false;
      case 'pair':
      case 'count':
      case 'reinterpretation':
      case 'routine':
        this.numeric(insn, index);
        return false;
    }
  }

  private compare(): void {
    const b = this.pop();
    const a = this.pop();
    if (a.kind === 'const') this.useConst(a, 'compare');
    else this.useConst(b, 'compare');
    this.settle(a);
    this.settle(b);
    this.push({ kind: 'value', max: 1, c: 0 });
  }

  private divide(): void {
    const b = this.pop();
    const a = this.pop();
    if (a.kind === 'const') this.needConst(a.value);
    if (b.kind === 'const') this.needConst(b.value);
    if (b.kind !== 'const' || b.value === 0 || b.value === -1) this.closeGroups();
    this.push(unknown);
  }

  private load(index: number, offset: number, { accesses, extend, width, max }: LoadShape): void {
    this.access(index, this.pop(), offset, width, false);
    this.push({ kind: 'value', max, c: 0 });
    if (accesses.length === 2 || extend === 'signed') this.push(unknownHigh);
    else if (extend === 'unsigned') this.push({ kind: 'const', value: 0, high: true });
  }

  private store(index: number, offset: number, { words, width }: StoreShape): void {
    for (let word = 0; word < words; word++) {
      const value = this.pop();
      if (value.kind === 'const') this.needConst(value.value);
      else this.settle(value);
    }
    this.access(index, this.pop(), offset, width, true);
  }

  private other(insn: Instruction): boolean {
    switch (insn.op) {
      case 'nop':
        return false;
      case 'i32.const':
        this.push({ kind: 'const', value: insn.a });
        return false;
      case 'f32.const':
        this.push({ kind: 'const', value: insn.a | 0 });
        return false;
      case 'i64.const':
      case 'f64.const':
        this.push({ kind: 'const', value: insn.a });
        this.push({ kind: 'const', value: insn.b, high: true });
        return false;
      case 'i32.eqz':
        this.settle(this.pop());
        this.push({ kind: 'value', max: 1, c: 0 });
        return false;
      case 'i32.rotl':
        this.binary('rotr');
        return false;
      case 'drop':
        if (this.pop().high) this.pop();
        return false;
      case 'select':
      case 'select_t': {
        this.settle(this.pop());
        const b = this.pop();
        if (b.high) {
          for (let word = 0; word < 3; word++) this.pop();
          this.push(unknown);
          this.push(unknownHigh);
          return false;
        }
        const a = this.pop();
        this.useConst(a, 'move');
        this.useConst(b, 'move');
        this.push({ kind: 'value', max: Math.max(bound(a), bound(b)), c: 0 });
        return false;
      }
      case 'local.get': {
        for (const word of wordsOfLocal(this.locals, insn.a)) this.touch(word);
        this.pushLocal(insn.a);
        return false;
      }
      case 'local.set':
      case 'local.tee':
        this.setLocal(insn.a, insn.op === 'local.tee');
        return false;
      case 'global.get':
        this.useAddress(this.environment.globalAddress(insn.a));
        this.pushTypes([this.source.globalType(insn.a)]);
        return false;
      case 'global.set': {
        for (let word = wordsOf(this.source.globalType(insn.a)); word > 0; word--) {
          const value = this.pop();
          if (value.kind === 'const') this.needConst(value.value);
          else this.settle(value);
        }
        this.useAddress(this.environment.globalAddress(insn.a));
        this.closeGroups();
        return false;
      }
      case 'call': {
        this.callType(this.source.functionType(insn.a));
        if (insn.a !== this.source.index) this.useAddress(this.environment.slotAddress(insn.a));
        this.hasCalls = true;
        return false;
      }
      case 'call_indirect':
        this.tableElement(insn);
        this.callType(this.source.types[insn.a] as FunctionType);
        this.hasCalls = true;
        return false;
      case 'return_call':
        for (let word = wordCount(this.source.functionType(insn.a).params); word > 0; word--) this.useConst(this.pop(), 'move');
        return true;
      case 'return_call_indirect':
        this.tableElement(insn);
        return true;
      case 'ref.null':
        this.push({ kind: 'const', value: 0 });
        return false;
      case 'ref.is_null':
        this.settle(this.pop());
        this.push({ kind: 'value', max: 1, c: 0 });
        return false;
      case 'ref.func':
        this.push({ kind: 'const', value: this.environment.slotAddress(insn.a) | 0 });
        return false;
      case 'table.size':
      case 'memory.size':
        this.push(unknown);
        return false;
      case 'data.drop':
      case 'elem.drop':
        this.closeGroups();
        return false;
      case 'block':
      case 'loop':
      case 'if':
        this.enter(insn);
        return false;
      case 'else': {
        const frame = this.control.at(-1) as Control;
        this.stack.length = frame.height;
        this.pushTypes(frame.type.params);
        this.merge();
        return false;
      }
      case 'end': {
        const frame = this.control.pop() as Control;
        if (frame.op === 'loop') this.weight /= loopFactor;
        this.stack.length = frame.height;
        this.pushTypes(frame.type.results);
        this.merge();
        return false;
      }
      case 'br_if':
        this.settle(this.pop());
        this.closeGroups();
        return false;
      case 'br_table':
        this.settle(this.pop());
        return true;
      case 'br':
      case 'return':
      case 'unreachable':
        return true;
      default:
        throw new UnsupportedError(insn.op, { offset: insn.offset, section: 'code' });
    }
  }

  private callType(type: FunctionType): void {
    for (let word = wordCount(type.params); word > 0; word--) this.useConst(this.pop(), 'move');
    this.pushTypes(type.results);
    this.closeGroups();
  }

  private tableElement(insn: Instruction): void {
    this.settle(this.pop());
    this.needConst(this.environment.table(insn.b).elements);
    this.closeGroups();
  }

  /** Pair operations and runtime routines: operands in registers, results unknown. */
  private numeric(insn: Instruction, index: number, float?: FloatOperation): void {
    const { signature } = opcodeByName(insn.op);
    if (signature === undefined) throw new InternalError(`${insn.op} has no signature`);
    const isCall = isRoutine(insn.op, this.machine.isa, this.machine.features, this.stack.at(-2)?.kind === 'const');
    for (let word = wordCount(signature.params); word > 0; word--) {
      const operand = this.pop();
      if (float !== undefined && !isCall && operand.kind === 'const') this.needConst(operand.value);
      else this.settle(operand);
    }
    this.pushTypes(signature.results);
    if (isCall) this.routineCall(index);
    else if (float?.kind === 'truncate' && !float.saturating) this.closeGroups();
  }

  private sign({ op, type }: SignOperation): void {
    if (op !== 'abs' && !this.machine.fitsImmediate('xor', signBit)) this.needConst(signBit);
    for (let words = (op === 'copysign' ? 2 : 1) * wordsOf(type); words > 0; words--) this.settle(this.pop());
    this.pushTypes([type]);
  }

  private routineCall(index: number): void {
    this.routineCalls.add(index);
    this.closeGroups();
  }

  private touch(word: number): void {
    this.localWeights[word] = (this.localWeights[word] ?? 0) + this.weight;
    this.localMentions[word] = (this.localMentions[word] ?? 0) + 1;
  }

  private setLocal(local: number, keep: boolean): void {
    const words = wordsOfLocal(this.locals, local);
    for (let index = words.length - 1; index >= 0; index--) {
      const word = words[index] as number;
      const value = this.pop();
      this.useConst(value, 'move');
      this.settle(value);
      this.touch(word);
      this.versions[word] = (this.versions[word] ?? 0) + 1;
      this.groups.forget(word);
    }
    if (keep) this.pushLocal(local);
  }

  private pushLocal(local: number): void {
    const [low, high] = wordsOfLocal(this.locals, local) as readonly [number, number?];
    this.push({ kind: 'local', word: low, version: this.versions[low] ?? 0, c: 0 });
    if (high !== undefined) this.push({ kind: 'local', word: high, version: this.versions[high] ?? 0, c: 0, high: true });
  }

  private enter(insn: Instruction): void {
    if (insn.op === 'if') {
      this.settle(this.pop());
      this.closeGroups();
    }
    const type = blockSignature(this.source, insn.blockType);
    const height = this.stack.length - wordCount(type.params);
    this.control.push({ op: insn.op as Control['op'], height, type });
    if (insn.op === 'loop') {
      this.weight *= loopFactor;
      this.merge();
      this.stack.length = height;
      this.pushTypes(type.params);
      this.useAddress(this.environment.safepoint?.flag);
      if (this.osrLoops.has(insn.offset)) this.stack = this.stack.map(withoutBound);
    }
  }

  private binary(op: AluOp): void {
    const b = this.pop();
    const a = this.pop();
    const constant = b.kind === 'const' ? b : a.kind === 'const' ? a : undefined;
    const other = constant === b ? a : b;
    if ((op === 'add' || (op === 'sub' && b.kind === 'const')) && constant !== undefined && other.kind !== 'const') {
      const c = op === 'add' ? constant.value : -constant.value;
      this.push({ ...other, c: (other.c + c) | 0 });
      return;
    }
    if (constant !== undefined && other.kind !== 'const') {
      const reverse = op === 'sub' && constant === a;
      const shiftByConst = op === 'mul' && isPowerOfTwo(constant.value);
      if (reverse) {
        if (!this.machine.fitsReverse(constant.value)) this.needConst(constant.value);
      } else if (!shiftByConst && (constant === b || commutes(op))) this.useConst(constant, op);
      else if (!shiftByConst) this.needConst(constant.value);
    }
    this.settle(a);
    this.settle(b);
    this.push({ kind: 'value', max: resultBound(op, a, b), c: 0 });
  }

  private access(index: number, address: Symbol, offset: number, width: number, isStore: boolean): void {
    const plan = this.planAccess(index, address, offset, width);
    this.accesses.set(index, plan);
    if (plan.kind === 'group') this.groupAccesses.set(index, plan.group.local);
    const base = (this.memory?.base ?? 0) >>> 0;
    this.constMentions.set(base, (this.constMentions.get(base) ?? 0) + 1);
    this.countAccess(plan);
    if (plan.kind === 'single') this.settle(address);
    if (isStore) this.closeGroups();
  }

  private planAccess(index: number, address: Symbol, offset: number, width: number): AccessPlan {
    const minBytes = this.memory?.minBytes ?? 0;
    const base = this.memory?.base ?? 0;
    if (address.kind === 'const') {
      const ea = (address.value >>> 0) + offset;
      if (ea + width <= minBytes) return { kind: 'static', address: base + ea };
      return { kind: 'single', extent: offset + width };
    }
    if (address.kind === 'value') {
      if (address.c >= 0 && address.max + address.c + offset + width <= minBytes) {
        this.needConst((base + address.c + offset) | 0);
        return { kind: 'bounded' };
      }
      return { kind: 'single', extent: offset + width };
    }
    const member = { wasmOffset: this.body[index]?.offset ?? 0, c: address.c, size: offset + width };
    const isCurrent = address.version === this.versions[address.word];
    const group = isCurrent ? this.groups.join(address.word, member) : undefined;
    return group === undefined ? { kind: 'single', extent: offset + width } : { kind: 'group', group, c: address.c, offset };
  }

  private countAccess(plan: AccessPlan): void {
    if (this.memory === undefined) return;
    switch (plan.kind) {
      case 'static':
        this.needConst(this.memory.base, 1);
        return;
      case 'bounded':
        return;
      case 'group':
        if (plan.group.members.length > 1) return;
        this.countAnchor(plan.group);
        this.countCheck(plan.group.extent);
        return;
      case 'single':
        this.countCheck(plan.extent);
        return;
    }
  }

  /** Anchors of one local that lie near each other are computed one from the other. */
  private countAnchor(group: AccessGroup): void {
    const fits = (distance: number): boolean => this.machine.fitsImmediate('add', distance);
    if (group.low !== 0 && !fits(group.low) && !this.groups.hasNeighbour(group, fits)) this.needConst(group.low);
  }

  private countCheck(extent: number): void {
    if (this.memory === undefined) return;
    this.needConst(this.memory.base);
    if (this.memory.fixed) {
      const last = this.memory.minBytes - extent;
      if (last >= 0 && !this.machine.fitsImmediate('compare', last) && !this.machine.fitsImmediate('compare', last + 1)) {
        this.needConst(last, this.weight > 1 ? this.machine.limitCost : undefined);
        // Comparisons encode any register equally well.
        this.constMentions.set(last, 0);
      }
      return;
    }
    const limit = this.machine.immediateLimit(this.memory.minBytes - extent + 1);
    if (limit > 0 && !this.machine.fitsImmediate('compare', limit)) this.needConst(limit);
  }
}
