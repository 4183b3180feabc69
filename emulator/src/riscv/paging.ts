/** How satp describes a translation (privileged architecture, 4.1.11). */
interface Scheme {
  readonly name: string;
  readonly levels: number;
  readonly entryBytes: 4 | 8;
  readonly indexBits: number;
}

const sv32: Scheme = { name: 'Sv32', levels: 2, entryBytes: 4, indexBits: 10 };
const sv39: Scheme = { name: 'Sv39', levels: 3, entryBytes: 8, indexBits: 9 };
const sv48: Scheme = { name: 'Sv48', levels: 4, entryBytes: 8, indexBits: 9 };

const pageBits = 12n;
/** So many tables are looked through; real identity mappings have a few. */
const mostTables = 4096;

/**
 * The library finds memory by virtual addresses: it is right where page tables map every page to itself, and nowhere else.
 * @param readWord physical memory, 4 bytes; undefined where there is none
 * @returns what is not supported about the translation, for a sentence; undefined where it is one of addresses to themselves, or is off
 */
export function unsupportedTranslation(satp: bigint, xlen: 32 | 64, readWord: ReadWord): string | undefined {
  const { mode, scheme, root } = translationOf(satp, xlen);
  if (mode === 0) return undefined;
  if (scheme === undefined) return `paging in mode ${mode} of satp`;
  const different = firstMovedPage(scheme, root, readWord);
  if (different === undefined) return undefined;
  return `${scheme.name} page tables that map 0x${different.virtual.toString(16)} to 0x${different.physical.toString(16)}`;
}

/** Has the page of an address an entry? That the entry allows the access, the library looks at. */
export function isTranslated(satp: bigint, xlen: 32 | 64, address: bigint, readWord: ReadWord): boolean {
  const { mode, scheme, root } = translationOf(satp, xlen);
  if (mode === 0 || scheme === undefined) return true;
  let table = root;
  for (let level = scheme.levels - 1; level >= 0; level--) {
    const index = Number(address >> (pageBits + BigInt(scheme.indexBits * level))) & (2 ** scheme.indexBits - 1);
    const entry = readEntry(Number(table) + index * scheme.entryBytes, scheme.entryBytes, readWord);
    if ((entry & 1n) === 0n) return false;
    if ((entry & 0xen) !== 0n) return true;
    table = pageOf(entry, scheme);
  }
  return false;
}

type ReadWord = (address: number) => number | undefined;

function translationOf(satp: bigint, xlen: 32 | 64): { readonly mode: number; readonly scheme: Scheme | undefined; readonly root: bigint } {
  const mode = Number(xlen === 32 ? satp >> 31n : satp >> 60n);
  const scheme = xlen === 32 ? sv32 : mode === 8 ? sv39 : mode === 9 ? sv48 : undefined;
  return { mode, scheme, root: (xlen === 32 ? satp & 0x3f_ffffn : satp & 0xfff_ffff_ffffn) << pageBits };
}

/** The physical address of an entry's page or table. */
function pageOf(entry: bigint, scheme: Scheme): bigint {
  return (scheme.entryBytes === 4 ? entry >> 10n : (entry >> 10n) & 0xfff_ffff_ffffn) << pageBits;
}

interface Moved {
  readonly virtual: bigint;
  readonly physical: bigint;
}

/** The first page that is not mapped to itself. */
function firstMovedPage(scheme: Scheme, root: bigint, readWord: ReadWord): Moved | undefined {
  const tables: { readonly at: bigint; readonly level: number; readonly virtual: bigint }[] = [{ at: root, level: scheme.levels - 1, virtual: 0n }];
  for (let visited = 0; visited < tables.length; visited++) {
    const table = tables[visited];
    if (table === undefined || visited >= mostTables) break;
    const shift = pageBits + BigInt(scheme.indexBits * table.level);
    for (let index = 0; index < 2 ** scheme.indexBits; index++) {
      const entry = readEntry(Number(table.at) + index * scheme.entryBytes, scheme.entryBytes, readWord);
      if ((entry & 1n) === 0n) continue;
      const virtual = table.virtual | (BigInt(index) << shift);
      const physical = pageOf(entry, scheme);
      if ((entry & 0xen) === 0n) {
        if (table.level > 0) tables.push({ at: physical, level: table.level - 1, virtual });
      } else if (physical !== extended(virtual, scheme)) {
        return { virtual: extended(virtual, scheme), physical };
      }
    }
  }
  return undefined;
}

function readEntry(address: number, bytes: 4 | 8, readWord: ReadWord): bigint {
  const low = BigInt(readWord(address) ?? 0);
  return bytes === 4 ? low : (BigInt(readWord(address + 4) ?? 0) << 32n) | low;
}

/** Virtual addresses of RV64 are sign-extended. */
function extended(virtual: bigint, scheme: Scheme): bigint {
  if (scheme.entryBytes === 4) return virtual;
  return BigInt.asUintN(64, BigInt.asIntN(Number(pageBits) + scheme.indexBits * scheme.levels, virtual));
}
