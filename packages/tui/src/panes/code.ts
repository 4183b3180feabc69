import { printable } from '@fireball/contracts';
import type { CodeRow, DisassembledRow, FunctionRows, MachineCell, TemplateCell } from '@fireball/debugger';
import type { ScreenModel } from '../model/model.js';
import type { Canvas, Rect, Role, Span } from '../screen/canvas.js';
import type { Glyphs } from '../screen/glyphs.js';
import { fit, widthOf } from '../screen/width.js';

/** Which column the cursor is in: breakpoints go there. */
type CodeColumn = 'wasm' | 'machine';

/** Where the code pane stands. */
export interface CodePosition {
  /** First row that is shown. */
  readonly top: number;
  /** The row of the cursor. */
  readonly cursor: number;
  readonly column: CodeColumn;
}

/** A column of the pane, in the screen's columns. */
interface Column {
  readonly x: number;
  readonly width: number;
}

/** How the pane is divided. */
interface CodeShape {
  readonly left: Column;
  readonly middle: Column | undefined;
  readonly right: Column;
  /** First row of code, and how many there are. */
  readonly y: number;
  readonly height: number;
}

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, '0');
/** A pane lower than this has no row for the bits of the template. */
const lowestWithBits = 8;
/** Narrower machine columns do without the instruction's word. */
const narrowest = 40;

/** A header above, the bits of a template below, and in between three columns, or two where there are no templates. */
export function codeShape({ x, y, width, height }: Rect, { code }: ScreenModel): CodeShape {
  const hasBits = height >= lowestWithBits && code.function?.interpreted === false;
  const rows = { y: y + 1, height: height - 1 - (hasBits ? 1 : 0) };
  if (code.function === undefined || code.function.interpreted) {
    const left = Math.floor(width * (code.function === undefined ? 0.32 : 0.4));
    return { left: { x, width: left }, middle: undefined, right: { x: x + left + 1, width: width - left - 1 }, ...rows };
  }
  const [left, middle] = shares(code.function, width - 2);
  return {
    left: { x, width: left },
    middle: { x: x + left + 1, width: middle },
    right: { x: x + left + middle + 2, width: width - left - middle - 2 },
    ...rows,
  };
}

const needs = new WeakMap<FunctionRows, readonly [number, number, number]>();
/** Least that a column of code gets. */
const leastColumn = 20;
/** Of a function's texts, those that a column is wide enough for. */
const share = 0.95;

/** What the first two columns get: what nearly all of their texts need, or less in proportion; the same as long as one is in the function. */
function shares(shown: FunctionRows, width: number): readonly [number, number] {
  let wanted = needs.get(shown);
  if (wanted === undefined) {
    const widthFor = (spansOf: (row: CodeRow) => readonly Span[]): number => {
      const widths = shown.rows.map((row) => spansOf(row).reduce((sum, { text }) => sum + widthOf(text), 0)).filter((taken) => taken > 0);
      const [wide = 0] = widths.sort((first, second) => first - second).slice(Math.floor(widths.length * share));
      return Math.max(leastColumn, wide) + 1;
    };
    wanted = [
      widthFor((row) => wasmSpans(row, 'plain')),
      widthFor(({ template }) => (template === undefined ? [] : templateSpans(template, 'plain'))),
      widthFor(({ machine }) => (machine === undefined ? [] : machineSpans(machine, 'plain', 4, narrowest))),
    ];
    needs.set(shown, wanted);
  }
  const [wasm, template, machine] = wanted;
  const scale = Math.min(1, width / (wasm + template + machine));
  return [Math.max(leastColumn, Math.floor(wasm * scale)), Math.max(leastColumn, Math.floor(template * scale))];
}

/** How many rows the cursor can go to. */
export function codeLength({ code }: ScreenModel): number {
  return code.function?.rows.length ?? code.disassembly?.length ?? 0;
}

/** The row that the cursor goes to when the session has moved. */
export function currentRow({ code }: ScreenModel): number {
  if (code.function === undefined) return Math.max(0, code.disassembly?.findIndex(({ address }) => address === code.pc) ?? 0);
  return code.marks.machine ?? code.marks.wasm ?? 0;
}

/** What a breakpoint at the cursor would be set by, as `break` is told it; undefined where nothing is. */
export function placeAt({ code }: ScreenModel, { cursor, column }: Pick<CodePosition, 'cursor' | 'column'>): string | undefined {
  const address = code.function === undefined ? code.disassembly?.[cursor]?.address : code.function.rows[cursor]?.machine?.address;
  const row = code.function?.rows[cursor];
  if (row !== undefined && (column === 'wasm' || address === undefined)) return `0x${hex(row.wasmOffset, 1)}`;
  return address === undefined ? undefined : `*0x${hex(address, 8)}`;
}

/** The breakpoints in a row of a column. */
export function breakpointsAt({ code, breakpoints }: ScreenModel, { cursor, column }: Pick<CodePosition, 'cursor' | 'column'>): readonly (number | string)[] {
  const row = code.function?.rows[cursor];
  if (row === undefined) {
    const address = code.disassembly?.[cursor]?.address;
    return address === undefined ? [] : breakpoints.filter(({ text }) => text.startsWith(`0x${hex(address, 8)} `)).map(({ id }) => id);
  }
  const inColumn = code.marks.breakpoints.filter((mark) => (column === 'wasm' ? mark.wasm : mark.machine));
  // In the wasm column all rows of an instruction mean it.
  return inColumn
    .filter((mark) => (column === 'wasm' ? code.function!.rows[mark.row]!.wasmOffset === row.wasmOffset : mark.row === cursor))
    .flatMap(({ ids }) => ids);
}

export function drawCode(canvas: Canvas, rect: Rect, model: ScreenModel, position: CodePosition, hasFocus: boolean, glyphs: Glyphs): void {
  const shape = codeShape(rect, model);
  const { code } = model;
  drawHeadings(canvas, rect, shape, model);
  if (code.function === undefined) drawDisassembly(canvas, shape, model, position, hasFocus, glyphs);
  else drawRows(canvas, shape, model, position, hasFocus, glyphs);
  for (let y = shape.y; y < shape.y + shape.height; y++) {
    for (const column of [shape.middle, shape.right]) if (column !== undefined) canvas.put(column.x - 1, y, [{ text: glyphs.vertical, role: 'dim' }]);
  }
  if (shape.y + shape.height < rect.y + rect.height) {
    const spans = bitsOf(code.function?.rows ?? [], position.cursor, model.wordDigits);
    canvas.put(rect.x, rect.y + rect.height - 1, spans, rect.width);
  }
}

/** Of the columns, in the pane's header, whose left end says whose code it is. */
function drawHeadings(canvas: Canvas, { y }: Rect, { middle, right }: CodeShape, { code }: ScreenModel): void {
  if (middle !== undefined) canvas.put(middle.x, y, [{ text: ' template ', role: 'dim' }], middle.width);
  canvas.put(right.x, y, [{ text: code.function === undefined ? ' disassembly ' : ' machine code ', role: 'dim' }], right.width);
}

function drawRows(canvas: Canvas, shape: CodeShape, model: ScreenModel, position: CodePosition, hasFocus: boolean, glyphs: Glyphs): void {
  const { code } = model;
  const { rows, interpreted } = code.function!;
  const marks = new Map(code.marks.breakpoints.map((mark) => [mark.row, mark]));
  const here = rows[position.cursor];
  for (let line = 0; line < shape.height; line++) {
    const index = position.top + line;
    const row = rows[index];
    const y = shape.y + line;
    if (row === undefined) continue;
    const mark = marks.get(index);
    const isWasm = index === code.marks.wasm;
    const isMachine = index === code.marks.machine;
    const isCursor = index === position.cursor;
    const role = (isCurrent: boolean): Role => (isCurrent ? 'current' : row.wasmOffset === here?.wasmOffset ? 'linked' : 'plain');
    canvas.put(
      shape.left.x,
      y,
      [gutter(glyphs, mark?.wasm === true, isWasm ? (code.marks.exact ? glyphs.here : glyphs.inside) : ' '), ...wasmSpans(row, role(isWasm))],
      shape.left.width,
    );
    if (shape.middle !== undefined) {
      const linked = row.site !== undefined && row.site === here?.site;
      if (row.template !== undefined) canvas.put(shape.middle.x, y, templateSpans(row.template, linked ? 'linked' : 'plain'), shape.middle.width);
    }
    if (!interpreted && row.machine !== undefined && code.disassembly === undefined) {
      const machine = machineSpans(row.machine, role(isMachine), model.wordDigits, shape.right.width);
      canvas.put(shape.right.x, y, [gutter(glyphs, mark?.machine === true, isMachine ? glyphs.here : ' '), ...machine], shape.right.width);
    }
    if (isCursor && hasFocus) {
      const column = position.column === 'wasm' ? shape.left : shape.right;
      canvas.paint({ x: column.x + 1, y, width: column.width - 1, height: 1 }, 'cursor');
    }
  }
  if (code.disassembly !== undefined) drawElsewhere(canvas, shape, model, glyphs);
}

/** Code that is none of the function's beside it: of ROM, centred. */
function drawElsewhere(canvas: Canvas, { right, y, height }: CodeShape, { code, wordDigits }: ScreenModel, glyphs: Glyphs): void {
  const rows = code.disassembly ?? [];
  const at = rows.findIndex(({ address }) => address === code.pc);
  const top = Math.max(0, at - Math.floor(height / 2));
  canvas.put(right.x, y, [{ text: ` ${printable(rows[at]?.place ?? 'machine code')}`, role: 'dim' }], right.width);
  for (const [line, row] of rows.slice(top, top + height - 1).entries()) {
    const isHere = row.address === code.pc;
    const spans = machineSpans(row, isHere ? 'current' : 'plain', wordDigits, right.width);
    canvas.put(right.x, y + 1 + line, [gutter(glyphs, false, isHere ? glyphs.here : ' '), ...spans], right.width);
  }
}

/** Firmware: the places in its sources beside its instructions. */
function drawDisassembly(canvas: Canvas, shape: CodeShape, model: ScreenModel, position: CodePosition, hasFocus: boolean, glyphs: Glyphs): void {
  const { code } = model;
  const rows = code.disassembly ?? [];
  for (const [line, row] of rows.slice(position.top, position.top + shape.height).entries()) {
    const index = position.top + line;
    const y = shape.y + line;
    const isHere = row.address === code.pc;
    const stops = breakpointsAt(model, { cursor: index, column: 'machine' }).length > 0;
    canvas.put(shape.left.x + 1, y, [{ text: labelOf(rows, index, isHere || line === 0), role: isHere ? 'current' : 'dim' }], shape.left.width - 1);
    const spans = machineSpans(row, isHere ? 'current' : 'plain', model.wordDigits, shape.right.width);
    canvas.put(shape.right.x, y, [gutter(glyphs, stops, isHere ? glyphs.here : ' '), ...spans], shape.right.width);
    if (index === position.cursor && hasFocus) canvas.paint({ x: shape.right.x + 1, y, width: shape.right.width - 1, height: 1 }, 'cursor');
  }
}

function labelOf(rows: readonly DisassembledRow[], index: number, isWhole: boolean): string {
  const { place } = rows[index]!;
  if (place === undefined) return '';
  return isWhole || rows[index - 1]?.place !== place ? printable(place) : '';
}

function gutter(glyphs: Glyphs, stops: boolean, mark: string): Span {
  return stops && mark === ' ' ? { text: glyphs.breakpoint, role: 'breakpoint' } : { text: mark, role: stops ? 'breakpoint' : 'current' };
}

function wasmSpans({ wasmOffset, wasm }: CodeRow, role: Role): Span[] {
  if (wasm === undefined) return [];
  return [
    { text: `${hex(wasmOffset, 6)} `, role: 'dim' },
    { text: `${' '.repeat(Math.min(wasm.depth, 12))}${printable(wasm.text)}`, role },
    { text: wasm.outOfLine ? ' (out of line)' : '', role: 'dim' },
  ];
}

function templateSpans({ name, holes, trap }: TemplateCell, role: Role): Span[] {
  return [
    { text: name, role },
    ...holes.flatMap((hole): Span[] => [
      { text: ` ${hole.name}=`, role: 'dim' },
      { text: String(hole.value), role: 'hole' },
    ]),
    ...(trap === null ? [] : [{ text: ` ; ${trap}`, role: 'error' } as const]),
  ];
}

/** The instruction's bytes as people read them: half-words of Thumb in their order. */
function formatWord({ word, size }: Pick<MachineCell, 'word' | 'size'>, digits: 4 | 8): string {
  if (size === 2) return hex(word, 4);
  return digits === 4 ? `${hex(word & 0xffff, 4)} ${hex(word >>> 16, 4)}` : hex(word, 8);
}

function machineSpans(machine: MachineCell, role: Role, digits: 4 | 8, width: number): Span[] {
  return [
    { text: `${hex(machine.address, 8)} `, role: 'dim' },
    ...(width < narrowest ? [] : [{ text: `${fit(formatWord(machine, digits), 9)} `, role: 'dim' } as const]),
    { text: machine.text, role },
  ];
}

/** The word of the row's instruction in bits, and which of them each hole fills. */
function bitsOf(rows: readonly CodeRow[], cursor: number, digits: 4 | 8): Span[] {
  const machine = rows[cursor]?.machine;
  const site = rows[cursor]?.site;
  const template = rows.find((row) => row.site !== undefined && row.site === site && row.template !== undefined)?.template;
  if (machine === undefined || template === undefined) return [];
  const filled = template.holes.flatMap(({ name, value, fields }) =>
    fields.filter(({ address }) => address === machine.address).map(({ bits }) => ({ name, value, bits })),
  );
  const all = filled.reduce((sum, { bits }) => (sum | bits) >>> 0, 0);
  const spans: Span[] = [{ text: ' bits ', role: 'dim' }];
  for (const { text, bit } of bitOrder(machine.size, digits)) {
    const span: Span = bit === undefined ? { text, role: 'plain' } : { text: String((machine.word >>> bit) & 1), role: (all >>> bit) & 1 ? 'hole' : 'dim' };
    spans.push(span);
  }
  for (const { name, value, bits } of filled) {
    spans.push({ text: `  ${name}=`, role: 'plain' }, { text: String(value), role: 'hole' }, { text: ` [${rangesOf(bits)}]`, role: 'dim' });
  }
  if (filled.length === 0) spans.push({ text: '  no holes', role: 'dim' });
  return spans;
}

/** From the highest bit down, in fours; the first half-word of a long Thumb instruction first. */
function bitOrder(size: number, digits: 4 | 8): { readonly text: string; readonly bit: number | undefined }[] {
  const halves = size === 2 ? [0] : digits === 4 ? [0, 16] : [16, 0];
  return halves.flatMap((low, index) => [
    ...(index === 0 ? [] : [{ text: ' ', bit: undefined }]),
    ...Array.from({ length: 16 }, (_, at) => [...(at % 8 === 0 && at > 0 ? [{ text: ' ', bit: undefined }] : []), { text: '', bit: low + 15 - at }]).flat(),
  ]);
}

/** Bits of a mask as ranges, highest first: `31:27,3`. */
export function rangesOf(mask: number): string {
  const ranges: string[] = [];
  for (let bit = 31; bit >= 0; bit--) {
    if (((mask >>> bit) & 1) === 0) continue;
    const first = bit;
    while (bit > 0 && ((mask >>> (bit - 1)) & 1) === 1) bit--;
    ranges.push(first === bit ? String(bit) : `${first}:${bit}`);
  }
  return ranges.join(',');
}
