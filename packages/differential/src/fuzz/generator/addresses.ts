import { apply, i32, localSet, type Node } from '../tree.js';
import type { FunctionGenerator } from './function.js';

/** An address well inside of memory, or near one of its ends. */
export function insideAddress(generator: FunctionGenerator): Node {
  const { random, plan } = generator;
  if (generator.isRisky && random.chance(25)) return i32(plan.nearEnd(random));
  if (generator.isRisky && random.chance(15)) return i32(random.below(64));
  const masked = apply('i32.and', generator.value('i32', 2), i32(random.pick([0x7ff8, 0x3ffc, 0x7ff0, 0x7fff, 0xff])));
  return random.chance(50) ? masked : apply('i32.add', masked, i32(random.pick([16, 1024, 0x1000, 4095, 0x2000])));
}

/** Locals that hold addresses inside of memory, which accesses then share. */
export function pointerSetup(generator: FunctionGenerator): Node[] {
  const { random, plan } = generator;
  if (plan.memoryBytes === 0) return [];
  return Array.from({ length: random.below(4) }, () => {
    const local = generator.newPrivateLocal('i32');
    generator.pointers.push(local);
    return localSet(local, insideAddress(generator));
  });
}
