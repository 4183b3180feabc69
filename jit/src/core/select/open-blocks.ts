/** The blocks that are open at this point of the walk. Addresses are good until another one is opened. */
import { load32, makeAreaIn, store32, take, usedField } from '@fireball/wasm';
import { openBlocksRoom, stackEntriesRoom } from '../layout/rooms.js';
import {
  functionKind,
  loopKind,
  openArriving,
  openBlocks,
  openElse,
  openIsTargeted,
  openKind,
  openLabel,
  openOtherwise,
  openSignature,
  openStride,
  openTable,
  openValues,
  openWords,
} from '../layout/walk.js';
import { keepKnown, keepKnownIn, knownNow } from './contents.js';
import { outOfMemory } from './failure.js';
import { parameterWords, resultWords } from './signatures.js';

/** Begins with the function's own block alone. */
export function openFunction(signature: i32): void {
  makeAreaIn(openBlocks, openBlocksRoom, stackEntriesRoom);
  openBlock(functionKind, signature, 0, 0, -1);
}

/** A block begins, with so many words and values below its parameters. */
export function openBlock(kind: i32, signature: i32, words: i32, values: i32, label: i32): void {
  const block = take(openBlocks, openStride);
  if (block === 0) {
    outOfMemory();
    return;
  }
  store32(block + openKind, kind);
  store32(block + openSignature, signature);
  store32(block + openWords, words);
  store32(block + openValues, values);
  store32(block + openLabel, label);
  store32(block + openElse, -1);
  store32(block + openOtherwise, 0);
  store32(block + openIsTargeted, 0);
  store32(block + openArriving, 0);
  store32(block + openTable, -1);
}

/** The innermost block ends. */
export function closeBlock(): void {
  store32(openBlocks + usedField, load32(openBlocks + usedField) - openStride);
}

/** The block that a branch of this depth names. */
export function blockAt(depth: i32): i32 {
  return load32(openBlocks + usedField) - (depth + 1) * openStride;
}

/** Number of an open block, from the function's own on. */
export function numberOf(block: i32): i32 {
  return (block - load32(openBlocks)) / openStride;
}

/** Words that a branch to the block carries. */
export function branchWords(block: i32): i32 {
  const signature = load32(block + openSignature);
  return load32(block + openKind) === loopKind ? parameterWords(signature) : resultWords(signature);
}

/** Control goes from here to the block's end: what temporaries contain on all such ways stays known there. */
export function arrive(block: i32): void {
  if (load32(block + openKind) === loopKind) return;
  const before = load32(block + openArriving);
  if (before === 0) store32(block + openArriving, knownNow());
  else keepKnown(before);
}

/** Control goes to the block's end from where this is known, and nobody takes the snapshot for anything else after that. */
export function arriveWith(block: i32, snapshot: i32): void {
  const before = load32(block + openArriving);
  if (before === 0) store32(block + openArriving, snapshot);
  else keepKnownIn(before, snapshot);
}
