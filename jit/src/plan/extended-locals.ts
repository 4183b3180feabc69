import type { FunctionSource, Instruction } from './body.js';
import { familyOf } from './ops.js';

/** How the upper word of an i64 follows from its lower one. */
export type Extension = 'signed' | 'unsigned';

/** As bits: both hold where the lower word is not negative. */
const signed = 1;
const unsigned = 2;

/**
 * The declared i64 locals that never hold anything but an extended word: their upper words need not be read. Every write takes its value
 * from the instruction in front of it; one that comes from anywhere else may be anything.
 */
export function extendedLocals({ locals, type }: FunctionSource, body: readonly Instruction[]): ReadonlyMap<number, Extension> {
  const known = new Map<number, number>();
  body.forEach((insn, index) => {
    if ((insn.op !== 'local.set' && insn.op !== 'local.tee') || locals[insn.a] !== 'i64' || insn.a < type.params.length) return;
    known.set(insn.a, (known.get(insn.a) ?? signed | unsigned) & extensionsOf(producerOf(body, index)));
  });
  const found = new Map<number, Extension>();
  for (const [local, extensions] of known) if (extensions !== 0) found.set(local, (extensions & unsigned) !== 0 ? 'unsigned' : 'signed');
  return found;
}

/** What the write at `index` stores comes from it. */
function producerOf(body: readonly Instruction[], index: number): Instruction | undefined {
  let at = index - 1;
  while (body[at]?.op === 'local.tee') at--;
  return body[at];
}

function extensionsOf(insn: Instruction | undefined): number {
  if (insn === undefined) return 0;
  if (insn.op === 'i64.const') return (insn.b === insn.a >> 31 ? signed : 0) | (insn.b === 0 ? unsigned : 0);
  const family = familyOf(insn.op);
  if (family.kind === 'pair' && family.operation.kind === 'extend') return family.operation.signed ? signed : unsigned;
  if (family.kind !== 'load' || family.shape.extend === undefined) return 0;
  if (family.shape.extend === 'signed') return signed;
  return family.shape.width < 4 ? signed | unsigned : unsigned;
}
