import type { Program } from './sweep.js';
import { fallsThrough, targetOf } from './sweep.js';

/** Offsets that control may go to from here, as far as the instruction alone tells. */
export function successors(program: Program, offset: number): number[] {
  const entry = program.at[offset];
  if (entry === undefined) return [];
  const { effect, size } = entry.instruction;
  const next = offset + size;
  const found = fallsThrough(effect) ? [next] : [];
  if (effect.kind === 'branch' || effect.kind === 'branch on flags' || effect.kind === 'jump') found.push(targetOf(entry) ?? 0);
  if (effect.kind === 'table branch') found.push(...tableTargets(program, offset));
  // A table of jumps begins behind the jump to it.
  if (effect.kind === 'jump to register') {
    for (let at = next; program.at[at]?.instruction.effect.kind === 'jump'; at += 4) found.push(at);
  }
  return found.filter((target) => program.at[target] !== undefined);
}

/** Where the half-words behind a table branch lead. */
export function tableTargets({ code, facts }: Program, offset: number): number[] {
  const begin = offset + 4;
  const end = facts.tablesInCode.get(begin);
  if (end === undefined) return [];
  const targets: number[] = [];
  for (let at = begin; at + 2 <= end; at += 2) targets.push(begin + 2 * ((code[at] ?? 0) | ((code[at + 1] ?? 0) << 8)));
  return targets;
}

/** Reverse postorder: what leads somewhere comes before it, loops aside. The rank of every reachable offset. */
export function ranksOf(program: Program): Map<number, number> {
  const order: number[] = [];
  const seen = new Uint8Array(program.code.length);
  const stack: { offset: number; next: number[] }[] = [];
  const visit = (offset: number): void => {
    if (seen[offset] === 1) return;
    seen[offset] = 1;
    stack.push({ offset, next: successors(program, offset) });
  };
  for (const entry of [...program.facts.osrEntries, 0]) {
    visit(entry);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.next.pop();
      if (next !== undefined) visit(next);
      else {
        order.push(top.offset);
        stack.pop();
      }
    }
  }
  return new Map(order.reverse().map((offset, rank) => [offset, rank]));
}
