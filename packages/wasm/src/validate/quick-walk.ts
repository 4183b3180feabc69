import type { ByteOffset } from '@fireball/contracts';
import type { WasmModule } from '../module.js';
import { BodyTables } from './body-tables.js';
import { maxOperands } from './expression.js';
import { rules, type Shapes } from './rules.js';
import { BlockSignatures, emptyList, firstReference, firstTypeSignature, lastSingle, signatureOfByte, typeCodes, type TypeCodes } from './signatures.js';
import { branchStride, controlColumns, controlKindCodes, controlStride } from './tables.js';

const i32 = 1 satisfies TypeCodes['i32'];
const i64 = 2 satisfies TypeCodes['i64'];
const { elseAt: elseColumn, end: endColumn, loopDepth: depthColumn, branches: branchesColumn } = controlColumns;

/**
 * A walk over a body as far as it goes quickly: over instructions whose numbers are short, whose blocks have at most one result, and whose operands are there. It calls nothing, so that the
 * compiler keeps where it is and how many operands there are in registers; labels of `case` are literal, which makes jump tables of switches. Numbers out of objects are told to be such of
 * 32 bits (`| 0`). Bytes behind the end of the module are undefined.
 */
export class QuickWalk {
  readonly signatures: BlockSignatures;
  readonly tables = new BodyTables();
  /** Codes of the operands' types. Writes behind its end get lost, and `maxOperands` is checked before they matter. */
  readonly stack = new Uint8Array(maxOperands + 2);
  localTypes: Uint8Array = new Uint8Array(256);
  localCount = 0;
  /** Number of the list of the function's results. */
  bodyResults = emptyList;

  position: ByteOffset = 0;
  /** Of the operand stack; of it below the innermost frame; the highest. */
  height = 0;
  base = 0;
  most = 0;
  /** Open frames around the innermost one. */
  depth = 0;
  /** 1 where the innermost frame's rest is unreachable. */
  isDead = 0;
  isLeaf = true;
  usesMemory = false;

  readonly functionSignatures: Int32Array;
  readonly tableTypes: Uint8Array;
  /** Codes of the types of globals, and of those that can be set; 0 for the others. */
  readonly globalTypes: Uint8Array;
  private readonly mutableTypes: Uint8Array;
  /** Makes any alignment too large where it has all bits. */
  private readonly withoutMemory: number;

  constructor(readonly module: WasmModule) {
    this.signatures = new BlockSignatures(module);
    this.globalTypes = Uint8Array.from(module.globals, ({ type }) => typeCodes[type]);
    this.mutableTypes = Uint8Array.from(module.globals, ({ type, mutable }) => (mutable ? typeCodes[type] : 0));
    this.tableTypes = Uint8Array.from(module.tables, ({ element }) => typeCodes[element]);
    this.functionSignatures = Int32Array.from(module.functionTypes);
    for (let index = 0; index < this.functionSignatures.length; index++) this.functionSignatures[index]! += firstTypeSignature;
    this.withoutMemory = module.memories.length > 0 ? 0 : -1;
  }

  /** Begins a body with the frame of the function. Its locals are declared. */
  start(signature: number, start: ByteOffset): void {
    this.bodyResults = this.signatures.results[signature]!;
    this.tables.start(signature, this.bodyResults, start);
    this.position = start;
    this.height = 0;
    this.base = 0;
    this.most = 0;
    this.depth = 0;
    this.isDead = 0;
    this.isLeaf = true;
    this.usesMemory = false;
  }

  /** Goes on to the first instruction that is not like that, with nothing done about it. */
  advance(): void {
    const { stack, localTypes, tables, functionSignatures } = this;
    const { bytes } = this.module;
    const { params: paramsOf, results: resultsOf, lists } = this.signatures;
    const { rows, signatures, carried, bases, lackElse, dead } = tables.frames;
    const { rows: controls } = tables.controls;
    const { rows: branches } = tables.branches;
    const controlsBegin = tables.controls.begin | 0;
    const ruleOf = rules;
    const byteSignatures = signatureOfByte;
    /** Indices of one byte that name something. */
    const shortLocals = Math.min(this.localCount, 0x80) | 0;
    let position = this.position | 0;
    let height = this.height | 0;
    let base = this.base | 0;
    let most = this.most | 0;
    for (;;) {
      const at = position;
      const rule = ruleOf[bytes[at]!]!;
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
          if (bytes[at + 1]! > ((rule >> 24) | this.withoutMemory) || height <= base || stack[height - 1] !== i32) break;
          let behind = at + 3;
          if (bytes[at + 2]! >= 0x80) {
            while (bytes[behind++]! >= 0x80);
            if (behind > at + 6) break;
          }
          this.usesMemory = true;
          stack[height - 1] = (rule >> 16) & 0xff;
          position = behind;
          continue;
        }
        case 4 satisfies Shapes['store']: {
          if (
            bytes[at + 1]! > ((rule >> 24) | this.withoutMemory) ||
            height < base + 2 ||
            stack[height - 1] !== ((rule >> 8) & 0xff) ||
            stack[height - 2] !== i32
          )
            break;
          let behind = at + 3;
          if (bytes[at + 2]! >= 0x80) {
            while (bytes[behind++]! >= 0x80);
            if (behind > at + 6) break;
          }
          this.usesMemory = true;
          height -= 2;
          position = behind;
          continue;
        }
        case 10 satisfies Shapes['global.get']: {
          const index = bytes[at + 1]!;
          if (index >= 0x80 || index >= this.globalTypes.length) break;
          stack[height++] = this.globalTypes[index]!;
          if (height > most) most = height;
          position = at + 2;
          continue;
        }
        case 11 satisfies Shapes['global.set']: {
          const index = bytes[at + 1]!;
          if (index >= 0x80 || index >= this.mutableTypes.length || height <= base || stack[height - 1] !== this.mutableTypes[index]) break;
          height--;
          position = at + 2;
          continue;
        }
        case 12 satisfies Shapes['drop']:
          if (height <= base) break;
          height--;
          position = at + 1;
          continue;
        case 15 satisfies Shapes['f32.const']:
          stack[height++] = 3 satisfies TypeCodes['f32'];
          if (height > most) most = height;
          position = at + 5;
          continue;
        case 16 satisfies Shapes['f64.const']:
          stack[height++] = 4 satisfies TypeCodes['f64'];
          if (height > most) most = height;
          position = at + 9;
          continue;
        case 13 satisfies Shapes['nop']:
          position = at + 1;
          continue;
        case 17 satisfies Shapes['select']: {
          if (height < base + 3 || stack[height - 1] !== i32) break;
          const type = stack[height - 2]!;
          if (type !== stack[height - 3] || type >= firstReference) break;
          height -= 2;
          position = at + 1;
          continue;
        }
        case 36 satisfies Shapes['block']:
        case 37 satisfies Shapes['loop']:
        case 38 satisfies Shapes['if']: {
          const signature = byteSignatures[bytes[at + 1]!]!;
          const isIf = (rule & 0xff) === (38 satisfies Shapes['if']);
          const isLoop = (rule & 0xff) === (37 satisfies Shapes['loop']);
          const depth = this.depth | 0;
          let end = tables.controlsEnd | 0;
          if (signature < 0 || end + controlStride > controls.length || depth + 1 >= rows.length) break;
          if (isIf) {
            if (height <= base || stack[height - 1] !== i32) break;
            height--;
          }
          const outer = rows[depth]!;
          const row = end - controlsBegin;
          // In the order of the columns.
          controls[end++] = isLoop ? controlKindCodes.loop : isIf ? controlKindCodes.if : controlKindCodes.block;
          controls[end++] = at;
          controls[end++] = at + 2;
          controls[end++] = 0;
          controls[end++] = 0;
          controls[end++] = height;
          controls[end++] = outer / controlStride;
          controls[end++] = controls[controlsBegin + outer + depthColumn]! + (isLoop ? 1 : 0);
          controls[end++] = 0;
          controls[end++] = signature;
          tables.controlsEnd = end;
          dead[depth] = this.isDead;
          rows[depth + 1] = row;
          signatures[depth + 1] = signature;
          carried[depth + 1] = isLoop ? emptyList : signature;
          bases[depth + 1] = height;
          lackElse[depth + 1] = isIf ? 1 : 0;
          this.depth = depth + 1;
          this.isDead = 0;
          base = height;
          position = at + 2;
          continue;
        }
        case 39 satisfies Shapes['else']:
        case 40 satisfies Shapes['end']: {
          const depth = this.depth | 0;
          const signature = signatures[depth]!;
          const results = resultsOf[signature]!;
          const isDead = this.isDead | 0;
          const isEnd = (rule & 0xff) === (40 satisfies Shapes['end']);
          if (depth === 0 || results > lastSingle || (isDead !== 0 && tables.deadFrames === 1 && tables.deadStart !== at)) break;
          if (results === emptyList ? height !== base : (height !== base + 1 || stack[base] !== results) && (isDead === 0 || height !== base)) break;
          if (isEnd) {
            if (lackElse[depth] !== 0 && paramsOf[signature] !== results) break;
            controls[controlsBegin + rows[depth]! + endColumn] = at;
            height = base;
            if (results !== emptyList) {
              stack[height++] = results;
              if (height > most) most = height;
            }
            this.depth = depth - 1;
            base = bases[depth - 1]!;
            this.isDead = dead[depth - 1]!;
          } else {
            if (lackElse[depth] === 0 || signature >= firstTypeSignature) break;
            lackElse[depth] = 0;
            controls[controlsBegin + rows[depth]! + elseColumn] = at;
            height = base;
            this.isDead = 0;
          }
          if (isDead !== 0) tables.deadFrames--;
          position = at + 1;
          continue;
        }
        case 41 satisfies Shapes['br']:
        case 42 satisfies Shapes['br_if']: {
          const isIf = (rule & 0xff) === (42 satisfies Shapes['br_if']);
          let label = bytes[at + 1]!;
          let behind = at + 2;
          if (label >= 0x80) {
            const second = bytes[behind++]!;
            if (second >= 0x80) break;
            label = (label & 0x7f) | (second << 7);
          }
          const depth = this.depth | 0;
          let end = tables.branchesEnd | 0;
          if (!(label <= depth) || this.isDead !== 0 || end + branchStride > branches.length) break;
          const left = isIf ? height - 1 : height;
          if (isIf && (left < base || stack[left] !== i32)) break;
          const row = rows[depth - label]!;
          const list = carried[depth - label]!;
          if (list !== emptyList && (list > lastSingle || left <= base || stack[left - 1] !== list)) break;
          // In the order of the columns.
          branches[end++] = at;
          branches[end++] = row / controlStride;
          branches[end++] = list === emptyList ? 0 : 1;
          tables.branchesEnd = end;
          controls[controlsBegin + row + branchesColumn]! += 1;
          position = behind;
          height = left;
          if (isIf) continue;
          height = base;
          if (tables.deadFrames++ === 0) tables.deadStart = position;
          this.isDead = 1;
          continue;
        }
        case 43 satisfies Shapes['br_table']: {
          const count = bytes[at + 1]!;
          let end = tables.branchesEnd | 0;
          if (!(count < 0x80) || this.isDead !== 0 || height <= base || stack[height - 1] !== i32 || end + (count + 1) * branchStride > branches.length) break;
          const depth = this.depth | 0;
          const behind = at + count + 3;
          let next = at + 2;
          while (next < behind && bytes[next]! <= depth && bytes[next]! < 0x80 && carried[depth - bytes[next]!] === emptyList) next++;
          if (next < behind) break;
          for (next = at + 2; next < behind; next++) {
            const row = rows[depth - bytes[next]!]!;
            branches[end++] = at;
            branches[end++] = row / controlStride;
            branches[end++] = 0;
            controls[controlsBegin + row + branchesColumn]! += 1;
          }
          tables.branchesEnd = end;
          position = behind;
          height = base;
          if (tables.deadFrames++ === 0) tables.deadStart = position;
          this.isDead = 1;
          continue;
        }
        case 44 satisfies Shapes['return']:
        case 45 satisfies Shapes['unreachable']: {
          if (this.isDead !== 0) break;
          if ((rule & 0xff) === (44 satisfies Shapes['return'])) {
            const results = this.bodyResults | 0;
            if (results !== emptyList && (results > lastSingle || height <= base || stack[height - 1] !== results)) break;
          }
          position = at + 1;
          height = base;
          if (tables.deadFrames++ === 0) tables.deadStart = position;
          this.isDead = 1;
          continue;
        }
        case 46 satisfies Shapes['call']:
        case 47 satisfies Shapes['call_indirect']: {
          let index = bytes[at + 1]!;
          let behind = at + 2;
          if (index >= 0x80) {
            const second = bytes[behind++]!;
            if (second >= 0x80) break;
            index = (index & 0x7f) | (second << 7);
          }
          let left = height;
          let signature: number;
          if ((rule & 0xff) === (46 satisfies Shapes['call'])) {
            if (!(index < functionSignatures.length)) break;
            signature = functionSignatures[index]!;
          } else {
            const table = bytes[behind++]!;
            if (table >= this.tableTypes.length || this.tableTypes[table] !== typeCodes.funcref || !(index < this.module.types.length)) break;
            signature = firstTypeSignature + index;
            if (--left < base || stack[left] !== i32) break;
          }
          const wanted = lists[paramsOf[signature]!]!;
          const results = resultsOf[signature]!;
          left -= wanted.length;
          if (left < base || results > lastSingle) break;
          let same = 0;
          while (same < wanted.length && stack[left + same] === wanted[same]) same++;
          if (same < wanted.length) break;
          this.isLeaf = false;
          height = left;
          if (results !== emptyList) {
            stack[height++] = results;
            if (height > most) most = height;
          }
          position = behind;
          continue;
        }
      }
      break;
    }
    this.position = position;
    this.height = height;
    this.base = base;
    this.most = most;
  }
}
