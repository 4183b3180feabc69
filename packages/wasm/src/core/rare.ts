/** The rules of instructions that are rare, whatever their immediates look like. */
import {
  dataCount,
  declaredFunctions,
  elementCount,
  elementTypes,
  flags,
  functionCount,
  hasMemoryGrow,
  tableCount,
  tableTypes,
  typeOfEncoding,
  usesMemory,
  withoutMemory,
} from './layout/addresses.js';
import { next } from './layout/common.js';
import { load32, load8, store32 } from './memory.js';
import { readIndex } from './numbers.js';
import { pop, push } from './operands.js';
import * as shapes from './layout/shapes.js';
import { firstReference, funcrefType, i32Type, unknownType } from './layout/types.js';

/** Topmost operand behind the instruction of this shape whose immediates begin at `position`, and writes what is behind them to `next`; 0 where it breaks a rule. */
export function walkRare(shape: i32, position: i32, top: i32, base: i32, isDead: i32): i32 {
  store32(next, position);
  if (shape >= shapes.tableGet && shape <= shapes.tableSize) return walkTable(shape, position, top, base, isDead);
  switch (shape) {
    case shapes.selectTyped: {
      if (readIndex(position) !== 1) return 0;
      const type = takeType();
      if (type === unknownType) return 0;
      top = pop(i32Type, top, base, isDead);
      top = pop(type, top, base, isDead);
      top = pop(type, top, base, isDead);
      return push(type, top);
    }
    case shapes.tableCopy:
    case shapes.tableInit: {
      const first = readIndex(position);
      if (first < 0) return 0;
      const second = readIndex(load32(next));
      const from = shape === shapes.tableCopy ? typeOfTable(second) : typeOfElements(first);
      const into = typeOfTable(shape === shapes.tableCopy ? first : second);
      return from === unknownType || from !== into ? 0 : popThree(top, base, isDead);
    }
    case shapes.elemDrop:
      return typeOfElements(readIndex(position)) === unknownType ? 0 : top;
    case shapes.dataDrop:
    case shapes.memoryInit: {
      const index = readIndex(position);
      if (index < 0 || index >= load32(dataCount)) return 0;
      if (shape === shapes.dataDrop) return top;
      return takesMemory() ? popThree(top, base, isDead) : 0;
    }
    case shapes.memoryCopy:
      return takesMemory() && takesMemory() ? popThree(top, base, isDead) : 0;
    case shapes.memoryFill:
      return takesMemory() ? popThree(top, base, isDead) : 0;
    case shapes.memoryGrow:
      store32(flags, load32(flags) | hasMemoryGrow);
      return takesMemory() ? push(i32Type, pop(i32Type, top, base, isDead)) : 0;
    case shapes.memorySize:
      return takesMemory() ? push(i32Type, top) : 0;
    case shapes.refNull: {
      const type = takeType();
      return type < firstReference ? 0 : push(type, top);
    }
    case shapes.refIsNull: {
      if (top === base) return isDead !== 0 ? push(i32Type, top) : 0;
      const type = load8(top);
      return type !== unknownType && type < firstReference ? 0 : push(i32Type, top - 1);
    }
    case shapes.refFunc: {
      const index = readIndex(position);
      if (index < 0 || index >= load32(functionCount) || load8(load32(declaredFunctions) + index) === 0) return 0;
      return push(funcrefType, top);
    }
  }
  return 0;
}

function walkTable(shape: i32, position: i32, top: i32, base: i32, isDead: i32): i32 {
  const type = typeOfTable(readIndex(position));
  if (type === unknownType) return 0;
  if (shape === shapes.tableGrow || shape === shapes.tableFill) top = pop(i32Type, top, base, isDead);
  if (shape !== shapes.tableGet && shape !== shapes.tableSize) top = pop(type, top, base, isDead);
  if (shape !== shapes.tableGrow && shape !== shapes.tableSize) top = pop(i32Type, top, base, isDead);
  if (shape === shapes.tableGet) return push(type, top);
  return shape === shapes.tableGrow || shape === shapes.tableSize ? push(i32Type, top) : top;
}

/** A type of a value, one byte; `unknownType` where it is none. */
function takeType(): i32 {
  const position = load32(next);
  store32(next, position + 1);
  return load8(typeOfEncoding + load8(position));
}

function typeOfTable(index: i32): i32 {
  return index < 0 || index >= load32(tableCount) ? unknownType : load8(load32(tableTypes) + index);
}

function typeOfElements(index: i32): i32 {
  return index < 0 || index >= load32(elementCount) ? unknownType : load8(load32(elementTypes) + index);
}

/** The index of the only memory, a zero byte. */
function takesMemory(): boolean {
  const position = load32(next);
  store32(next, position + 1);
  store32(flags, load32(flags) | usesMemory);
  return load32(withoutMemory) === 0 && load8(position) === 0;
}

function popThree(top: i32, base: i32, isDead: i32): i32 {
  for (let left = 3; left > 0; left--) top = pop(i32Type, top, base, isDead);
  return top;
}
