/** Memory limits that the text format cannot write: its pages always have 64 KiB. */
export interface Pages {
  readonly min: number;
  readonly max?: number;
  /** Bytes of a page: 1 or 65536 (the custom page sizes proposal). */
  readonly pageSize: 1 | 65536;
}

const sectionIds = { import: 2, memory: 5 } as const;
const memoryImport = 2;
const flags = { max: 1, pageSize: 8 } as const;

/** The module with other limits for its only memory, which it defines or imports. */
export function withPages(bytes: Uint8Array, pages: Pages): Uint8Array {
  const out: number[] = [...bytes.subarray(0, 8)];
  let replaced = 0;
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at]!;
    const size = unsigned(bytes, at + 1);
    const content = bytes.subarray(size.end, size.end + size.value);
    at = size.end + size.value;
    const begin = id === sectionIds.memory ? unsigned(content, 0).end : id === sectionIds.import ? importedMemory(content) : undefined;
    if (begin === undefined) {
      out.push(id, ...leb(content.length), ...content);
      continue;
    }
    const hasMax = (content[begin]! & flags.max) !== 0;
    const min = unsigned(content, begin + 1);
    const end = hasMax ? unsigned(content, min.end).end : min.end;
    const changed = [...content.subarray(0, begin), ...limits(pages), ...content.subarray(end)];
    out.push(id, ...leb(changed.length), ...changed);
    replaced++;
  }
  if (replaced !== 1) throw new TypeError(`${replaced} memories to give other limits`);
  return Uint8Array.from(out);
}

/** Offset of the memory's limits among the imports; the memory must be the first of them. */
function importedMemory(content: Uint8Array): number | undefined {
  let at = unsigned(content, 0).end;
  for (let name = 0; name < 2; name++) {
    const length = unsigned(content, at);
    at = length.end + length.value;
  }
  return content[at] === memoryImport ? at + 1 : undefined;
}

function limits({ min, max, pageSize }: Pages): number[] {
  return [(max === undefined ? 0 : flags.max) | flags.pageSize, ...leb(min), ...(max === undefined ? [] : leb(max)), ...leb(Math.log2(pageSize))];
}

function unsigned(bytes: Uint8Array, begin: number): { value: number; end: number } {
  let value = 0;
  for (let at = begin, factor = 1; ; at++, factor *= 128) {
    value += (bytes[at]! & 0x7f) * factor;
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...leb(Math.floor(value / 128))];
}
