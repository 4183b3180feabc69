import type { DebugFunction, DebugTarget, PrintedField } from '@fireball/contracts';

/** A WebAssembly instruction. */
export interface WasmCell {
  readonly text: string;
  /** Blocks that it is in. */
  readonly depth: number;
  /** Shown before, in its order: this is more code of it, out of line. */
  readonly outOfLine: boolean;
}

/** An operand of a placed template. */
export interface FilledHole {
  readonly name: string;
  readonly value: number | string;
  /** The bits that it fills, alone or with another operand, by instruction. None where it only says what follows. */
  readonly fields: readonly Pick<PrintedField, 'address' | 'bits'>[];
}

/** A template as it was placed. */
export interface TemplateCell {
  readonly name: string;
  readonly holes: readonly FilledHole[];
  /** The kind of trap, where this is a trap stub. */
  readonly trap: string | null;
}

/** A machine instruction. */
export interface MachineCell {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  /** The instruction as a little-endian number, unsigned; of a long Thumb instruction the first half-word is the lower one. */
  readonly word: number;
  readonly text: string;
}

/**
 * One row of the three columns, WebAssembly beside template beside machine code. What comes of one instruction has several rows: its text stands in the
 * first one, the template's in the first one of each template, and a machine instruction in each, unless the instruction has no code of its own.
 */
export interface CodeRow {
  /** Of the instruction, in the module. Rows of the same one belong together. */
  readonly wasmOffset: number;
  readonly wasm: WasmCell | undefined;
  /** Which of the function's placed templates: rows of the same one belong together. Undefined without code. */
  readonly site: number | undefined;
  readonly template: TemplateCell | undefined;
  readonly machine: MachineCell | undefined;
}

/**
 * A function's code for people, as plain data (JSON): every view of three columns shows these rows. They stay the same as long as the code lives;
 * what moves among them is `CodeMarks`. An interpreted function has no machine code, and no templates.
 */
export interface FunctionRows {
  readonly index: number;
  readonly name: string;
  readonly interpreted: boolean;
  readonly rows: readonly CodeRow[];
}

/** What rows are made of. */
export type ListedCode = Pick<DebugFunction, 'index' | 'name' | 'interpreted' | 'wasm' | 'listing'>;

const known = new WeakMap<ListedCode, Promise<FunctionRows>>();

/** The rows of a function: its instructions in order, beside each what was made of it. */
export function rowsOf(code: ListedCode, target: Pick<DebugTarget, 'peek'>): Promise<FunctionRows> {
  let rows = known.get(code);
  if (rows === undefined) {
    rows = makeRows(code, target);
    known.set(code, rows);
  }
  return rows;
}

async function makeRows(code: ListedCode, target: Pick<DebugTarget, 'peek'>): Promise<FunctionRows> {
  const rows: CodeRow[] = [];
  const depths = depthsOf(code);
  const cell = (index: number, outOfLine: boolean): WasmCell => ({ text: code.wasm[index]?.text ?? '', depth: depths[index] ?? 0, outOfLine });
  const indices = new Map(code.wasm.map(({ offset }, index) => [offset, index]));
  let next = 0;
  let shown = -1;
  const upTo = (offset: number): void => {
    while (next < code.wasm.length && code.wasm[next]!.offset < offset) {
      const index = next++;
      rows.push({ wasmOffset: code.wasm[index]!.offset, wasm: cell(index, false), site: undefined, template: undefined, machine: undefined });
    }
  };
  const sites = code.interpreted ? [] : await code.listing();
  for (const [site, { wasmOffset, template, holes, fields, instructions, trap }] of sites.entries()) {
    upTo(wasmOffset);
    let wasm: WasmCell | undefined;
    if (code.wasm[next]?.offset === wasmOffset) wasm = cell(next++, false);
    else if (shown !== wasmOffset) wasm = cell(indices.get(wasmOffset) ?? -1, true);
    shown = wasmOffset;
    const placed: TemplateCell = {
      name: template,
      holes: Object.entries(holes).map(([name, value]) => ({
        name,
        value,
        fields: fields.filter(({ operands }) => operands.includes(name)).map(({ address, bits }) => ({ address, bits })),
      })),
      trap,
    };
    for (const [index, { address, size, text }] of instructions.entries()) {
      rows.push({
        wasmOffset,
        wasm: index === 0 ? wasm : undefined,
        site,
        template: index === 0 ? placed : undefined,
        machine: { address, size, word: wordOf(target.peek(address, size)), text },
      });
    }
    if (instructions.length === 0) rows.push({ wasmOffset, wasm, site, template: placed, machine: undefined });
  }
  upTo(Infinity);
  return { index: code.index, name: code.name, interpreted: code.interpreted, rows };
}

/** Bytes as a little-endian number; 0 where there are none. */
export function wordOf(bytes: Uint8Array | undefined): number {
  return [...(bytes ?? [])].reduce((word, byte, index) => word + byte * 2 ** (8 * index), 0);
}

/** How deep each instruction is in blocks; `else` and `end` are as deep as what they belong to. */
function depthsOf(code: ListedCode): readonly number[] {
  let depth = 0;
  return code.wasm.map(({ text }) => {
    const [name = ''] = text.split(' ');
    if (name === 'end' || name === 'else') depth = Math.max(0, depth - 1);
    const own = depth;
    if (name === 'block' || name === 'loop' || name === 'if' || name === 'else') depth++;
    return own;
  });
}
