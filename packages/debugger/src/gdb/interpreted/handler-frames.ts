import type { Address, CodeView, InterpreterLayout } from '@fireball/contracts';
import { Expression, type FrameRow } from '@fireball/image';
import type { CodeReader } from '../../unwind/code-reader.js';
import type { DecodedInstruction } from '../../unwind/instruction.js';
import { advance, atEntry } from '../../unwind/unwind.js';
import { bytesOfCode, type ShownCode } from './shown-code.js';

/** How far sp is below the activation's; undefined: nobody knows, or there is none yet. */
type Depth = number | undefined;

/** Rows of the interpreter's handlers: who has called is the activation that they carry out. */
export function handlerRows(begin: Address, end: Address, reader: CodeReader, view: CodeView, shown: ShownCode): FrameRow[] {
  const { layout } = view.interpreter!;
  const inside = computedOf(layout, shown, 2, view.link);
  const waiting = computedOf(layout, shown, 0, view.link);
  const depths = depthsOf(begin, end, reader, layout);
  const rows: FrameRow[] = [];
  for (const { address, size, flow } of reader.all(begin, end)) {
    const depth = depths.get(address);
    rows.push(depth === undefined ? unknownAt(address) : { address, frameBytes: depth, saved: new Map(), computed: inside });
    // Other code that has been called here, and comes back behind.
    if (flow.kind === 'call' && flow.target === undefined && depths.has(address))
      rows.push({ address: address + 1, frameBytes: layout.outerCallBytes, saved: new Map(), computed: waiting }, { ...rows.at(-1)!, address: address + size });
  }
  return withoutRepeats(rows, begin);
}

function unknownAt(address: Address): FrameRow {
  return { address, frameBytes: 0, saved: new Map(), isOutermost: true };
}

/** @param behind how far behind the position's address the activation goes on, as gdb sees it */
function computedOf({ position }: InterpreterLayout, shown: ShownCode, behind: number, link: number): NonNullable<FrameRow['computed']> {
  const place = new Expression()
    .contents(position)
    .shift('shl', Math.log2(bytesOfCode))
    .plusConstant(shown.offset + behind);
  return { values: new Map([[link, place.finish()]]) };
}

/** Follows all ways from handlers on. What is reached with different depths has none. */
function depthsOf(begin: Address, end: Address, reader: CodeReader, { handlers, outerCallBytes }: InterpreterLayout): ReadonlyMap<Address, Depth> {
  const depths = new Map<Address, Depth>();
  const waiting: [Address, Depth][] = handlers.map((address) => [address, 0]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [address, depth] = next;
    if (address < begin || address >= end) continue;
    const known = depths.get(address);
    if (depths.has(address) && (known === depth || known === undefined)) continue;
    const here = depths.has(address) ? undefined : depth;
    depths.set(address, here);
    const instruction = reader.at(address);
    if (instruction === undefined) continue;
    const after = behind(instruction, here);
    const { size, flow, conditional } = instruction;
    const following = address + size;
    switch (flow.kind) {
      case 'next':
        waiting.push([following, after]);
        break;
      case 'branch':
        waiting.push([flow.target, after]);
        if (flow.conditional || conditional) waiting.push([following, after]);
        break;
      case 'call':
        // A part of the interpreter is called as the activation's own.
        if (flow.target !== undefined) waiting.push([flow.target, here]);
        waiting.push([following, flow.target === undefined && here === undefined ? outerCallBytes : after]);
        break;
      case 'leave':
        if (conditional) waiting.push([following, here]);
    }
  }
  return depths;
}

function behind(instruction: DecodedInstruction, depth: Depth): Depth {
  const { stack } = instruction;
  // By what a register says that nothing is known of.
  if (depth === undefined || stack.kind === 'move by' || stack.kind === 'set') return undefined;
  return -advance(instruction, { ...atEntry, sp: -depth }, new Set()).sp;
}

function withoutRepeats(rows: readonly FrameRow[], begin: Address): FrameRow[] {
  const kept: FrameRow[] = [];
  for (const row of rows) {
    const last = kept.at(-1);
    if (last?.address === row.address) kept.pop();
    const before = kept.at(-1);
    if (before === undefined || before.computed !== row.computed || before.frameBytes !== row.frameBytes || before.isOutermost !== row.isOutermost)
      kept.push(row);
  }
  const [first] = kept;
  return first?.address === begin ? kept : [unknownAt(begin), ...kept];
}
