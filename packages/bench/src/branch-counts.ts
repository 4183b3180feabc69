import { InternalError } from '@fireball/contracts';
import type { BranchProfile } from '@fireball/jit';
import type { Kernel } from '@fireball/kernels';
import { instantiate, opcodeOfByte, Store, type ExecutionView } from '@fireball/wasm';

interface Counts {
  total: number;
  isTrue: number;
}

/** How often the conditions of a kernel's branches held, counted while the reference interpreter executes `run` once. */
export function countBranches({ name, loaded: { validated } }: Kernel): BranchProfile {
  const counts = new Map<number, Counts>();
  const { bytes } = validated.module;
  const beforeInstruction = (view: ExecutionView): void => {
    const { offset } = view.position;
    const op = opcodeOfByte(bytes[offset] ?? 0)?.name;
    if (op !== 'br_if' && op !== 'if') return;
    let here = counts.get(offset);
    if (here === undefined) counts.set(offset, (here = { total: 0, isTrue: 0 }));
    here.total++;
    if (view.operandWords(view.operandCount - 1)[0] !== 0) here.isTrue++;
  };
  const outcome = instantiate(new Store(), validated, () => undefined).invoke('run', [], { observer: { beforeInstruction } });
  if ('trap' in outcome) throw new InternalError(`${name} traps in the reference interpreter`);
  return (offset) => counts.get(offset);
}
