import type { DebugFunction } from '@fireball/contracts';
import { boundariesAt } from '../session/boundaries.js';
import type { Breakpoint } from '../session/breakpoints.js';
import type { Frame } from '../session/frames.js';
import type { FunctionRows } from './code-rows.js';

/** A breakpoint in a row. */
export interface BreakpointMark {
  readonly row: number;
  /** It stands at the row's machine instruction, at its WebAssembly instruction, or at both. */
  readonly wasm: boolean;
  readonly machine: boolean;
  readonly ids: readonly number[];
}

/** Where in a function's rows an activation stands, and breakpoints do. Plain data; numbers of rows, undefined where there is none. */
export interface CodeMarks {
  /** Of the WebAssembly instruction that comes next. Of a caller: of its call. */
  readonly wasm: number | undefined;
  /** False inside of what that instruction became. */
  readonly exact: boolean;
  /** Of the machine instruction that comes next, of a caller that of its call. */
  readonly machine: number | undefined;
  /** By ascending row. */
  readonly breakpoints: readonly BreakpointMark[];
}

/**
 * The marks of an activation.
 * @param isInnermost nothing that it has called goes on
 */
export function marksOf({ rows }: FunctionRows, frame: Frame, isInnermost: boolean, breakpoints: readonly Breakpoint[]): CodeMarks {
  const { pc, boundary, code } = frame;
  const machine = isInnermost ? rows.findIndex((row) => row.machine?.address === pc) : rowOfCall(rows, frame);
  const site = rows[machine];
  const offset = frame.exact || !isInnermost || site === undefined ? boundary?.wasmOffset : site.wasmOffset;
  const wasm = offset === undefined ? undefined : rowOfOffset(rows, offset, site);
  return {
    wasm,
    exact: frame.exact,
    machine: machine < 0 ? undefined : machine,
    breakpoints: code === undefined ? [] : breakpointsIn(rows, code, breakpoints),
  };
}

/** Of the machine instruction in front of the one that it goes on with; -1 where only the instruction under way is known. */
function rowOfCall(rows: FunctionRows['rows'], { pc, then }: Frame): number {
  if (then !== undefined) return -1;
  return rows.findLastIndex(({ machine }) => machine !== undefined && machine.address < pc);
}

/** Where an instruction's text is; out of line where that is where `near` is. */
function rowOfOffset(rows: FunctionRows['rows'], offset: number, near: FunctionRows['rows'][number] | undefined): number | undefined {
  const at = near?.wasmOffset === offset ? rows.indexOf(near) : -1;
  const above = at < 0 ? -1 : rows.findLastIndex((row, index) => index <= at && row.wasm !== undefined);
  if (above >= 0 && rows[above]!.wasmOffset === offset) return above;
  const first = rows.findIndex((row) => row.wasmOffset === offset && row.wasm !== undefined);
  return first < 0 ? undefined : first;
}

/** The breakpoints in a function's rows. */
export function breakpointsIn(rows: FunctionRows['rows'], code: DebugFunction, breakpoints: readonly Breakpoint[]): BreakpointMark[] {
  const marks = new Map<number, { wasm: boolean; machine: boolean; ids: number[] }>();
  const mark = (row: number, column: 'wasm' | 'machine', id: number): void => {
    if (row < 0) return;
    const found = marks.get(row) ?? { wasm: false, machine: false, ids: [] };
    found[column] = true;
    if (!found.ids.includes(id)) found.ids.push(id);
    marks.set(row, found);
  };
  for (const { id, places } of breakpoints) {
    for (const { address, order } of places) {
      if (address < code.begin || address >= code.end) continue;
      const offset = boundariesAt(code, address)[order]?.wasmOffset;
      if (offset !== undefined)
        mark(
          rows.findIndex((row) => row.wasmOffset === offset && row.wasm?.outOfLine === false),
          'wasm',
          id,
        );
      mark(
        rows.findIndex((row) => row.machine?.address === address),
        'machine',
        id,
      );
    }
  }
  return [...marks].sort(([a], [b]) => a - b).map(([row, { wasm, machine, ids }]) => ({ row, wasm, machine, ids }));
}
