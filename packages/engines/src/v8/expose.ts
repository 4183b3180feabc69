import { valueTypeEncodings, type Limits, type SizeLimits, type WasmModule } from '@fireball/wasm';
import { exportKinds, name, section, u32, vector } from './encode.js';

/** Names under which a module's memories and globals are exported besides its own exports. */
export function memoryExport(module: WasmModule, index: number): string {
  return `${ownPrefix(module)}memory${index}`;
}
export function globalExport(module: WasmModule, index: number): string {
  return `${ownPrefix(module)}global${index}`;
}

/** A prefix that no export of the module's own starts with. */
function ownPrefix(module: WasmModule): string {
  let prefix = 'fireball:';
  while (module.exports.some((entry) => entry.name.startsWith(prefix))) prefix = `:${prefix}`;
  return prefix;
}

const sectionIds = { custom: 0, table: 4, memory: 5, export: 7 } as const;

/**
 * The module as V8 gets it: every memory and global exported, so that its whole state can be compared after a call, and its
 * own memories and tables with the maximum that `limits` grants them (hazard 15; V8's own flag for that would also bind other modules of the process).
 * Everything else stays byte for byte as it is.
 */
export function exposeState(module: WasmModule, limits: SizeLimits): Uint8Array<ArrayBuffer> {
  const exports = [
    ...module.exports.map((entry) => [...name(entry.name), exportKinds[entry.kind], ...u32(entry.index)]),
    ...module.memories.map((_, index) => [...name(memoryExport(module, index)), exportKinds.memory, ...u32(index)]),
    ...module.globals.map((_, index) => [...name(globalExport(module, index)), exportKinds.global, ...u32(index)]),
  ];
  const tables = module.tables.slice(module.imported.table).map((type) => [valueTypeEncodings[type.element], ...limited(type.limits, limits.takeTable(type))]);
  const memories = module.memories.slice(module.imported.memory).map((type) => limited(type.limits, limits.takeMemory(type).mostPages));
  const replacements = new Map<number, number[]>();
  if (tables.length > 0) replacements.set(sectionIds.table, section(sectionIds.table, vector(tables)));
  if (memories.length > 0) replacements.set(sectionIds.memory, section(sectionIds.memory, vector(memories)));
  if (exports.length > 0) replacements.set(sectionIds.export, section(sectionIds.export, vector(exports)));
  return replaceSections(module.bytes, replacements);
}

/** By how many bytes `exposeState` moved the code section: all that it changes stands in front of that. */
export function codeShift(module: WasmModule, exposed: Uint8Array): number {
  return exposed.length - module.bytes.length;
}

function limited({ min }: Limits, most: number): number[] {
  return [0x01, ...u32(min), ...u32(most)];
}

/** Puts sections in place of those of the same id, or, where there is none, in front of the first that must follow. */
function replaceSections(bytes: Uint8Array, replacements: ReadonlyMap<number, readonly number[]>): Uint8Array<ArrayBuffer> {
  const pending = new Map(replacements);
  const preambleSize = 8;
  const parts: ArrayLike<number>[] = [bytes.subarray(0, preambleSize)];
  for (const { id, start, end } of readSections(bytes, preambleSize)) {
    if (id !== sectionIds.custom) {
      for (const [pendingId, content] of pending) {
        if (pendingId >= id) continue;
        parts.push(content);
        pending.delete(pendingId);
      }
    }
    parts.push(pending.get(id) ?? bytes.subarray(start, end));
    pending.delete(id);
  }
  parts.push(...pending.values());

  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

interface SectionRange {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Section boundaries of a module that was decoded before. */
function* readSections(bytes: Uint8Array, first: number): Generator<SectionRange> {
  for (let start = first; start < bytes.length;) {
    let offset = start + 1;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset]!;
      offset += 1;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    yield { id: bytes[start]!, start, end: offset + size };
    start = offset + size;
  }
}
