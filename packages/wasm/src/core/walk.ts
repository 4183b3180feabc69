/**
 * Validates a body in one pass over its bytes, with types as integers, and fills the side tables on its way (the algorithm of the core spec's appendix). It says only
 * that a rule is broken; which one, and where, is found by a second pass in the spec's words. What is common is in the loop, which keeps where it is in registers.
 */
import { frameBase, frameIsDead, frameLacksElse, frameParams, frameResults } from './frames.js';
import {
  flags,
  functionCount,
  functionSignatures,
  globalCount,
  globalTypes,
  hasCalls,
  hasLongImmediates,
  hasWideValues,
  moduleBytes,
  mutableTypes,
  noSignature,
  prefixedRules,
  refusedAt,
  rules,
  signatureOfByte,
  stack,
  stackEnd,
  takesJumps,
  tableCount,
  tableTypes,
  typeCount,
  usesMemory,
  withoutMemory,
} from './layout/addresses.js';
import { closeJumps, jumpOverElse, jumpToEnd, jumpToLabel, openJumps, openJumpsOf } from './jumps.js';
import { next } from './layout/common.js';
import { load32, load8, store32, store8 } from './memory.js';
import { readIndex, skipSigned32, skipSigned64, skipUnsigned } from './numbers.js';
import { hasWide, isWide, lengthOf, paramsOf, peekList, popList, pushList, resultsOf } from './operands.js';
import { walkRare } from './rare.js';
import { controlElse, controlEnd } from './layout/rows.js';
import * as shapes from './layout/shapes.js';
import { beginDead, closeArm, closeFrame, endDead, openBlock, openFunction, writeBranch } from './side-tables.js';
import { emptyList, f32Type, f64Type, firstReference, firstTypeSignature, funcrefType, i32Type, i64Type, lastSingle, unknownType } from './layout/types.js';

/** Sub-opcodes are numbers of any length, but none is larger. */
const mostPrefixed = 0xff;
/** Codes of types in rules are not larger. */
const mostType = 0x7f;

/**
 * How many operands the deepest stack of a body has; -1 where it breaks a rule, or has no room. Its instructions lie from `start` to `end`, its frame has
 * this signature, and `localTypes` is the address of the types of its locals.
 */
export function walkBody(start: i32, end: i32, signature: i32, localTypes: i32, localCount: i32): i32 {
  const origin = load32(moduleBytes);
  const bottom = load32(stack) - 1;
  const limit = load32(stackEnd);
  const bodyResults = resultsOf(signature);
  let position = start;
  let top = bottom;
  let base = bottom;
  let highest = bottom;
  let isDead = 0;
  // Where it is known that nobody wants jumps, nor what goes with them, all of that is left out.
  const takes = load32(takesJumps) !== 0;
  let found = 0;
  let frame = openFunction(start - origin, signature, base);
  if (frame === 0) return -1;
  openJumps(frame);
  // An instruction may reach beyond the end: the next turn finds that out.
  while (position < end) {
    const at = position - origin;
    let rule = load32(rules + (load8(position++) << 2));
    let shape = rule & 0xff;
    if (shape === shapes.prefix) {
      const code = readIndex(position);
      if (code < 0 || code > mostPrefixed) return refuse(at);
      position = load32(next);
      rule = load32(prefixedRules + (code << 2));
      shape = rule & 0xff;
    }
    switch (shape) {
      case shapes.localGet:
      case shapes.localSet:
      case shapes.localTee: {
        let index = load8(position);
        if (index < 0x80) position++;
        else {
          index = readIndex(position);
          position = load32(next);
          if (takes) found |= hasLongImmediates;
        }
        if (index < 0 || index >= localCount) return refuse(at);
        const type = load8(localTypes + index);
        if (shape === shapes.localGet) {
          store8(++top, type);
          break;
        }
        if (top > base && load8(top) === type) {
          if (shape === shapes.localSet) top--;
          continue;
        }
        top = popList(type, top, base, isDead);
        if (shape === shapes.localTee) top = pushList(type, top);
        break;
      }
      case shapes.i32Const:
        position = load8(position) < 0x80 ? position + 1 : skipSigned32(position);
        if (position === 0) return refuse(at);
        store8(++top, i32Type);
        break;
      case shapes.i64Const:
        position = load8(position) < 0x80 ? position + 1 : skipSigned64(position);
        if (position === 0) return refuse(at);
        if (takes) found |= hasWideValues;
        store8(++top, i64Type);
        break;
      case shapes.f32Const:
        position += 4;
        store8(++top, f32Type);
        break;
      case shapes.f64Const:
        position += 8;
        if (takes) found |= hasWideValues;
        store8(++top, f64Type);
        break;
      case shapes.unary: {
        const type = (rule >> 8) & mostType;
        const result = (rule >> 16) & 0xff;
        if (takes) found |= rule & hasWideValues;
        if (top > base && load8(top) === type) {
          store8(top, result);
          continue;
        }
        top = pushList(result, popList(type, top, base, isDead));
        break;
      }
      case shapes.binary: {
        const type = (rule >> 8) & mostType;
        const result = (rule >> 16) & 0xff;
        if (top - base >= 2 && load8(top) === type && load8(top - 1) === type) {
          store8(--top, result);
          continue;
        }
        top = pushList(result, popList(type, popList(type, top, base, isDead), base, isDead));
        break;
      }
      case shapes.load:
      case shapes.store: {
        let alignment = load8(position);
        if (alignment < 0x80) position++;
        else {
          alignment = readIndex(position);
          position = load32(next);
          if (takes) found |= hasLongImmediates;
        }
        if (alignment < 0 || alignment > ((rule >> 24) | load32(withoutMemory))) return refuse(at);
        position = load8(position) < 0x80 ? position + 1 : skipUnsigned(position);
        if (position === 0) return refuse(at);
        found |= usesMemory;
        if (shape === shapes.load) {
          if (takes) found |= rule & hasWideValues;
          const result = (rule >> 16) & 0xff;
          if (top > base && load8(top) === i32Type) {
            store8(top, result);
            continue;
          }
          top = pushList(result, popList(i32Type, top, base, isDead));
          break;
        }
        const type = (rule >> 8) & mostType;
        if (top - base >= 2 && load8(top) === type && load8(top - 1) === i32Type) {
          top -= 2;
          continue;
        }
        top = popList(i32Type, popList(type, top, base, isDead), base, isDead);
        break;
      }
      case shapes.globalGet:
      case shapes.globalSet: {
        const index = readIndex(position);
        if (index < 0 || index >= load32(globalCount)) return refuse(at);
        position = load32(next);
        if (takes && isWide(load8(load32(globalTypes) + index))) found |= hasWideValues;
        if (shape === shapes.globalGet) {
          store8(++top, load8(load32(globalTypes) + index));
          break;
        }
        const type = load8(load32(mutableTypes) + index);
        if (type === unknownType) return refuse(at);
        top = popList(type, top, base, isDead);
        break;
      }
      case shapes.drop:
        if (top > base) top--;
        else if (isDead === 0) return refuse(at);
        continue;
      case shapes.nop:
        continue;
      case shapes.select: {
        top = popList(i32Type, top, base, isDead);
        if (top === 0) return refuse(at);
        let second = unknownType;
        if (top > base) second = load8(top--);
        else if (isDead === 0) return refuse(at);
        let first = unknownType;
        if (top > base) first = load8(top--);
        else if (isDead === 0) return refuse(at);
        if (first >= firstReference || second >= firstReference) return refuse(at);
        if (first !== second && first !== unknownType && second !== unknownType) return refuse(at);
        store8(++top, first === unknownType ? second : first);
        break;
      }
      case shapes.block:
      case shapes.loop:
      case shapes.ifThen: {
        let type = load8(signatureOfByte + load8(position));
        if (type !== noSignature) position++;
        else {
          type = readIndex(position);
          if (type < 0 || type >= load32(typeCount)) return refuse(at);
          position = load32(next);
          // Sign bits of the last byte would make it negative, and so do not name a type.
          if ((load8(position - 1) & 0x40) !== 0) return refuse(at);
          type += firstTypeSignature;
          if (takes && position - origin - at > 2) found |= hasLongImmediates;
        }
        const params = paramsOf(type);
        if (shape === shapes.ifThen) top = popList(i32Type, top, base, isDead);
        top = popList(params, top, base, isDead);
        if (top === 0) return refuse(at);
        store32(frame + frameIsDead, isDead);
        base = top;
        isDead = 0;
        frame = openBlock(shape, at, position - origin, type, base, base - bottom);
        if (frame === 0 || !openJumpsOf(frame, shape, at, position - origin)) return refuse(at);
        top = pushList(params, top);
        break;
      }
      case shapes.elseThen:
      case shapes.end: {
        const results = load32(frame + frameResults);
        if (results !== emptyList) {
          if (results <= lastSingle && top > base && load8(top) === results) top--;
          else top = popList(results, top, base, isDead);
        }
        if (top !== base || !endDead(isDead, at)) return refuse(at);
        const params = load32(frame + frameParams);
        const lacksElse = load32(frame + frameLacksElse);
        if (shape === shapes.elseThen) {
          if (lacksElse === 0) return refuse(at);
          store32(frame + frameLacksElse, 0);
          closeArm(frame, controlElse, at);
          if (!jumpOverElse(frame, position - origin)) return refuse(at);
          isDead = 0;
          top = pushList(params, top);
          break;
        }
        if (lacksElse !== 0 && params !== results) return refuse(at);
        closeArm(frame, controlEnd, at);
        closeJumps(frame, at, position - origin);
        if (results !== emptyList) {
          if (results <= lastSingle) store8(++top, results);
          else top = pushList(results, top);
        }
        frame = closeFrame(frame);
        if (frame === 0) {
          if (top > highest) highest = top;
          if (top === 0 || highest >= limit || position !== end) return refuse(at);
          store32(flags, load32(flags) | found);
          return highest - bottom;
        }
        base = load32(frame + frameBase);
        isDead = load32(frame + frameIsDead);
        break;
      }
      case shapes.br:
      case shapes.brIf: {
        let label = load8(position);
        if (label < 0x80) position++;
        else {
          label = readIndex(position);
          position = load32(next);
          if (takes) found |= hasLongImmediates;
        }
        const carried = writeBranch(frame, label, at);
        if (carried < 0) return refuse(at);
        if (shape === shapes.brIf) {
          if (top > base && load8(top) === i32Type) top--;
          else top = popList(i32Type, top, base, isDead);
          if (!jumpToLabel(frame, label, top)) return refuse(at);
          if (carried !== emptyList) top = pushList(carried, popList(carried, top, base, isDead));
          break;
        }
        if (!jumpToLabel(frame, label, top)) return refuse(at);
        top = popList(carried, top, base, isDead);
        if (top === 0) return refuse(at);
        top = base;
        beginDead(isDead, position - origin);
        isDead = 1;
        continue;
      }
      case shapes.brTable: {
        let left = readIndex(position);
        if (left < 0 || left > shapes.mostTargets) return refuse(at);
        position = load32(next);
        top = popList(i32Type, top, base, isDead);
        let arity = -1;
        // The last label is the default.
        for (; left >= 0; left--) {
          if (top === 0 || position >= end) return refuse(at);
          const label = readIndex(position);
          position = load32(next);
          const carried = writeBranch(frame, label, at);
          if (carried < 0 || !jumpToLabel(frame, label, top)) return refuse(at);
          const count = lengthOf(carried);
          if (arity >= 0 && count !== arity) return refuse(at);
          arity = count;
          if (carried === emptyList) continue;
          top = peekList(carried, top, base, isDead);
          if (top > highest) highest = top;
        }
        if (top === 0) return refuse(at);
        top = base;
        beginDead(isDead, position - origin);
        isDead = 1;
        continue;
      }
      case shapes.returnResults:
        if (popList(bodyResults, top, base, isDead) === 0 || !jumpToEnd()) return refuse(at);
        top = base;
        beginDead(isDead, position - origin);
        isDead = 1;
        continue;
      case shapes.unreachable:
        top = base;
        beginDead(isDead, position - origin);
        isDead = 1;
        continue;
      case shapes.call:
      case shapes.callIndirect:
      case shapes.returnCall:
      case shapes.returnCallIndirect: {
        const index = readIndex(position);
        if (index < 0) return refuse(at);
        position = load32(next);
        found |= hasCalls;
        let called = firstTypeSignature + index;
        if (shape === shapes.call || shape === shapes.returnCall) {
          if (index >= load32(functionCount)) return refuse(at);
          called = load32(load32(functionSignatures) + (index << 2));
        } else {
          const table = readIndex(position);
          position = load32(next);
          if (table < 0 || table >= load32(tableCount) || load8(load32(tableTypes) + table) !== funcrefType || index >= load32(typeCount)) return refuse(at);
          top = popList(i32Type, top, base, isDead);
        }
        top = popList(paramsOf(called), top, base, isDead);
        if (top === 0) return refuse(at);
        if (takes && hasWide(called)) found |= hasWideValues;
        const results = resultsOf(called);
        if (shape === shapes.call || shape === shapes.callIndirect) {
          if (results !== emptyList) {
            if (results <= lastSingle) store8(++top, results);
            else top = pushList(results, top);
          }
          break;
        }
        if (results !== bodyResults || !jumpToEnd()) return refuse(at);
        top = base;
        beginDead(isDead, position - origin);
        isDead = 1;
        continue;
      }
      default:
        top = walkRare(shape, position, top, base, isDead);
        position = load32(next);
        break;
    }
    if (top > highest) {
      highest = top;
      if (highest >= limit) return refuse(at);
    } else if (top === 0) return refuse(at);
  }
  return refuse(end - origin);
}

function refuse(offset: i32): i32 {
  if (load32(takesJumps) !== 0) store32(refusedAt, offset);
  return -1;
}
