import { elfMachine, type ElfSymbol } from '../elf.js';
import type { FirmwareImage } from '../firmware.js';
import { LineTable, type SourceLine, type SourceSequence } from './line-table.js';

/** A function or variable, and where in it an address lies. */
export interface SymbolAt {
  readonly name: string;
  readonly start: number;
  /** Bytes; 0 where the file does not say (labels of assembly). */
  readonly size: number;
  readonly offset: number;
}

interface PlacedSymbol {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly rank: number;
}

const symbolType = { none: 0, object: 1, function: 2 } as const;
const undefinedSection = 0;
/** From here on an index means no section: absolute values, common symbols (`SHN_LORESERVE`). */
const reservedSections = 0xff00;
/** A label without a size names what follows it this far. */
const longestLabel = 64 * 1024;
/** `$t`, `$d.1`, `$x`: what an assembler says of the bytes that follow (Arm ELF, RISC-V psABI). */
const mappingSymbol = /^\$[adtx](?:\.|$)|^\$xrv/;

/** Names and source lines of all images of a machine, by address. */
export class ProgramSymbols {
  readonly #code: readonly PlacedSymbol[];
  readonly #data: readonly PlacedSymbol[];
  readonly #images: readonly FirmwareImage[];
  #tables: LineTable[] | undefined;

  constructor(images: readonly FirmwareImage[]) {
    this.#images = images;
    this.#code = placed(images, [symbolType.function, symbolType.none]);
    this.#data = placed(images, [symbolType.object, symbolType.none]);
  }

  /** The function that an instruction belongs to. */
  functionAt(address: number): SymbolAt | undefined {
    return find(this.#code, address);
  }

  /** The variable, or else the function or label, that an address lies in. */
  symbolAt(address: number): SymbolAt | undefined {
    return (
      find(
        this.#data.filter(({ size }) => size > 0),
        address,
      ) ?? find(this.#code, address)
    );
  }

  /** Where a name lies. */
  addressOf(name: string): number | undefined {
    return [...this.#code, ...this.#data].find((symbol) => symbol.name === name)?.start;
  }

  lineAt(address: number): SourceLine | undefined {
    for (const table of this.#lineTables) {
      const line = table.at(address);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** All code with lines, by ascending start. */
  get sequences(): readonly SourceSequence[] {
    return this.#lineTables.flatMap(({ sequences }) => sequences).sort((a, b) => a.start - b.start);
  }

  get #lineTables(): readonly LineTable[] {
    this.#tables ??= this.#images.flatMap(lineTables);
    return this.#tables;
  }

  get isEmpty(): boolean {
    return this.#code.length === 0;
  }
}

function placed(images: readonly FirmwareImage[], types: readonly number[]): PlacedSymbol[] {
  return images
    .flatMap(({ symbols, machine }) =>
      symbols
        .filter(
          (symbol) =>
            types.includes(symbol.type) &&
            symbol.section !== undefinedSection &&
            symbol.section < reservedSections &&
            symbol.name !== '' &&
            !mappingSymbol.test(symbol.name),
        )
        .map((symbol) => ({ name: symbol.name, start: startOf(symbol, machine), size: symbol.size, rank: rankOf(symbol) })),
    )
    .sort((a, b) => a.start - b.start || a.rank - b.rank);
}

/** Bit 0 of an Arm function's value says that it is Thumb code. */
function startOf({ type, value }: ElfSymbol, machine: number | undefined): number {
  return machine === elfMachine.arm && type === symbolType.function ? value - (value % 2) : value;
}

/** Of several names for one place the last one is taken: global ones, and those with a size. */
function rankOf({ type, size, binding }: ElfSymbol): number {
  return (type === symbolType.none ? 0 : 4) + (size > 0 ? 2 : 0) + (binding === 1 ? 1 : 0);
}

function find(symbols: readonly PlacedSymbol[], address: number): SymbolAt | undefined {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const symbol = symbols[low - 1];
  if (symbol === undefined) return undefined;
  const { name, start, size } = symbol;
  const offset = address - start;
  return offset < (size === 0 ? longestLabel : size) ? { name, start, size, offset } : undefined;
}

function lineTables({ debug, symbols }: FirmwareImage): LineTable[] {
  if (debug === undefined) return [];
  const zeroIsCode = symbols.some(({ type, value, section }) => type === symbolType.function && section !== undefinedSection && value <= 1);
  const isCode = (start: number): boolean => debug.code.some((range) => start >= range.start && start < range.end) && (start !== 0 || zeroIsCode);
  return [new LineTable(debug, isCode)];
}
