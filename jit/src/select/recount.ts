/** Debug mode: after every operation the owners of all registers are counted anew, from what owns them. The tests have it on. */
import { InternalError } from '@fireball/contracts';
import type { FunctionState } from './state.js';
import { ownedRegisters } from './operand-stack.js';
import type { Entry } from './operands.js';

/** Whether `FIREBALL_RECOUNT` asks for it. */
export const recounts = process.env['FIREBALL_RECOUNT'] === '1';

/** Of a deeper stack only the topmost words are looked at one by one, or a deep one would take quadratic time; of the rest, what is known to own a register. */
const mostWords = 50;

/**
 * Between two operations only stack entries and cached pointers own temporaries, and only stack entries floating-point registers.
 * @param where the operation that is done, for the error
 * @throws InternalError where a register is counted otherwise: it was never released, or is free and still read
 */
export function recountOwners({ stack, temporaries, floats }: FunctionState, where: string): void {
  const general = new Map<number, number>();
  const floating = new Map<number, number>();
  const add = (owners: Map<number, number>, reg: number): void => {
    owners.set(reg, (owners.get(reg) ?? 0) + 1);
  };
  const count = (entry: Entry): void => {
    for (const reg of ownedRegisters(entry)) add(general, reg);
    if (entry.kind === 'float') add(floating, entry.float);
  };
  const first = Math.max(0, stack.length - mostWords);
  for (const position of stack.inRegisters(first, [])) count(stack.at(position) as Entry);
  for (const entry of stack.top(stack.length - first)) count(entry);
  for (const reg of temporaries.cached()) add(general, reg);
  compare('register', general, temporaries.owners(), where);
  compare('floating-point register', floating, floats.owners(), where);
  for (const reg of general.keys()) if (!temporaries.has(reg)) throw new InternalError(`${where}: register ${reg} is owned and no temporary`);
}

function compare(kind: string, counted: ReadonlyMap<number, number>, kept: ReadonlyMap<number, number>, where: string): void {
  for (const reg of new Set([...counted.keys(), ...kept.keys()])) {
    const [found = 0, noted = 0] = [counted.get(reg), kept.get(reg)];
    if (found !== noted) throw new InternalError(`${where}: ${kind} ${reg} has ${found} owners, and ${noted} are noted`);
  }
}
