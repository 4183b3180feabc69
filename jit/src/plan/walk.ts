import type { FunctionType, ValueType } from '@fireball/wasm';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { AccessPlanner } from './access-planner.js';
import type { PlanEnvironment } from './accesses.js';
import { blockSignature, wordsOfLocal, type FunctionSource, type Instruction, type LocalWords } from './body.js';
import { SymbolStack } from './symbol-stack.js';
import { unknown, unknownHigh, type Symbol } from './symbols.js';
import { Weights } from './weights.js';
import { wordCount, wordsOf } from './words.js';

interface Control {
  readonly isLoop: boolean;
  /** Words on the operand stack below the parameters. */
  readonly height: number;
  readonly type: FunctionType;
}

/** What is known at one point of the first walk: operand stack, enclosing blocks, accesses that have been proved. */
export class Walk {
  readonly weights: Weights;
  readonly accesses: AccessPlanner;
  /** Indices of the instructions that call a runtime routine. */
  readonly routineCalls = new Set<number>();
  hasCalls = false;
  readonly stack = new SymbolStack();
  private readonly control: Control[] = [];
  /** Of each local word: how often it has been written. */
  private readonly versions: Int32Array;

  constructor(
    readonly source: FunctionSource,
    readonly locals: LocalWords,
    readonly masm: MacroAssembler,
    readonly environment: PlanEnvironment,
    private readonly osrLoops: ReadonlySet<number>,
  ) {
    this.weights = new Weights(masm, locals.count);
    this.accesses = new AccessPlanner(masm, environment.memory, this.weights);
    this.versions = new Int32Array(locals.count);
    this.control.push({ isLoop: false, height: 0, type: source.type });
  }

  // --- the operand stack ------------------------------------------------------------------

  pop(): Symbol {
    return this.stack.pop();
  }

  push(symbol: Symbol): void {
    this.stack.push(symbol);
  }

  pushTypes(types: readonly ValueType[]): void {
    for (const type of types) {
      this.stack.push(unknown);
      if (wordsOf(type) === 2) this.stack.push(unknownHigh);
    }
  }

  /** The word at `depth` below the top of the stack. */
  peek(depth: number): Symbol | undefined {
    return this.stack.peek(depth);
  }

  // --- locals -----------------------------------------------------------------------------

  getLocal(local: number): void {
    for (const word of wordsOfLocal(this.locals, local)) this.weights.touch(word);
    this.pushLocal(local);
  }

  setLocal(local: number, keep: boolean): void {
    const words = wordsOfLocal(this.locals, local);
    for (let index = words.length - 1; index >= 0; index--) {
      const word = words[index] as number;
      const value = this.pop();
      this.weights.useConst(value, 'move');
      this.weights.settle(value);
      this.weights.touch(word);
      this.versions[word] = (this.versions[word] ?? 0) + 1;
      this.accesses.forget(word);
    }
    if (keep) this.pushLocal(local);
  }

  private pushLocal(local: number): void {
    const [low, high] = wordsOfLocal(this.locals, local) as readonly [number, number?];
    this.push({ kind: 'local', word: low, version: this.versions[low] ?? 0, c: 0 });
    if (high !== undefined) this.push({ kind: 'local', word: high, version: this.versions[high] ?? 0, c: 0, high: true });
  }

  /** Is the local that the symbol names, if it names one, unchanged since? */
  isCurrent(symbol: Symbol): boolean {
    return symbol.kind === 'local' && symbol.version === this.versions[symbol.word];
  }

  // --- blocks -----------------------------------------------------------------------------

  enter(insn: Instruction): void {
    if (insn.op === 'if') {
      this.weights.settle(this.pop());
      this.accesses.close();
    }
    const type = blockSignature(this.source, insn.blockType);
    const height = this.stack.length - wordCount(type.params);
    const isLoop = insn.op === 'loop';
    this.control.push({ isLoop, height, type });
    if (!isLoop) return;
    this.weights.enterLoop();
    this.accesses.merge();
    this.stack.truncate(height);
    this.pushTypes(type.params);
    this.weights.useAddress(this.environment.safepoint?.flag);
    if (this.osrLoops.has(insn.offset)) this.stack.forgetBounds();
  }

  enterElse(): void {
    const { height, type } = this.control.at(-1) as Control;
    this.stack.truncate(height);
    this.pushTypes(type.params);
    this.accesses.merge();
  }

  leave(): void {
    const { isLoop, height, type } = this.control.pop() as Control;
    if (isLoop) this.weights.leaveLoop();
    this.stack.truncate(height);
    this.pushTypes(type.results);
    this.accesses.merge();
  }

  /** The rest of the block was unreachable: as after a branch to its end. */
  dropOperandsOfBlock(): void {
    this.stack.truncate((this.control.at(-1) as Control).height);
  }

  // --- calls ------------------------------------------------------------------------------

  /** Operands of a call that go into argument places. */
  popArguments(types: readonly ValueType[]): void {
    for (let word = wordCount(types); word > 0; word--) this.weights.useConst(this.pop(), 'move');
  }

  call({ params, results }: FunctionType): void {
    this.popArguments(params);
    this.pushTypes(results);
    this.accesses.close();
    this.hasCalls = true;
  }

  routineCall(index: number): void {
    this.routineCalls.add(index);
    this.accesses.close();
  }
}
