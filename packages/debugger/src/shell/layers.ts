import { printable, type DebugFunction } from '@fireball/contracts';
import type { Session } from '../session/session.js';

/** One line of the three columns. */
interface Row {
  readonly wasmOffset: number;
  readonly wasm: string;
  readonly template: string;
  /** Undefined for an instruction without code of its own. */
  readonly address: number | undefined;
  readonly machine: string;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A function's instructions, and beside each the templates and machine instructions that were made of it. Code out of line follows with its instruction again. */
async function rowsOf(code: DebugFunction): Promise<Row[]> {
  const rows: Row[] = [];
  let next = 0;
  let shown = -1;
  for (const { wasmOffset, template, holes, instructions, trap } of await code.listing()) {
    let text = '';
    while (next < code.wasm.length && code.wasm[next]!.offset <= wasmOffset) {
      const { offset, text: wasm } = code.wasm[next++]!;
      if (offset < wasmOffset) rows.push({ wasmOffset: offset, wasm, template: '', address: undefined, machine: '' });
      else text = wasm;
      shown = offset;
    }
    if (text === '' && shown !== wasmOffset) text = `${code.wasm.find(({ offset }) => offset === wasmOffset)?.text ?? ''} (out of line)`;
    shown = wasmOffset;
    const filled = Object.entries(holes).map(([operand, value]) => `${operand}=${value}`);
    const placed = [template, ...filled, ...(trap === null ? [] : [`; ${trap}`])].join(' ');
    for (const [index, { address, text: machine }] of instructions.entries()) {
      rows.push({ wasmOffset, wasm: index === 0 ? text : '', template: index === 0 ? placed : '', address, machine });
    }
  }
  for (const { offset, text } of code.wasm.slice(next)) rows.push({ wasmOffset: offset, wasm: text, template: '', address: undefined, machine: '' });
  return rows;
}

/** The rows around where the session stands: `=>` in front of the WebAssembly instruction that comes next, and of the machine instruction. */
export async function formatLayers(session: Session, around: number): Promise<string> {
  const { here: code, boundary } = session;
  const { position: pc } = session;
  if (code === undefined) return `0x${hex(pc, 8)}  ${session.view.routineAt(pc) ?? 'no generated code'}`;
  const rows = await rowsOf(code);
  const machineAt = rows.findIndex(({ address }) => address === pc);
  const wasmAt = boundary === undefined ? -1 : rows.findIndex(({ wasmOffset, wasm }) => wasmOffset === boundary.wasmOffset && wasm !== '');
  const marked = [machineAt, wasmAt].filter((row) => row >= 0);
  const [first, last] = [Math.min(...marked), Math.max(...marked)];
  const part = rows.slice(Math.max(0, first - around), last + around + 1);
  const cells = part.map((row) => {
    const index = rows.indexOf(row);
    const wasm = row.wasm === '' ? '' : `${hex(row.wasmOffset, 6)}  ${row.wasm}`;
    const machine = row.address === undefined ? '' : `${hex(row.address, 8)}  ${row.machine}`;
    return [index === wasmAt ? '=>' : '  ', wasm, index === machineAt ? '=>' : '  ', machine, row.template] as const;
  });
  const width = (column: 1 | 3): number => Math.max(...cells.map((row) => row[column].length));
  const [wasmWidth, machineWidth] = [width(1), width(3)];
  const lines = cells.map(([a, wasm, b, machine, template]) => `${a} ${wasm.padEnd(wasmWidth)}  ${b} ${machine.padEnd(machineWidth)}  ${template}`.trimEnd());
  return [`${printable(code.name)} (function ${code.index})`, ...lines].join('\n');
}
