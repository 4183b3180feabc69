import type { ByteOffset } from '@fireball/contracts';
import type { WasmModule } from '../module.js';
import { valueTypeEncodings, type ValueType } from '../types.js';
import type { NumberReader } from './numbers.js';
import type { Operands } from './operands.js';
import { rules, shapes, type SimpleShape } from './rules.js';
import { firstReference, typeCodes, unknownType as unknown } from './signatures.js';

/** Codes of the value types by their encoding; 0 for bytes that encode none. */
const typeOfEncoding = new Uint8Array(256);
for (const type of Object.keys(typeCodes) as ValueType[]) typeOfEncoding[valueTypeEncodings[type]] = typeCodes[type];

const i32 = typeCodes.i32;

/** The rules of all instructions that are neither control nor calls, whatever their immediates look like and whether they can be reached. */
export class SimpleRules {
  /** Offset behind the instruction that the last rule was for. */
  next: ByteOffset = 0;
  /** Of the current body. */
  hasMemoryGrow = false;
  usesMemory = false;
  private localTypes: Uint8Array;
  private localCount = 0;
  private readonly globalTypes: Uint8Array;
  private readonly tableTypes: Uint8Array;
  private readonly elementTypes: Uint8Array;

  /**
   * @param declared the functions that `ref.func` may name
   * @param types codes of the types of globals, and of the elements of tables
   */
  constructor(
    private readonly module: WasmModule,
    private readonly declared: ReadonlySet<number>,
    private readonly numbers: NumberReader,
    private readonly operands: Operands,
    { globalTypes, tableTypes }: { readonly globalTypes: Uint8Array; readonly tableTypes: Uint8Array },
  ) {
    this.localTypes = new Uint8Array();
    this.globalTypes = globalTypes;
    this.tableTypes = tableTypes;
    this.elementTypes = Uint8Array.from(module.elements, ({ type }) => typeCodes[type]);
  }

  /** Begins a body with locals of these types. */
  start(localTypes: Uint8Array, localCount: number): void {
    this.localTypes = localTypes;
    this.localCount = localCount;
    this.usesMemory = false;
    this.hasMemoryGrow = false;
  }

  /** Height behind the instruction with this rule whose immediates begin at `position`; -1 where it breaks the rule. */
  apply(rule: number, position: ByteOffset, height: number, base: number, isDead: number): number {
    const { operands, numbers, module, tableTypes } = this;
    const { types: stack } = operands;
    const { bytes } = module;
    const shape = (rule & 0xff) as SimpleShape;
    this.next = position;
    switch (shape) {
      case shapes.illegal:
        return -1;
      case shapes.nop:
        return height;
      case shapes.prefix: {
        const code = numbers.index(position);
        return code < 0 || code > 0xff ? -1 : this.apply(rules[0x100 + code]!, numbers.next, height, base, isDead);
      }
      case shapes.unary:
        if ((height = operands.pop((rule >> 8) & 0xff, height, base, isDead)) < 0) return -1;
        stack[height] = (rule >> 16) & 0xff;
        return height + 1;
      case shapes.binary:
        if ((height = operands.pop((rule >> 8) & 0xff, height, base, isDead)) < 0) return -1;
        if ((height = operands.pop((rule >> 8) & 0xff, height, base, isDead)) < 0) return -1;
        stack[height] = (rule >> 16) & 0xff;
        return height + 1;
      case shapes.load:
      case shapes.store: {
        const alignment = numbers.index(position);
        if (alignment < 0 || alignment > rule >> 24 || module.memories.length === 0) return -1;
        this.next = numbers.skipUnsigned(numbers.next);
        this.usesMemory = true;
        if (this.next < 0) return -1;
        if (shape === shapes.store && (height = operands.pop((rule >> 8) & 0xff, height, base, isDead)) < 0) return -1;
        if ((height = operands.pop(i32, height, base, isDead)) < 0 || shape === shapes.store) return height;
        stack[height] = (rule >> 16) & 0xff;
        return height + 1;
      }
      case shapes['i32.const']:
        stack[height] = i32;
        return (this.next = numbers.skipSigned(position, 5)) < 0 ? -1 : height + 1;
      case shapes['i64.const']:
        stack[height] = typeCodes.i64;
        return (this.next = numbers.skipSigned(position, 10)) < 0 ? -1 : height + 1;
      case shapes['f32.const']:
        this.next = position + 4;
        stack[height] = typeCodes.f32;
        return height + 1;
      case shapes['f64.const']:
        this.next = position + 8;
        stack[height] = typeCodes.f64;
        return height + 1;
      case shapes['local.get']:
      case shapes['local.set']:
      case shapes['local.tee']: {
        const index = numbers.index(position);
        this.next = numbers.next;
        if (index < 0 || index >= this.localCount) return -1;
        const type = this.localTypes[index]!;
        if (shape !== shapes['local.get'] && (height = operands.pop(type, height, base, isDead)) < 0) return -1;
        if (shape === shapes['local.set']) return height;
        stack[height] = type;
        return height + 1;
      }
      case shapes['global.get']:
      case shapes['global.set']: {
        const index = numbers.index(position);
        const type = this.globalTypes[index];
        this.next = numbers.next;
        if (type === undefined) return -1;
        if (shape === shapes['global.set']) return module.globals[index]!.mutable ? operands.pop(type, height, base, isDead) : -1;
        stack[height] = type;
        return height + 1;
      }
      case shapes.drop:
        if (height > base) return height - 1;
        return isDead !== 0 ? height : -1;
      case shapes.select: {
        if ((height = operands.pop(i32, height, base, isDead)) < 0) return -1;
        let second = unknown;
        if (height > base) second = stack[--height]!;
        else if (isDead === 0) return -1;
        let first = unknown;
        if (height > base) first = stack[--height]!;
        else if (isDead === 0) return -1;
        if (first >= firstReference || second >= firstReference) return -1;
        if (first !== second && first !== unknown && second !== unknown) return -1;
        stack[height] = first === unknown ? second : first;
        return height + 1;
      }
      case shapes.select_t: {
        if (numbers.index(position) !== 1) return -1;
        const type = typeOfEncoding[bytes[numbers.next]!]!;
        this.next = numbers.next + 1;
        if (type === unknown) return -1;
        if ((height = operands.pop(i32, height, base, isDead)) < 0) return -1;
        if ((height = operands.pop(type, height, base, isDead)) < 0) return -1;
        if ((height = operands.pop(type, height, base, isDead)) < 0) return -1;
        stack[height] = type;
        return height + 1;
      }
      case shapes['table.get']:
      case shapes['table.set']:
      case shapes['table.grow']:
      case shapes['table.fill']:
      case shapes['table.size']: {
        const type = tableTypes[numbers.index(position)];
        this.next = numbers.next;
        if (type === undefined) return -1;
        if (shape === shapes['table.grow'] || shape === shapes['table.fill']) {
          if ((height = operands.pop(i32, height, base, isDead)) < 0) return -1;
        }
        if (shape !== shapes['table.get'] && shape !== shapes['table.size']) {
          if ((height = operands.pop(type, height, base, isDead)) < 0) return -1;
        }
        if (shape !== shapes['table.grow'] && shape !== shapes['table.size']) {
          if ((height = operands.pop(i32, height, base, isDead)) < 0) return -1;
        }
        if (shape === shapes['table.get']) stack[height++] = type;
        if (shape === shapes['table.grow'] || shape === shapes['table.size']) stack[height++] = i32;
        return height;
      }
      case shapes['table.copy']:
      case shapes['table.init']: {
        const first = numbers.index(position);
        if (first < 0) return -1;
        const second = numbers.index(numbers.next);
        this.next = numbers.next;
        const from = shape === shapes['table.copy'] ? tableTypes[second] : this.elementTypes[first];
        const into = shape === shapes['table.copy'] ? tableTypes[first] : tableTypes[second];
        return from === undefined || from !== into ? -1 : this.popThree(height, base, isDead);
      }
      case shapes['elem.drop']: {
        const type = this.elementTypes[numbers.index(position)];
        this.next = numbers.next;
        return type === undefined ? -1 : height;
      }
      case shapes['data.drop']:
      case shapes['memory.init']: {
        const index = numbers.index(position);
        this.next = numbers.next;
        if (index < 0 || index >= module.data.length || module.dataCount === undefined) return -1;
        if (shape === shapes['data.drop']) return height;
        return this.takesMemory() ? this.popThree(height, base, isDead) : -1;
      }
      case shapes['memory.copy']:
        return this.takesMemory() && this.takesMemory() ? this.popThree(height, base, isDead) : -1;
      case shapes['memory.fill']:
        return this.takesMemory() ? this.popThree(height, base, isDead) : -1;
      case shapes['memory.grow']:
        this.hasMemoryGrow = true;
        if (!this.takesMemory() || (height = operands.pop(i32, height, base, isDead)) < 0) return -1;
        stack[height] = i32;
        return height + 1;
      case shapes['memory.size']:
        stack[height] = i32;
        return this.takesMemory() ? height + 1 : -1;
      case shapes['ref.null']: {
        const type = typeOfEncoding[bytes[this.next++]!]!;
        stack[height] = type;
        return type < firstReference ? -1 : height + 1;
      }
      case shapes['ref.is_null']: {
        let type = unknown;
        if (height > base) type = stack[--height]!;
        else if (isDead === 0) return -1;
        if (type !== unknown && type < firstReference) return -1;
        stack[height] = i32;
        return height + 1;
      }
      case shapes['ref.func']: {
        const index = numbers.index(position);
        this.next = numbers.next;
        if (index < 0 || index >= module.functionTypes.length || !this.declared.has(index)) return -1;
        stack[height] = typeCodes.funcref;
        return height + 1;
      }
    }
  }

  /** The index of the only memory, a zero byte. */
  private takesMemory(): boolean {
    this.usesMemory = true;
    return this.module.memories.length > 0 && this.module.bytes[this.next++] === 0;
  }

  private popThree(height: number, base: number, isDead: number): number {
    for (let left = 3; left > 0 && height >= 0; left--) height = this.operands.pop(i32, height, base, isDead);
    return height;
  }
}
