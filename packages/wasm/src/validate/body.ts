import type { ByteOffset } from '@fireball/contracts';
import type { FunctionBody, WasmModule } from '../module.js';
import { valueTypeEncodings, type ValueType } from '../types.js';
import { BodyTables, type FinishedTables } from './body-tables.js';
import { maxOperands } from './expression.js';
import { prefix, rules, shapes, type Shape } from './rules.js';
import { BlockSignatures, emptySignature, typeCodes, unknownType as unknown } from './signatures.js';
import { controlColumns, controlKindCodes } from './tables.js';

/** Codes of the value types by their encoding; 0 for bytes that encode none. */
const typeOfEncoding = new Uint8Array(256);
for (const type of Object.keys(typeCodes) as ValueType[]) typeOfEncoding[valueTypeEncodings[type]] = typeCodes[type];

const i32 = typeCodes.i32;
const firstReference = typeCodes.funcref;
const three32 = Uint8Array.of(i32, i32, i32);

/** What one walk found out. */
interface BodyFacts {
  readonly tables: FinishedTables;
  readonly instructionCount: number;
  readonly maxOperandHeight: number;
  readonly isLeaf: boolean;
  readonly usesMemory: boolean;
  readonly hasMemoryGrow: boolean;
}

/**
 * Validates function bodies in one pass over their bytes, with types as integers, and fills the side tables on its way (the algorithm of the core spec's
 * appendix). It only says that a rule is broken; which one, and where, the `ExpressionValidator` finds in a second pass.
 */
export class BodyValidator {
  readonly signatures: BlockSignatures;
  private readonly bytes: Uint8Array;
  /** Codes of the operands' types. Writes behind its end get lost, and `maxOperands` is checked before they matter. */
  private readonly stack = new Uint8Array(maxOperands + 2);
  private localTypes = new Uint8Array(256);
  private readonly globalTypes: Uint8Array;
  private readonly tableTypes: Uint8Array;
  private readonly elementTypes: Uint8Array;

  private readonly tables: BodyTables;
  /** Offset behind the number that `long` read. */
  private next: ByteOffset = 0;

  /** `declared`: the functions that `ref.func` may name. */
  constructor(
    private readonly module: WasmModule,
    private readonly declared: ReadonlySet<number>,
  ) {
    this.bytes = module.bytes;
    this.signatures = new BlockSignatures(module);
    this.tables = new BodyTables(this.signatures);
    this.globalTypes = Uint8Array.from(module.globals, ({ type }) => typeCodes[type]);
    this.tableTypes = Uint8Array.from(module.tables, ({ element }) => typeCodes[element]);
    this.elementTypes = Uint8Array.from(module.elements, ({ type }) => typeCodes[type]);
  }

  /** Facts of the body of a function of the module's type `typeIndex`; undefined where it breaks a rule. */
  validate({ locals, code }: FunctionBody, typeIndex: number): BodyFacts | undefined {
    this.tables.start();
    const localCount = this.declareLocals(this.signatures.params[this.signatures.ofType(typeIndex)]!, locals);
    this.tables.enter(controlKindCodes.function, this.signatures.ofBody(typeIndex), code.start, code.start, 0);
    return this.walk(code.start, code.end, localCount);
  }

  private declareLocals(params: Uint8Array, runs: FunctionBody['locals']): number {
    let count = params.length;
    for (const run of runs) count += run.count;
    if (count > this.localTypes.length) this.localTypes = new Uint8Array(2 * count);
    const { localTypes } = this;
    let at = 0;
    for (const type of params) localTypes[at++] = type;
    for (const run of runs) localTypes.fill(typeCodes[run.type], at, (at += run.count));
    return count;
  }

  private walk(start: ByteOffset, end: ByteOffset, localCount: number): BodyFacts | undefined {
    const { bytes, tables, stack, localTypes, globalTypes, tableTypes, elementTypes, module } = this;
    const { params: paramsOf, results: resultsOf } = this.signatures;
    const { functionTypes, types, globals } = module;
    const hasMemory = module.memories.length > 0;
    let position = start;
    /** Of the operand stack; of it below the innermost frame; the highest. */
    let height = 0;
    let base = 0;
    let most = 0;
    /** Is the innermost frame's rest unreachable? */
    let isDead = false;
    let instructionCount = 0;
    let isLeaf = true;
    let usesMemory = false;
    let hasMemoryGrow = false;

    for (;;) {
      if (position >= end) return undefined;
      const at = position;
      let op = bytes[position++]!;
      if (op === prefix) {
        const sub = this.long(position);
        if (sub < 0 || sub > 0xff) return undefined;
        position = this.next;
        op = 0x100 + sub;
      }
      instructionCount++;
      const rule = rules[op]!;
      const shape = (rule & 0xff) as Shape;
      switch (shape) {
        case shapes['local.get']: {
          let index = bytes[position++]!;
          if (index >= 0x80) {
            index = this.long(position - 1);
            position = this.next;
          }
          if (index < 0 || index >= localCount) return undefined;
          stack[height++] = localTypes[index]!;
          break;
        }
        case shapes['local.set']:
        case shapes['local.tee']: {
          let index = bytes[position++]!;
          if (index >= 0x80) {
            index = this.long(position - 1);
            position = this.next;
          }
          if (index < 0 || index >= localCount) return undefined;
          const type = localTypes[index]!;
          if (height > base && stack[height - 1] === type) height--;
          else if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          if (shape === shapes['local.tee']) stack[height++] = type;
          break;
        }
        case shapes['i32.const']:
          if (bytes[position++]! >= 0x80 && (position = this.skipSigned(position, 5)) < 0) return undefined;
          stack[height++] = i32;
          break;
        case shapes['i64.const']:
          if (bytes[position++]! >= 0x80 && (position = this.skipSigned(position, 10)) < 0) return undefined;
          stack[height++] = typeCodes.i64;
          break;
        case shapes['f32.const']:
          position += 4;
          stack[height++] = typeCodes.f32;
          break;
        case shapes['f64.const']:
          position += 8;
          stack[height++] = typeCodes.f64;
          break;
        case shapes.binary: {
          const type = (rule >> 8) & 0xff;
          if (height > base && stack[height - 1] === type) height--;
          else if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          if (height > base && stack[height - 1] === type) height--;
          else if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          stack[height++] = (rule >> 16) & 0xff;
          break;
        }
        case shapes.unary: {
          const type = (rule >> 8) & 0xff;
          if (height > base && stack[height - 1] === type) height--;
          else if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          stack[height++] = (rule >> 16) & 0xff;
          break;
        }
        case shapes.load:
        case shapes.store: {
          let alignment = bytes[position++]!;
          if (alignment >= 0x80) {
            alignment = this.long(position - 1);
            position = this.next;
          }
          if (!hasMemory || alignment < 0 || alignment > rule >> 24) return undefined;
          if (bytes[position++]! >= 0x80) {
            if (this.long(position - 1) < 0) return undefined;
            position = this.next;
          }
          usesMemory = true;
          if (shape === shapes.store) {
            const type = (rule >> 8) & 0xff;
            if (height > base && stack[height - 1] === type) height--;
            else if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          }
          if (height > base && stack[height - 1] === i32) height--;
          else if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          if (shape === shapes.load) stack[height++] = (rule >> 16) & 0xff;
          break;
        }
        case shapes['global.get']:
        case shapes['global.set']: {
          const index = this.long(position);
          const global = globals[index];
          if (global === undefined) return undefined;
          position = this.next;
          const type = globalTypes[index]!;
          if (shape === shapes['global.get']) stack[height++] = type;
          else if (!global.mutable || (height = this.pop(type, height, base, isDead)) < 0) return undefined;
          break;
        }
        case shapes.if:
        case shapes.block:
        case shapes.loop: {
          if (shape === shapes.if && (height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          const signature = this.blockSignature(position);
          if (signature < 0) return undefined;
          position = this.next;
          const params = paramsOf[signature]!;
          if ((height = this.popAll(params, height, base, isDead)) < 0) return undefined;
          const kind = shape === shapes.if ? controlKindCodes.if : shape === shapes.loop ? controlKindCodes.loop : controlKindCodes.block;
          tables.keepUnreachable(isDead);
          tables.enter(kind, signature, at, position, height);
          base = height;
          isDead = false;
          height = this.pushAll(params, height);
          break;
        }
        case shapes.else:
        case shapes.end: {
          const signature = tables.get(0, controlColumns.signature);
          const results = resultsOf[signature]!;
          if ((height = this.popAll(results, height, base, isDead)) !== base) return undefined;
          if (isDead) tables.endDead(at);
          const hasNoElse = tables.get(0, controlColumns.kind) === controlKindCodes.if && tables.get(0, controlColumns.elseAt) === 0;
          if (shape === shapes.else) {
            if (!hasNoElse) return undefined;
            tables.set(0, controlColumns.elseAt, at);
            isDead = false;
            height = this.pushAll(paramsOf[signature]!, height);
            break;
          }
          if (hasNoElse && !sameTypes(paramsOf[signature]!, results)) return undefined;
          tables.set(0, controlColumns.end, at);
          height = this.pushAll(results, height);
          if (--tables.depth > 0) {
            base = tables.get(0, controlColumns.height);
            isDead = tables.isUnreachable();
            break;
          }
          if (height > most) most = height;
          if (position !== end || most > maxOperands) return undefined;
          return {
            tables: tables.finish(),
            instructionCount,
            maxOperandHeight: most,
            isLeaf,
            usesMemory,
            hasMemoryGrow,
          };
        }
        case shapes.br:
        case shapes.br_if: {
          const label = this.long(position);
          position = this.next;
          if (label < 0 || label >= tables.depth) return undefined;
          if (shape === shapes.br_if && (height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          const carried = tables.branch(label, at);
          if ((height = this.popAll(carried, height, base, isDead)) < 0) return undefined;
          if (shape === shapes.br_if) {
            height = this.pushAll(carried, height);
            break;
          }
          height = base;
          if (!isDead) tables.beginDead(position);
          isDead = true;
          break;
        }
        case shapes.br_table: {
          let count = this.long(position);
          position = this.next;
          if (count < 0 || (height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          let arity = -1;
          for (; count >= 0; count--) {
            const label = this.long(position);
            position = this.next;
            if (position > end || label < 0 || label >= tables.depth) return undefined;
            const carried = tables.branch(label, at);
            if (arity < 0) arity = carried.length;
            if (carried.length !== arity || (height = this.peekAll(carried, height, base, isDead)) < 0) return undefined;
            if (height > most) most = height;
          }
          height = base;
          if (!isDead) tables.beginDead(position);
          isDead = true;
          break;
        }
        case shapes.return:
        case shapes.unreachable: {
          if (shape === shapes.return) {
            if (this.popAll(tables.results, height, base, isDead) < 0) return undefined;
          }
          height = base;
          if (!isDead) tables.beginDead(position);
          isDead = true;
          break;
        }
        case shapes.call:
        case shapes.call_indirect:
        case shapes.return_call:
        case shapes.return_call_indirect: {
          isLeaf = false;
          const index = this.long(position);
          position = this.next;
          let type: number | undefined = index;
          if (shape === shapes.call || shape === shapes.return_call) type = functionTypes[index];
          else {
            const table = this.long(position);
            position = this.next;
            if (tableTypes[table] !== typeCodes.funcref || index < 0 || index >= types.length) return undefined;
            if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          }
          if (type === undefined) return undefined;
          const signature = this.signatures.ofType(type);
          if ((height = this.popAll(paramsOf[signature]!, height, base, isDead)) < 0) return undefined;
          const results = resultsOf[signature]!;
          if (shape === shapes.call || shape === shapes.call_indirect) {
            height = this.pushAll(results, height);
            break;
          }
          if (!sameTypes(results, tables.results)) return undefined;
          height = base;
          if (!isDead) tables.beginDead(position);
          isDead = true;
          break;
        }
        case shapes.drop:
          if (height > base) height--;
          else if (!isDead) return undefined;
          break;
        case shapes.select: {
          if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          let second = unknown;
          if (height > base) second = stack[--height]!;
          else if (!isDead) return undefined;
          let first = unknown;
          if (height > base) first = stack[--height]!;
          else if (!isDead) return undefined;
          if (first >= firstReference || second >= firstReference) return undefined;
          if (first !== second && first !== unknown && second !== unknown) return undefined;
          stack[height++] = first === unknown ? second : first;
          break;
        }
        case shapes.select_t: {
          const count = this.long(position);
          position = this.next;
          const type = typeOfEncoding[bytes[position++]!]!;
          if (count !== 1 || type === unknown) return undefined;
          if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          stack[height++] = type;
          break;
        }
        case shapes.nop:
          break;
        case shapes['table.get']:
        case shapes['table.set']:
        case shapes['table.grow']:
        case shapes['table.fill']:
        case shapes['table.size']: {
          const type = tableTypes[this.long(position)];
          position = this.next;
          if (type === undefined) return undefined;
          if (shape === shapes['table.grow'] || shape === shapes['table.fill']) {
            if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          }
          if (shape !== shapes['table.get'] && shape !== shapes['table.size']) {
            if ((height = this.pop(type, height, base, isDead)) < 0) return undefined;
          }
          if (shape !== shapes['table.grow'] && shape !== shapes['table.size']) {
            if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          }
          if (shape === shapes['table.get']) stack[height++] = type;
          if (shape === shapes['table.grow'] || shape === shapes['table.size']) stack[height++] = i32;
          break;
        }
        case shapes['table.copy']:
        case shapes['table.init']: {
          const first = this.long(position);
          const second = this.long(this.next);
          position = this.next;
          const from = shape === shapes['table.copy'] ? tableTypes[second] : elementTypes[first];
          const into = shape === shapes['table.copy'] ? tableTypes[first] : tableTypes[second];
          if (from === undefined || from !== into || (height = this.popAll(three32, height, base, isDead)) < 0) return undefined;
          break;
        }
        case shapes['elem.drop']:
          if (elementTypes[this.long(position)] === undefined) return undefined;
          position = this.next;
          break;
        case shapes['data.drop']:
        case shapes['memory.init']: {
          const index = this.long(position);
          position = this.next;
          if (index < 0 || index >= module.data.length || module.dataCount === undefined) return undefined;
          if (shape === shapes['data.drop']) break;
          if (!hasMemory || bytes[position++] !== 0 || (height = this.popAll(three32, height, base, isDead)) < 0) return undefined;
          usesMemory = true;
          break;
        }
        case shapes['memory.copy']:
        case shapes['memory.fill']:
          if (!hasMemory || bytes[position++] !== 0 || (shape === shapes['memory.copy'] && bytes[position++] !== 0)) return undefined;
          if ((height = this.popAll(three32, height, base, isDead)) < 0) return undefined;
          usesMemory = true;
          break;
        case shapes['memory.size']:
        case shapes['memory.grow']:
          if (!hasMemory || bytes[position++] !== 0) return undefined;
          usesMemory = true;
          if (shape === shapes['memory.grow']) {
            hasMemoryGrow = true;
            if ((height = this.pop(i32, height, base, isDead)) < 0) return undefined;
          }
          stack[height++] = i32;
          break;
        case shapes['ref.null']: {
          const type = typeOfEncoding[bytes[position++]!]!;
          if (type < firstReference) return undefined;
          stack[height++] = type;
          break;
        }
        case shapes['ref.is_null']: {
          let type = unknown;
          if (height > base) type = stack[--height]!;
          else if (!isDead) return undefined;
          if (type !== unknown && type < firstReference) return undefined;
          stack[height++] = i32;
          break;
        }
        case shapes['ref.func']: {
          const index = this.long(position);
          position = this.next;
          if (index < 0 || index >= functionTypes.length || !this.declared.has(index)) return undefined;
          stack[height++] = typeCodes.funcref;
          break;
        }
        case shapes.illegal:
          return undefined;
      }
      if (height > most && (most = height) > maxOperands) return undefined;
    }
  }

  /** Height without an operand of this type, which may be an unknown one; -1 where there is none. */
  private pop(type: number, height: number, base: number, isDead: boolean): number {
    if (height === base) return isDead ? height : -1;
    const found = this.stack[height - 1];
    return found === type || found === unknown ? height - 1 : -1;
  }

  private popAll(types: Uint8Array, height: number, base: number, isDead: boolean): number {
    for (let index = types.length - 1; index >= 0 && height >= 0; index--) height = this.pop(types[index]!, height, base, isDead);
    return height;
  }

  private pushAll(types: Uint8Array, height: number): number {
    for (const type of types) this.stack[height++] = type;
    return height;
  }

  /** Operands of these types must be there, and stay; in unreachable code those that are missing are put below the others, so that the height is what it would be. */
  private peekAll(types: Uint8Array, height: number, base: number, isDead: boolean): number {
    if (this.popAll(types, height, base, isDead) < 0) return -1;
    const missing = types.length - (height - base);
    if (missing <= 0) return height;
    this.stack.copyWithin(base + missing, base, height);
    this.stack.fill(unknown, base, base + missing);
    return height + missing;
  }

  /** LEB128, unsigned 32 bits at `position`; -1 where it is malformed. `next` is behind it. */
  private long(position: ByteOffset): number {
    const { bytes } = this;
    let byte = bytes[position++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[position++]!;
      if (shift === 28 && !(byte <= 0x0f)) return -1;
      value |= (byte & 0x7f) << shift;
    }
    this.next = position;
    return value >>> 0;
  }

  /** Offset behind a signed number of `most` bytes at most, whose second byte is at `position`; -1 where it is malformed (core spec 5.2.2). */
  private skipSigned(position: ByteOffset, most: 5 | 10): ByteOffset {
    const { bytes } = this;
    for (let left = most - 2; left > 0; left--) if (bytes[position++]! < 0x80) return position;
    const last = bytes[position++]!;
    const isMinimal = most === 5 ? last <= 0x07 || (last >= 0x78 && last < 0x80) : last === 0 || last === 0x7f;
    return isMinimal ? position : -1;
  }

  /** Number of the signature of a block type at `position`; -1 where it is malformed or names no type. `next` is behind it. */
  private blockSignature(position: ByteOffset): number {
    const byte = this.bytes[position]!;
    this.next = position + 1;
    if (byte === 0x40) return emptySignature;
    if ((byte & 0xc0) === 0x40) return typeOfEncoding[byte] || -1;
    // A signed number: sign bits of the last byte would make it negative, and so do not name a type.
    const index = this.long(position);
    if (index < 0 || index >= this.module.types.length || (this.bytes[this.next - 1]! & 0x40) !== 0) return -1;
    return this.signatures.ofType(index);
  }
}

function sameTypes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}
