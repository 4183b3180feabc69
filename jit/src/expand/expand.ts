import { InternalError } from '@fireball/contracts';
import { fine, unplaced } from '../core/layout/placing.js';
import { fixupBits, fixupOf, fixupShift, placedHead, placedLast, placedWords, toAddress, toCallee } from '../core/layout/placed.js';
import { takePlacer, type Placer, type Verdict } from '../instance/placer.js';
import { refusal } from '../patch/index.js';
import type { Assembly } from './assembly.js';
import { PlacedTemplate } from './placed.js';

/**
 * Fixes every template's offset.
 * @throws UnsupportedError for a function that is too large
 */
export function layOut(assembly: Assembly, placer = takePlacer()): void {
  placer.layOut(assembly);
}

/** The functions that are called or jumped to directly. */
export function calleesOf({ words, count }: Assembly): Set<number> {
  const found = new Set<number>();
  for (let at = 0; at < count * placedWords; at += placedWords) if (fixupOf(words[at + placedHead]!) === toCallee) found.add(words[at + placedLast]!);
  return found;
}

/** Leads direct calls to where their callees lie; returns these addresses. */
export function resolveCallees(assembly: Assembly, entryOf: (callee: number) => number, placer = takePlacer()): Set<number> {
  const { words, count } = assembly;
  const found = new Set<number>();
  for (let at = 0; at < count * placedWords; at += placedWords) {
    const head = words[at + placedHead]!;
    if (fixupOf(head) !== toCallee) continue;
    const address = entryOf(words[at + placedLast]!);
    words[at + placedHead] = (head & ~(fixupBits << fixupShift)) | (toAddress << fixupShift);
    words[at + placedLast] = address;
    found.add(address);
  }
  if (found.size > 0) placer.update(assembly);
  return found;
}

/**
 * Copies every template and fills its holes, for code that will run at `address`; `placer` has the code then.
 * @throws PatchError where a value does not fit its field
 */
export function linkIn(placer: Placer, assembly: Assembly, address: number): void {
  assembly.address = address;
  const verdict = placer.link(assembly);
  if (verdict.status !== fine) throw problemOf(assembly, verdict);
}

/** As `linkIn`, and returns the code. */
export function link(assembly: Assembly, address: number, placer = takePlacer()): Uint8Array {
  linkIn(placer, assembly, address);
  return placer.staging.slice();
}

function problemOf(assembly: Assembly, { status, index }: Verdict): InternalError {
  const { template, target, values } = new PlacedTemplate(assembly, index);
  if (status === unplaced && target !== undefined && 'callee' in target) return new InternalError(`the code of function ${target.callee} has no place yet`);
  return refusal(template, values);
}
