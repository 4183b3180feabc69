import type { ByteOffset } from '@fireball/contracts';
import type { FunctionBody, WasmModule } from '../module.js';
import { maxOperands } from './expression.js';
import { NumberReader } from './numbers.js';
import { Operands } from './operands.js';
import { QuickWalk } from './quick-walk.js';
import { isControl, rules, shapes, type ControlShape, type Shape } from './rules.js';
import { firstTypeSignature, signatureOfByte, typeCodes, type BlockSignatures } from './signatures.js';
import { SimpleRules } from './simple-rules.js';
import { branchStride, controlColumns, controlKindCodes, controlStride, type TableRows } from './tables.js';

const i32 = typeCodes.i32;

/** What one walk found out. */
export interface BodyFacts {
  readonly controls: TableRows;
  readonly branches: TableRows;
  readonly dead: TableRows;
  readonly maxOperandHeight: number;
  readonly isLeaf: boolean;
  readonly usesMemory: boolean;
  readonly hasMemoryGrow: boolean;
}

/**
 * Validates function bodies in one pass over their bytes, with types as integers, and fills the side tables on its way (the algorithm of the core spec's
 * appendix). It only says that a rule is broken; which one, and where, the `ExpressionValidator` finds in a second pass.
 *
 * Nearly all of a body the `QuickWalk` goes over. Here is the rest, one instruction at a time, and every instruction in all that it may look like.
 */
export class BodyValidator {
  readonly signatures: BlockSignatures;
  private readonly quick: QuickWalk;
  private readonly numbers: NumberReader;
  private readonly operands: Operands;
  private readonly simple: SimpleRules;

  /** `declared`: the functions that `ref.func` may name. */
  constructor(
    private readonly module: WasmModule,
    declared: ReadonlySet<number>,
  ) {
    this.quick = new QuickWalk(module);
    this.signatures = this.quick.signatures;
    this.numbers = new NumberReader(module.bytes);
    this.operands = new Operands(this.quick.stack, this.signatures.lists);
    this.simple = new SimpleRules(module, declared, this.numbers, this.operands, this.quick);
  }

  /** Facts of the body of a function of the module's type `typeIndex`; undefined where it breaks a rule. */
  validate({ locals, code }: FunctionBody, typeIndex: number): BodyFacts | undefined {
    const { quick, simple, signatures } = this;
    const { bytes } = this.module;
    this.declareLocals(signatures.lists[signatures.params[firstTypeSignature + typeIndex]!]!, locals);
    quick.start(signatures.ofBody(typeIndex), code.start);
    simple.start(quick.localTypes, quick.localCount);
    // A body without its `end` is followed into what is behind it, and found out where that ends.
    while (quick.depth >= 0) {
      quick.advance();
      const rule = rules[bytes[quick.position]!] ?? shapes.illegal;
      if (!this.step(rule, code.end)) return undefined;
      if (quick.height > quick.most) quick.most = quick.height;
      if (quick.most > maxOperands) return undefined;
    }
    if (quick.position !== code.end) return undefined;
    const { tables } = quick;
    return {
      controls: tables.controls.finish(tables.controlsEnd),
      branches: tables.branches.finish(tables.branchesEnd),
      dead: tables.finishDead(),
      maxOperandHeight: quick.most,
      isLeaf: quick.isLeaf,
      usesMemory: quick.usesMemory || simple.usesMemory,
      hasMemoryGrow: simple.hasMemoryGrow,
    };
  }

  private declareLocals(params: Uint8Array, runs: FunctionBody['locals']): void {
    const { quick } = this;
    let count = params.length;
    for (const run of runs) count += run.count;
    quick.localCount = count;
    if (count > quick.localTypes.length) quick.localTypes = new Uint8Array(2 * count);
    const { localTypes } = quick;
    let at = 0;
    for (let index = 0; index < params.length; index++) localTypes[at++] = params[index]!;
    for (const run of runs) {
      const type = typeCodes[run.type];
      for (const end = at + run.count; at < end; at++) localTypes[at] = type;
    }
  }

  /** Goes over one instruction; false where it breaks a rule. */
  private step(rule: number, end: ByteOffset): boolean {
    const { quick, simple } = this;
    const at = quick.position++;
    const shape = (rule & 0xff) as Shape;
    if (isControl(shape)) return this.control(shape, at, end);
    quick.height = simple.apply(rule, quick.position, quick.height, quick.base, quick.isDead);
    quick.position = simple.next;
    return quick.height >= 0;
  }

  private control(shape: ControlShape, at: ByteOffset, end: ByteOffset): boolean {
    const { quick } = this;
    switch (shape) {
      case shapes.block:
      case shapes.loop:
        return this.enter(shape, at);
      case shapes.if:
        return this.pop(i32) && this.enter(shape, at);
      case shapes.else:
        return this.enterElse(at);
      case shapes.end:
        return this.leave(at);
      case shapes.br:
        return this.branch(at, false) && this.stop();
      case shapes.br_if:
        return this.pop(i32) && this.branch(at, true);
      case shapes.br_table:
        return this.branchTable(at, end) && this.stop();
      case shapes.return:
        return this.popList(quick.bodyResults) && this.stop();
      case shapes.unreachable:
        return this.stop();
      case shapes.call:
      case shapes.call_indirect: {
        const signature = this.called(shape === shapes.call);
        return signature >= 0 && this.popList(this.signatures.params[signature]!) && this.pushList(this.signatures.results[signature]!);
      }
      case shapes.return_call:
      case shapes.return_call_indirect: {
        const signature = this.called(shape === shapes.return_call);
        return signature >= 0 && this.popList(this.signatures.params[signature]!) && this.signatures.results[signature] === quick.bodyResults && this.stop();
      }
    }
  }

  private pop(type: number): boolean {
    const { quick } = this;
    quick.height = this.operands.pop(type, quick.height, quick.base, quick.isDead);
    return quick.height >= 0;
  }

  private popList(list: number): boolean {
    const { quick } = this;
    quick.height = this.operands.popList(list, quick.height, quick.base, quick.isDead);
    return quick.height >= 0;
  }

  private pushList(list: number): true {
    this.quick.height = this.operands.pushList(list, this.quick.height);
    return true;
  }

  /** An index at `position`, which moves behind it; -1 where it is malformed or names nothing. */
  private index(): number {
    const index = this.numbers.index(this.quick.position);
    this.quick.position = this.numbers.next;
    return index;
  }

  /** What follows in the innermost frame is unreachable. */
  private stop(): true {
    const { quick } = this;
    quick.height = quick.base;
    if (quick.isDead === 0) quick.tables.beginDead(quick.position);
    quick.isDead = 1;
    return true;
  }

  private enter(shape: ControlShape, at: ByteOffset): boolean {
    const { quick, signatures } = this;
    const { tables } = quick;
    const signature = this.blockSignature();
    if (signature < 0 || !this.popList(signatures.params[signature]!)) return false;
    if (tables.controlsEnd + controlStride > tables.controls.rows.length) tables.growControls();
    if (quick.depth + 1 === tables.frames.rows.length) tables.deepen();
    const { frames } = tables;
    const { rows, begin } = tables.controls;
    const row = tables.controlsEnd - begin;
    const outer = frames.rows[quick.depth]!;
    const isLoop = shape === shapes.loop;
    const isIf = shape === shapes.if;
    const columns = rows.subarray(tables.controlsEnd, (tables.controlsEnd += controlStride));
    columns.fill(0);
    columns[controlColumns.kind] = isLoop ? controlKindCodes.loop : isIf ? controlKindCodes.if : controlKindCodes.block;
    columns[controlColumns.start] = at;
    columns[controlColumns.body] = quick.position;
    columns[controlColumns.height] = quick.height;
    columns[controlColumns.parent] = outer / controlStride;
    columns[controlColumns.loopDepth] = rows[begin + outer + controlColumns.loopDepth]! + (isLoop ? 1 : 0);
    columns[controlColumns.signature] = signature;
    frames.dead[quick.depth] = quick.isDead;
    const depth = ++quick.depth;
    frames.rows[depth] = row;
    frames.signatures[depth] = signature;
    frames.carried[depth] = (isLoop ? signatures.params : signatures.results)[signature]!;
    frames.bases[depth] = quick.height;
    frames.lackElse[depth] = isIf ? 1 : 0;
    quick.base = quick.height;
    quick.isDead = 0;
    return this.pushList(signatures.params[signature]!);
  }

  /** Number of the signature of a block type at `position`; -1 where it is malformed or names no type. */
  private blockSignature(): number {
    const { quick, module } = this;
    const signature = signatureOfByte[module.bytes[quick.position]!] ?? -1;
    if (signature >= 0) {
      quick.position++;
      return signature;
    }
    const index = this.index();
    // Sign bits of the last byte would make it negative, and so do not name a type.
    return index < 0 || index >= module.types.length || (module.bytes[quick.position - 1]! & 0x40) !== 0 ? -1 : firstTypeSignature + index;
  }

  /** Takes the results of the innermost frame, below which nothing else may be left, and writes where its arm ends. */
  private endArm(results: number, at: ByteOffset, column: number): boolean {
    const { quick } = this;
    const { tables } = quick;
    if (!this.popList(results) || quick.height !== quick.base) return false;
    if (quick.isDead !== 0) tables.endDead(at);
    tables.controls.rows[tables.controls.begin + tables.frames.rows[quick.depth]! + column] = at;
    return true;
  }

  private enterElse(at: ByteOffset): boolean {
    const { quick, signatures } = this;
    const { frames } = quick.tables;
    const signature = frames.signatures[quick.depth]!;
    if (frames.lackElse[quick.depth] === 0 || !this.endArm(signatures.results[signature]!, at, controlColumns.elseAt)) return false;
    frames.lackElse[quick.depth] = 0;
    quick.isDead = 0;
    return this.pushList(signatures.params[signature]!);
  }

  private leave(at: ByteOffset): boolean {
    const { quick, signatures } = this;
    const { frames } = quick.tables;
    const signature = frames.signatures[quick.depth]!;
    const results = signatures.results[signature]!;
    if (!this.endArm(results, at, controlColumns.end)) return false;
    if (frames.lackElse[quick.depth] !== 0 && signatures.params[signature] !== results) return false;
    const depth = --quick.depth;
    if (depth >= 0) {
      quick.base = frames.bases[depth]!;
      quick.isDead = frames.dead[depth]!;
    }
    return this.pushList(results);
  }

  /** Writes the row of a branch to the label at `position`, and gives the number of the list of types that it carries; -1 where there is no such label. */
  private label(at: ByteOffset): number {
    const { quick } = this;
    const { tables } = quick;
    const label = this.index();
    if (label < 0 || label > quick.depth) return -1;
    if (tables.branchesEnd + branchStride > tables.branches.rows.length) tables.growBranches();
    const row = tables.frames.rows[quick.depth - label]!;
    const list = tables.frames.carried[quick.depth - label]!;
    const { rows } = tables.branches;
    // In the order of the columns.
    rows[tables.branchesEnd++] = at;
    rows[tables.branchesEnd++] = row / controlStride;
    rows[tables.branchesEnd++] = this.signatures.lists[list]!.length;
    tables.controls.rows[tables.controls.begin + row + controlColumns.branches]! += 1;
    return list;
  }

  private branch(at: ByteOffset, mayGoOn: boolean): boolean {
    const list = this.label(at);
    return list >= 0 && this.popList(list) && (!mayGoOn || this.pushList(list));
  }

  private branchTable(at: ByteOffset, end: ByteOffset): boolean {
    const { quick, operands } = this;
    let left = this.index();
    if (left < 0 || !this.pop(i32)) return false;
    let arity = -1;
    for (; left >= 0; left--) {
      const list = this.label(at);
      if (list < 0 || quick.position > end) return false;
      const count = this.signatures.lists[list]!.length;
      if (arity >= 0 && count !== arity) return false;
      arity = count;
      quick.height = operands.peekList(list, quick.height, quick.base, quick.isDead);
      if (quick.height < 0) return false;
      if (quick.height > quick.most) quick.most = quick.height;
    }
    return true;
  }

  /** Number of the signature of what is called; -1 where that does not exist or cannot be called. */
  private called(isDirect: boolean): number {
    const { quick, module } = this;
    quick.isLeaf = false;
    const index = this.index();
    if (index < 0) return -1;
    if (isDirect) return quick.functionSignatures[index] ?? -1;
    if (quick.tableTypes[this.index()] !== typeCodes.funcref || index >= module.types.length) return -1;
    return this.pop(i32) ? firstTypeSignature + index : -1;
  }
}
