import type { LinkedCode, TemplateSet } from '@fireball/jit';
import { formatInstruction, functionName, InstructionReader, type ValidatedFunction, type WasmModule } from '@fireball/wasm';
import { disassemble, type MachineInstruction } from './disassembler.js';

/** One placed template with what it was made for, and what it became. */
export interface ListedSite {
  readonly address: number;
  readonly wasmOffset: number;
  /** Text of the wasm instruction that it belongs to; the prologue belongs to the first one. */
  readonly wasm: string;
  readonly template: string;
  /** Filled holes by operand name; an operand that chooses among words by its word, e.g. `add`. */
  readonly holes: Readonly<Record<string, number | string>>;
  readonly instructions: readonly MachineInstruction[];
  /** The kind of trap, where this is a trap stub. */
  readonly trap: string | null;
}

export interface ListedFunction {
  readonly index: number;
  readonly name: string;
  readonly address: number;
  readonly codeBytes: number;
  /** CRC-32 of the code, eight hexadecimal digits. */
  readonly crc: string;
  readonly sites: readonly ListedSite[];
}

/** The listing of one compiled function: wasm instruction, template, holes and machine instructions for every place. */
export async function listFunction(templates: TemplateSet, module: WasmModule, source: ValidatedFunction, code: LinkedCode): Promise<ListedFunction> {
  const machine = await disassemble(templates.isa, code.bytes, code.address);
  const sites = code.sites.map(({ offset, size, template, holes, wasmOffset }): ListedSite => {
    const address = code.address + offset;
    return {
      address,
      wasmOffset,
      wasm: instructionAt(module, wasmOffset),
      template,
      holes: Object.fromEntries(holes.map(({ operand, value }) => [operand, wordOf(templates, template, operand, value) ?? value])),
      instructions: machine.filter((entry) => entry.address >= address && entry.address < address + size),
      trap: code.trapStubs.find((stub) => stub.offset === offset)?.kind ?? null,
    };
  });
  return {
    index: source.index,
    name: functionName(module, source.index),
    address: code.address,
    codeBytes: code.bytes.length,
    crc: code.crc.toString(16).padStart(8, '0'),
    sites,
  };
}

/** The assembly word that an enumerated operand's value stands for. */
function wordOf(templates: TemplateSet, template: string, operand: string, value: number): string | undefined {
  const values = templates.require(template).json.operands.find(({ name }) => name === operand)?.values ?? {};
  return Object.keys(values).find((word) => values[word] === value);
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
  const lines = [`${listed.name} (function ${listed.index}): ${listed.codeBytes} bytes at 0x${hex(listed.address, 8)}, CRC-32 ${listed.crc}`];
  const reader = new InstructionReader(module.bytes, source.code.start);
  let shown = -1;
  const wasmLine = (offset: number, text: string): void => {
    lines.push(`  ${hex(offset, 6)}  ${text}`);
    shown = offset;
  };
  for (const site of listed.sites) {
    while (reader.offset <= site.wasmOffset) {
      reader.read();
      wasmLine(reader.start, formatInstruction(reader));
    }
    if (shown !== site.wasmOffset) wasmLine(site.wasmOffset, `${site.wasm}  (out of line)`);
    lines.push(...formatSite(site));
  }
  return lines.join('\n');
}

function formatSite({ address, template, holes, instructions, trap }: ListedSite): string[] {
  const filled = Object.entries(holes).map(([operand, value]) => `${operand}=${value}`);
  const what = [template, ...filled, ...(trap === null ? [] : [`; ${trap}`])].join(' ');
  const [first, ...rest] = instructions;
  return [
    `            ${hex(first?.address ?? address, 8)}  ${(first?.text ?? '').padEnd(32)}  ${what}`.trimEnd(),
    ...rest.map((entry) => `            ${hex(entry.address, 8)}  ${entry.text}`),
  ];
}
