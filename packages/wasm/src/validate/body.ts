import type { ByteOffset } from '@fireball/contracts';
import type { FunctionBody, WasmModule } from '../module.js';
import { BodyTables } from './body-tables.js';
import { maxOperands } from './expression.js';
import { NumberReader } from './numbers.js';
import { Operands } from './operands.js';
import { isControl, rules, type Shape, type Shapes } from './rules.js';
import { BlockSignatures, emptyList, firstTypeSignature, signatureOfByte, typeCodes, type TypeCodes } from './signatures.js';
import { SimpleRules } from './simple-rules.js';
import { branchStride, controlColumns, controlKindCodes, controlStride, type TableRows } from './tables.js';

const i32 = 1 satisfies TypeCodes['i32'];
const i64 = 2 satisfies TypeCodes['i64'];
const { elseAt: elseColumn, end: endColumn, loopDepth: depthColumn, branches: branchesColumn } = controlColumns;

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
 * Numbers that come back from calls or out of objects are told to be such of 32 bits (`| 0`), so that the compiler keeps them as they are; labels of `case` are literal, which makes jump
 * tables of the switches.
 */
export class BodyValidator {
  readonly signatures: BlockSignatures;
  private readonly numbers: NumberReader;
  private readonly operands: Operands;
  private readonly simple: SimpleRules;
  private readonly tables = new BodyTables();
  private localTypes = new Uint8Array(256);
  /** Codes of the types of globals, and of those that can be set; 0 for the others. */
  private readonly globalTypes: Uint8Array;
  private readonly mutableTypes: Uint8Array;
  private readonly tableTypes: Uint8Array;
  private readonly functionSignatures: Int32Array;

  /** `declared`: the functions that `ref.func` may name. */
  constructor(
    private readonly module: WasmModule,
    declared: ReadonlySet<number>,
  ) {
    this.signatures = new BlockSignatures(module);
    this.numbers = new NumberReader(module.bytes);
    this.operands = new Operands(this.signatures.lists);
    this.globalTypes = Uint8Array.from(module.globals, ({ type }) => typeCodes[type]);
    this.mutableTypes = Uint8Array.from(module.globals, ({ type, mutable }) => (mutable ? typeCodes[type] : 0));
    this.tableTypes = Uint8Array.from(module.tables, ({ element }) => typeCodes[element]);
    this.functionSignatures = Int32Array.from(module.functionTypes, (type) => firstTypeSignature + type);
    this.simple = new SimpleRules(module, declared, this.numbers, this.operands);
  }

  /** Facts of the body of a function of the module's type `typeIndex`; undefined where it breaks a rule. */
  validate({ locals, code }: FunctionBody, typeIndex: number): BodyFacts | undefined {
    const { signatures } = this;
    const params = signatures.lists[signatures.params[firstTypeSignature + typeIndex]!]!;
    const localCount = this.declareLocals(params, locals);
    return this.walk(code.start, code.end, signatures.ofBody(typeIndex), localCount);
  }

  private declareLocals(params: Uint8Array, runs: FunctionBody['locals']): number {
    let count = params.length;
    for (const run of runs) count += run.count;
    if (count > this.localTypes.length) this.localTypes = new Uint8Array(2 * count);
    const { localTypes } = this;
    let at = 0;
    for (let index = 0; index < params.length; index++) localTypes[at++] = params[index]!;
    for (const run of runs) {
      const type = typeCodes[run.type];
      for (const end = at + run.count; at < end; at++) localTypes[at] = type;
    }
    return count;
  }

  private walk(bodyStart: ByteOffset, bodyEnd: ByteOffset, bodySignature: number, countOfLocals: number): BodyFacts | undefined {
    const { tables, numbers, operands, simple, localTypes, globalTypes, mutableTypes, tableTypes, functionSignatures, module } = this;
    const { bytes } = module;
    const { types: stack } = operands;
    const { params: paramsOf, results: resultsOf, lists } = this.signatures;
    const ruleOf = rules;
    const byteSignatures = signatureOfByte;
    const end = bodyEnd | 0;
    const bodyResults = resultsOf[bodySignature]!;
    /** Indices of one byte that name something. */
    const shortLocals = Math.min(countOfLocals, 0x80) | 0;
    const shortGlobals = Math.min(globalTypes.length, 0x80) | 0;
    /** Makes any alignment too large where it has all bits. */
    const withoutMemory = module.memories.length > 0 ? 0 : -1;

    let controlsEnd = tables.start(bodySignature, bodyResults, bodyStart) | 0;
    let controlsBegin = tables.controls.begin | 0;
    let { rows: controls } = tables.controls;
    let { rows: branches } = tables.branches;
    let branchesEnd = tables.branches.begin | 0;
    let { rows, signatures, carried, bases, lackElse, dead } = tables.frames;
    /** Open frames around the innermost one. */
    let depth = 0;

    let position = bodyStart | 0;
    /** Of the operand stack; of it below the innermost frame; the highest. */
    let height = 0;
    let base = 0;
    let most = 0;
    /** 1 where the innermost frame's rest is unreachable. */
    let isDead = 0;
    let isLeaf = true;
    let usesMemory = false;
    simple.start(localTypes, countOfLocals);

    // A body without its `end` is followed into what is behind it, and found out where that ends.
    for (;;) {
      let at: ByteOffset;
      let rule: number;
      // What most instructions are, without any call, which would cost all that is in registers. Everything else leaves this loop with nothing done: control, long numbers,
      // operands that are missing because the code is unreachable, and what breaks a rule.
      for (;;) {
        at = position;
        rule = ruleOf[bytes[at]!]!;
        switch (rule & 0xff) {
          case 7 satisfies Shapes['local.get']: {
            const index = bytes[at + 1]!;
            if (index >= shortLocals) break;
            stack[height++] = localTypes[index]!;
            if (height > most) most = height;
            position = at + 2;
            continue;
          }
          case 8 satisfies Shapes['local.set']: {
            const index = bytes[at + 1]!;
            if (index >= shortLocals || height <= base || stack[height - 1] !== localTypes[index]) break;
            height--;
            position = at + 2;
            continue;
          }
          case 9 satisfies Shapes['local.tee']: {
            const index = bytes[at + 1]!;
            if (index >= shortLocals || height <= base || stack[height - 1] !== localTypes[index]) break;
            position = at + 2;
            continue;
          }
          case 5 satisfies Shapes['i32.const']: {
            let behind = at + 2;
            if (bytes[at + 1]! >= 0x80) {
              while (bytes[behind++]! >= 0x80);
              if (behind > at + 5) break;
            }
            stack[height++] = i32;
            if (height > most) most = height;
            position = behind;
            continue;
          }
          case 6 satisfies Shapes['i64.const']: {
            let behind = at + 2;
            if (bytes[at + 1]! >= 0x80) {
              while (bytes[behind++]! >= 0x80);
              if (behind > at + 10) break;
            }
            stack[height++] = i64;
            if (height > most) most = height;
            position = behind;
            continue;
          }
          case 2 satisfies Shapes['binary']: {
            const type = (rule >> 8) & 0xff;
            if (height < base + 2 || stack[height - 1] !== type || stack[height - 2] !== type) break;
            height--;
            stack[height - 1] = (rule >> 16) & 0xff;
            position = at + 1;
            continue;
          }
          case 1 satisfies Shapes['unary']:
            if (height <= base || stack[height - 1] !== ((rule >> 8) & 0xff)) break;
            stack[height - 1] = (rule >> 16) & 0xff;
            position = at + 1;
            continue;
          case 3 satisfies Shapes['load']: {
            if (bytes[at + 1]! > ((rule >> 24) | withoutMemory) || height <= base || stack[height - 1] !== i32) break;
            let behind = at + 3;
            if (bytes[at + 2]! >= 0x80) {
              while (bytes[behind++]! >= 0x80);
              if (behind > at + 6) break;
            }
            usesMemory = true;
            stack[height - 1] = (rule >> 16) & 0xff;
            position = behind;
            continue;
          }
          case 4 satisfies Shapes['store']: {
            if (bytes[at + 1]! > ((rule >> 24) | withoutMemory) || height < base + 2 || stack[height - 1] !== ((rule >> 8) & 0xff) || stack[height - 2] !== i32)
              break;
            let behind = at + 3;
            if (bytes[at + 2]! >= 0x80) {
              while (bytes[behind++]! >= 0x80);
              if (behind > at + 6) break;
            }
            usesMemory = true;
            height -= 2;
            position = behind;
            continue;
          }
          case 10 satisfies Shapes['global.get']: {
            const index = bytes[at + 1]!;
            if (index >= shortGlobals) break;
            stack[height++] = globalTypes[index]!;
            if (height > most) most = height;
            position = at + 2;
            continue;
          }
          case 11 satisfies Shapes['global.set']: {
            const index = bytes[at + 1]!;
            if (index >= shortGlobals || height <= base || stack[height - 1] !== mutableTypes[index]) break;
            height--;
            position = at + 2;
            continue;
          }
          case 12 satisfies Shapes['drop']:
            if (height <= base) break;
            height--;
            position = at + 1;
            continue;
        }
        break;
      }

      if (most > maxOperands) return undefined;
      position = at + 1;
      const shape = (rule & 0xff) as Shape;
      if (!isControl(shape)) {
        if ((height = simple.apply(rule, position, height, base, isDead) | 0) < 0) return undefined;
        position = simple.next | 0;
        if (height > most) most = height;
        continue;
      }
      switch (shape) {
        case 36 satisfies Shapes['block']:
        case 37 satisfies Shapes['loop']:
        case 38 satisfies Shapes['if']: {
          const isIf = shape === (38 satisfies Shapes['if']);
          const isLoop = shape === (37 satisfies Shapes['loop']);
          if (isIf) {
            if (height > base && stack[height - 1] === i32) height--;
            else if ((height = operands.pop(i32, height, base, isDead) | 0) < 0) return undefined;
          }
          let signature = byteSignatures[bytes[position++]!]!;
          if (signature < 0) {
            // An index. Sign bits of its last byte would make it negative, and so do not name a type.
            const index = numbers.index(position - 1) | 0;
            position = numbers.next | 0;
            if (index < 0 || index >= module.types.length || (bytes[position - 1]! & 0x40) !== 0) return undefined;
            signature = firstTypeSignature + index;
            if ((height = operands.popList(paramsOf[signature]!, height, base, isDead) | 0) < 0) return undefined;
          }
          if (controlsEnd + controlStride > controls.length) {
            controlsEnd = tables.controls.grow(controlsEnd) | 0;
            controlsBegin = tables.controls.begin | 0;
            controls = tables.controls.rows;
          }
          const outer = rows[depth]!;
          const row = controlsEnd - controlsBegin;
          // In the order of the columns.
          controls[controlsEnd++] = isLoop ? controlKindCodes.loop : isIf ? controlKindCodes.if : controlKindCodes.block;
          controls[controlsEnd++] = at;
          controls[controlsEnd++] = position;
          controls[controlsEnd++] = 0;
          controls[controlsEnd++] = 0;
          controls[controlsEnd++] = height;
          controls[controlsEnd++] = outer / controlStride;
          controls[controlsEnd++] = controls[controlsBegin + outer + depthColumn]! + (isLoop ? 1 : 0);
          controls[controlsEnd++] = 0;
          controls[controlsEnd++] = signature;
          dead[depth] = isDead;
          if (++depth === rows.length) {
            tables.deepen();
            ({ rows, signatures, carried, bases, lackElse, dead } = tables.frames);
          }
          rows[depth] = row;
          signatures[depth] = signature;
          carried[depth] = (isLoop ? paramsOf : resultsOf)[signature]!;
          bases[depth] = height;
          lackElse[depth] = isIf ? 1 : 0;
          base = height;
          isDead = 0;
          if (signature >= firstTypeSignature) height = operands.pushList(paramsOf[signature]!, height) | 0;
          break;
        }
        case 39 satisfies Shapes['else']: {
          const signature = signatures[depth]!;
          if (lackElse[depth] === 0 || (operands.popList(resultsOf[signature]!, height, base, isDead) | 0) !== base) return undefined;
          if (isDead !== 0) tables.endDead(at);
          isDead = 0;
          lackElse[depth] = 0;
          controls[controlsBegin + rows[depth]! + elseColumn] = at;
          height = operands.pushList(paramsOf[signature]!, base) | 0;
          break;
        }
        case 40 satisfies Shapes['end']: {
          const signature = signatures[depth]!;
          const results = resultsOf[signature]!;
          if (results !== emptyList) height = operands.popList(results, height, base, isDead) | 0;
          if (height !== base) return undefined;
          if (isDead !== 0) tables.endDead(at);
          if (lackElse[depth] !== 0 && paramsOf[signature] !== results) return undefined;
          controls[controlsBegin + rows[depth]! + endColumn] = at;
          if (results !== emptyList) height = operands.pushList(results, height) | 0;
          if (--depth >= 0) {
            base = bases[depth]!;
            isDead = dead[depth]! | 0;
            break;
          }
          if (height > most) most = height;
          if (position !== end || most > maxOperands) return undefined;
          return {
            controls: tables.controls.finish(controlsEnd),
            branches: tables.branches.finish(branchesEnd),
            dead: tables.finishDead(),
            maxOperandHeight: most,
            isLeaf,
            usesMemory: usesMemory || simple.usesMemory,
            hasMemoryGrow: simple.hasMemoryGrow,
          };
        }
        case 41 satisfies Shapes['br']:
        case 42 satisfies Shapes['br_if']:
        case 43 satisfies Shapes['br_table']: {
          let left = 0;
          if (shape === (43 satisfies Shapes['br_table'])) {
            left = numbers.index(position) | 0;
            position = numbers.next | 0;
            if (left < 0) return undefined;
          }
          if (shape !== (41 satisfies Shapes['br'])) {
            if (height > base && stack[height - 1] === i32) height--;
            else if ((height = operands.pop(i32, height, base, isDead) | 0) < 0) return undefined;
          }
          let arity = -1;
          do {
            let label = bytes[position++]!;
            if (label >= 0x80) {
              label = numbers.index(position - 1) | 0;
              position = numbers.next | 0;
            }
            if (label < 0 || label > depth || position > end) return undefined;
            if (branchesEnd + branchStride > branches.length) {
              branchesEnd = tables.branches.grow(branchesEnd) | 0;
              ({ rows: branches } = tables.branches);
            }
            const row = rows[depth - label]!;
            const list = carried[depth - label]!;
            const count = list === emptyList ? 0 : lists[list]!.length;
            // In the order of the columns.
            branches[branchesEnd++] = at;
            branches[branchesEnd++] = row / controlStride;
            branches[branchesEnd++] = count;
            controls[controlsBegin + row + branchesColumn]! += 1;
            if (arity >= 0 && count !== arity) return undefined;
            arity = count;
            if (list === emptyList) continue;
            if (shape === (43 satisfies Shapes['br_table'])) {
              if ((height = operands.peekList(list, height, base, isDead) | 0) < 0) return undefined;
              if (height > most) most = height;
            } else {
              if ((height = operands.popList(list, height, base, isDead) | 0) < 0) return undefined;
              if (shape === (42 satisfies Shapes['br_if'])) height = operands.pushList(list, height) | 0;
            }
          } while (--left >= 0);
          if (shape === (42 satisfies Shapes['br_if'])) break;
          height = base;
          if (isDead === 0) tables.beginDead(position);
          isDead = 1;
          break;
        }
        case 44 satisfies Shapes['return']:
          if (operands.popList(bodyResults, height, base, isDead) < 0) return undefined;
          height = base;
          if (isDead === 0) tables.beginDead(position);
          isDead = 1;
          break;
        case 45 satisfies Shapes['unreachable']:
          height = base;
          if (isDead === 0) tables.beginDead(position);
          isDead = 1;
          break;
        case 46 satisfies Shapes['call']:
        case 47 satisfies Shapes['call_indirect']:
        case 48 satisfies Shapes['return_call']:
        case 49 satisfies Shapes['return_call_indirect']: {
          isLeaf = false;
          let index = bytes[position++]!;
          if (index >= 0x80) {
            const second = bytes[position++]!;
            if (second < 0x80) index = (index & 0x7f) | (second << 7);
            else {
              index = numbers.index(position - 2) | 0;
              position = numbers.next | 0;
            }
          }
          let signature: number;
          if (shape === (46 satisfies Shapes['call']) || shape === (48 satisfies Shapes['return_call'])) {
            if (index < 0 || index >= functionSignatures.length) return undefined;
            signature = functionSignatures[index]!;
          } else {
            const table = numbers.index(position) | 0;
            position = numbers.next | 0;
            if (tableTypes[table] !== typeCodes.funcref || index < 0 || index >= module.types.length) return undefined;
            if ((height = operands.pop(i32, height, base, isDead) | 0) < 0) return undefined;
            signature = firstTypeSignature + index;
          }
          const params = paramsOf[signature]!;
          if (params !== emptyList && (height = operands.popList(params, height, base, isDead) | 0) < 0) return undefined;
          const results = resultsOf[signature]!;
          if (shape === (46 satisfies Shapes['call']) || shape === (47 satisfies Shapes['call_indirect'])) {
            if (results !== emptyList) height = operands.pushList(results, height) | 0;
            break;
          }
          if (results !== bodyResults) return undefined;
          height = base;
          if (isDead === 0) tables.beginDead(position);
          isDead = 1;
          break;
        }
      }
      if (height > most) most = height;
    }
  }
}
