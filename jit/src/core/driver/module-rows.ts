/** Rows of what the functions of a module have in common (`layout/module.ts`). */
import { load32 } from '@fireball/wasm';
import { emptyType } from '../layout/body.js';
import { moduleWords } from '../layout/environment.js';
import * as layout from '../layout/module.js';

/** Of types of blocks with one result, those of two words: i64 and f64. */
const longResult = -2;
const doubleResult = -4;

/** Address of a row, by its number. */
export function rowOf(rows: i32, index: i32): i32 {
  const module = load32(moduleWords);
  return module + load32(module + rows) + index * layout.moduleRowStride;
}

/** Address of the signature that a row of a function or type has first. */
export function signatureOf(rows: i32, index: i32): i32 {
  return load32(moduleWords) + load32(rowOf(rows, index));
}

/** Address of the signature of a block, by its type as bodies have it. */
export function blockSignature(type: i32): i32 {
  if (type >= 0) return signatureOf(layout.typeRows, type);
  const simple = type === emptyType ? layout.emptySignature : type === longResult || type === doubleResult ? layout.pairSignature : layout.wordSignature;
  return load32(moduleWords) + simple;
}
