import { printable, type DebugFunction } from '@fireball/contracts';
import { disassemble, type MachineInstruction } from '@fireball/disasm';
import { formatHole, SymbolTable, withTargets, type CodeSymbol, type LinkedCode, type TemplateSet } from '@fireball/jit';
import type { Vsoc } from '@fireball/vsoc';
import { formatInstruction, functionName, InstructionReader, type ValidatedFunction, type WasmModule } from '@fireball/wasm';

/** One placed template with what it was made for, and what it became. */
export interface ListedSite {
  readonly address: number;
  readonly wasmOffset: number;
  /** Text of the wasm instruction that it belongs to; the prologue belongs to the first one. */
  readonly wasm: string;
  readonly template: string;
  /** Filled holes by operand name, as `formatHole` shows them. */
  readonly holes: Readonly<Record<string, number | string>>;
  readonly instructions: readonly MachineInstruction[];
  /** The kind of trap, where this is a trap stub. */
  readonly trap: string | null;
}

/** What one compiled function takes. */
export interface FunctionSummary {
  readonly index: number;
  readonly name: string;
  readonly address: number;
  readonly codeBytes: number;
  /** CRC-32 of the code, eight hexadecimal digits. */
  readonly crc: string;
  /** How many were placed. */
  readonly templates: number;
}

/** The listing of one compiled function. */
export interface ListedFunction extends Omit<FunctionSummary, 'templates'> {
  readonly sites: readonly ListedSite[];
}

/** What the code of a module may branch to and call: its functions, and routines in ROM. */
export function symbolsOf(module: WasmModule, { codeMap, rom }: Vsoc): SymbolTable {
  const symbols: CodeSymbol[] = [...rom.entries].map(([name, address]) => ({ name, address: address & ~1, size: 0 }));
  for (const { index, code } of codeMap.functions)
    symbols.push({ name: printable(functionName(module, index)), address: code.address, size: code.bytes.length });
  return new SymbolTable(symbols);
}

/** What one compiled function takes, without a look at its code. */
export function summarizeFunction(module: WasmModule, { index }: ValidatedFunction, code: LinkedCode): FunctionSummary {
  const { placedTemplates: templates, address, bytes, crc } = code;
  return { index, name: functionName(module, index), address, codeBytes: bytes.length, crc: crc.toString(16).padStart(8, '0'), templates };
}

/** The listing of one compiled function: wasm instruction, template, holes and machine instructions for every place. */
export async function listFunction(
  templates: TemplateSet,
  module: WasmModule,
  source: ValidatedFunction,
  code: LinkedCode,
  symbols: SymbolTable,
): Promise<ListedFunction> {
  const printed = await disassemble(templates.isa, code.bytes, code.address);
  const texts = withTargets(templates.isa, printed, symbols);
  const machine = printed.map((instruction, index) => ({ ...instruction, text: texts[index]! }));
  let next = 0;
  const sites = code.sites.map(({ offset, size, template, holes, wasmOffset }): ListedSite => {
    const address = code.address + offset;
    const first = next;
    while (next < machine.length && machine[next]!.address < address + size) next++;
    return {
      address,
      wasmOffset,
      wasm: instructionAt(module, wasmOffset),
      template,
      holes: Object.fromEntries(holes.map(({ operand, value }) => [operand, formatHole(templates, template, operand, value)])),
      instructions: machine.slice(first, next),
      trap: code.trapStubs.find((stub) => stub.offset === offset)?.kind ?? null,
    };
  });
  const { templates: _count, ...summary } = summarizeFunction(module, source, code);
  return { ...summary, sites };
}

/** The instructions of a function in order, as the text format has them. */
export function listInstructions({ bytes }: WasmModule, { code: { start, end } }: ValidatedFunction): DebugFunction['wasm'] {
  const reader = new InstructionReader(bytes, start);
  const found: { offset: number; text: string }[] = [];
  while (reader.offset < end) {
    reader.read();
    found.push({ offset: reader.start, text: formatInstruction(reader) });
  }
  return found;
}

function instructionAt(module: WasmModule, offset: number): string {
  const reader = new InstructionReader(module.bytes, offset);
  reader.read();
  return formatInstruction(reader);
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * The listing for people: every wasm instruction in order, also those that needed no code of their own, and under each the
 * templates placed for it. Code that lies out of line repeats its wasm instruction.
 */
export function formatFunction(module: WasmModule, source: ValidatedFunction, listed: ListedFunction): string {
  const lines = [`${printable(listed.name)} (function ${listed.index}): ${listed.codeBytes} bytes at 0x${hex(listed.address, 8)}, CRC-32 ${listed.crc}`];
  const reader = new InstructionReader(module.bytes, source.code.start);
  let shown = -1;
  const wasmLine = (offset: number, text: string): void => {
    lines.push(`  ${hex(offset, 6)}  ${text}`);
    shown = offset;
  };
  for (const site of listed.sites) {
    while (reader.offset <= site.wasmOffset) {
      reader.read();
      wasmLine(reader.start, withCallee(module, reader));
    }
    if (shown !== site.wasmOffset) wasmLine(site.wasmOffset, `${site.wasm}  (out of line)`);
    lines.push(...formatSite(site));
  }
  return lines.join('\n');
}

/** The instruction; of a call, with the name of the function. */
function withCallee(module: WasmModule, reader: InstructionReader): string {
  const text = formatInstruction(reader);
  return reader.op.immediates === 'func' ? `${text} <${printable(functionName(module, reader.a))}>` : text;
}

function formatSite({ address, template, holes, instructions, trap }: ListedSite): string[] {
  const filled = Object.entries(holes).map(([operand, value]) => `${operand}=${value}`);
  const what = [template, ...filled, ...(trap === null ? [] : [`; ${trap}`])].join(' ');
  const [first, ...rest] = instructions;
  return [
    `            ${hex(first?.address ?? address, 8)}  ${(first?.text ?? '').padEnd(36)}  ${what}`.trimEnd(),
    ...rest.map((entry) => `            ${hex(entry.address, 8)}  ${entry.text}`),
  ];
}
