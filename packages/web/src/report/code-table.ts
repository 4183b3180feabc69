import type { CodeRow, FilledHole, MachineCell } from '@fireball/debugger';
import { markup, type Markup } from './markup.js';
import type { ReportBlock, ReportMarks } from './model.js';

/** Colours of holes, as the page of the debugger has them. */
const colours = 6;
const deepest = 12;

type CodeBlock = Extract<ReportBlock, { readonly kind: 'code' }>;

/** The head of the three columns. */
export const codeHead = markup`<tr><th colspan="2">WebAssembly</th><th>Template and its holes</th><th colspan="2">Machine code</th><th>Bits that holes fill</th></tr>`;

/** A row of a table for each row of code. */
export function codeRows({ rows, marks, architecture }: CodeBlock): Markup[] {
  let holes: readonly FilledHole[] = [];
  let site: number | undefined;
  return rows.map((row) => {
    if (row.site !== site || row.template !== undefined) {
      holes = row.template?.holes ?? [];
      ({ site } = row);
    }
    return codeRow(row, holes, marks, architecture);
  });
}

function codeRow({ wasmOffset, wasm, template, machine }: CodeRow, holes: readonly FilledHole[], marks: ReportMarks, architecture: string): Markup {
  const classes = [
    ...(wasm === undefined ? [] : ['begins']),
    ...(wasmOffset === marks.wasmOffset && wasm !== undefined ? ['here'] : []),
    ...(machine !== undefined && marks.executed.has(machine.address) ? ['ran'] : []),
  ];
  const indent = '\u00a0'.repeat(2 * Math.min(deepest, wasm?.depth ?? 0));
  return markup`<tr class="${classes.join(' ')}"><td class="offset">${wasm === undefined ? '' : hex(wasmOffset, 6)}</td><td class="wasm${
    wasm?.outOfLine === true ? ' outline' : ''
  }">${indent}${wasm?.text ?? ''}</td><td class="template">${template?.name ?? ''}${(template?.holes ?? []).map(
    ({ name, value }, at) => markup`<span class="hole k${at % colours}">${name}=${value}</span>`,
  )}${template?.trap === undefined || template.trap === null ? '' : markup`<span class="trap">${template.trap}</span>`}</td><td class="address">${
    machine === undefined ? '' : hex(machine.address, 8)
  }</td><td class="machine">${machine?.text ?? ''}</td><td class="bits">${machine === undefined ? '' : bitsOf(machine, holes, architecture)}</td></tr>`;
}

/** Half-words as manuals print them, most significant bit first; of long Thumb instructions the first half-word comes first. */
function bitsOf(machine: MachineCell, holes: readonly FilledHole[], architecture: string): Markup[] {
  const fields = holes.flatMap((hole, at) => hole.fields.filter(({ address }) => address === machine.address).map(({ bits }) => ({ at, bits })));
  const halves = Array.from({ length: machine.size / 2 }, (_, index) => index);
  if (architecture !== 'thumb2') halves.reverse();
  return halves.map((half) => {
    const runs: { at: number | undefined; digits: string }[] = [];
    for (let bit = 16 * half + 15; bit >= 16 * half; bit--) {
      const at = fields.find(({ bits }) => digit(bits, bit) === 1)?.at;
      const last = runs.at(-1);
      if (last !== undefined && last.at === at) last.digits += String(digit(machine.word, bit));
      else runs.push({ at, digits: String(digit(machine.word, bit)) });
    }
    return markup`<span>${runs.map(({ at, digits }) => (at === undefined ? markup`${digits}` : markup`<i class="k${at % colours}">${digits}</i>`))}</span>`;
  });
}

const digit = (word: number, bit: number): number => Math.floor(word / 2 ** bit) % 2;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
