import { hex, hexDigits, printable } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import { marksOf } from '../view/code-marks.js';
import { rowsOf, type CodeRow, type TemplateCell } from '../view/code-rows.js';
import { placeBeside } from './format.js';

/** A placed template and its filled holes, in one line. */
function formatTemplate({ name, holes, trap }: TemplateCell): string {
  return [name, ...holes.map((hole) => `${hole.name}=${hole.value}`), ...(trap === null ? [] : [`; ${trap}`])].join(' ');
}

/** The rows around where the session stands: `=>` in front of the WebAssembly instruction that comes next, and of the machine instruction. */
export async function formatLayers(session: Session, around: number): Promise<string> {
  const { here: code, position: pc } = session;
  const frame = session.frames()[0];
  if (code === undefined || frame === undefined) return `${hex(pc, 8)}  ${placeBeside(session.view, pc)}`;
  const columns = await rowsOf(code, session.target);
  const { rows } = columns;
  const { wasm, machine, exact } = marksOf(columns, frame, true, []);
  const wasmAt = exact ? wasm : undefined;
  const marked = [machine, wasmAt].filter((row) => row !== undefined);
  const [first, last] = [Math.min(...marked), Math.max(...marked)];
  const from = Math.max(0, first - around);
  const cells = rows.slice(from, last + around + 1).map((row, index) => {
    const at = from + index;
    return [at === wasmAt ? '=>' : '  ', wasmText(row), at === machine ? '=>' : '  ', machineText(row), templateText(row)] as const;
  });
  const width = (column: 1 | 3): number => Math.max(...cells.map((row) => row[column].length));
  const [wasmWidth, machineWidth] = [width(1), width(3)];
  const lines = cells.map(([a, left, b, right, template]) => `${a} ${left.padEnd(wasmWidth)}  ${b} ${right.padEnd(machineWidth)}  ${template}`.trimEnd());
  return [`${printable(code.name)} (function ${code.index})`, ...lines].join('\n');
}

function wasmText({ wasmOffset, wasm }: CodeRow): string {
  return wasm === undefined ? '' : `${hexDigits(wasmOffset, 6)}  ${wasm.text}${wasm.outOfLine ? ' (out of line)' : ''}`;
}

function machineText({ machine }: CodeRow): string {
  return machine === undefined ? '' : `${hexDigits(machine.address, 8)}  ${machine.text}`;
}

function templateText({ template }: CodeRow): string {
  return template === undefined ? '' : formatTemplate(template);
}
