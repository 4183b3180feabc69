import type { WasmModule } from '@fireball/wasm';
import { exportKinds, name, section, u32 } from './encode.js';

/** Names under which a module's memories and globals are exported besides its own exports. */
export function memoryExport(module: WasmModule, index: number): string {
  return `${ownPrefix(module)}memory${index}`;
}
export function globalExport(module: WasmModule, index: number): string {
  return `${ownPrefix(module)}global${index}`;
}

/**
 * The module with every memory and global exported, so that its whole state can be compared after a call.
 * Everything else stays byte for byte as it is.
 */
export function exposeState(module: WasmModule): Uint8Array<ArrayBuffer> {
  const added = [
    ...module.memories.map((_, index) => [...name(memoryExport(module, index)), exportKinds.memory, ...u32(index)]),
    ...module.globals.map((_, index) => [...name(globalExport(module, index)), exportKinds.global, ...u32(index)]),
  ];
  if (added.length === 0) return new Uint8Array(module.bytes);

  const sections = readSections(module.bytes);
  const exportsSection = sections.find((entry) => entry.id === exportSectionId);
  const own = module.exports.flatMap((entry) => [...name(entry.name), exportKinds[entry.kind], ...u32(entry.index)]);
  const replacement = section(exportSectionId, [...u32(module.exports.length + added.length), ...own, ...added.flat()]);

  // Without an export section, a new one goes in front of the first section that must follow it.
  const cut = exportsSection ??
    sections.find((entry) => entry.id > exportSectionId) ?? { start: module.bytes.length, end: module.bytes.length };
  const resume = exportsSection === undefined ? cut.start : cut.end;
  const bytes = new Uint8Array(cut.start + replacement.length + module.bytes.length - resume);
  bytes.set(module.bytes.subarray(0, cut.start));
  bytes.set(replacement, cut.start);
  bytes.set(module.bytes.subarray(resume), cut.start + replacement.length);
  return bytes;
}

/** A prefix that no export of the module's own starts with. */
function ownPrefix(module: WasmModule): string {
  let prefix = 'fireball:';
  while (module.exports.some((entry) => entry.name.startsWith(prefix))) prefix = `:${prefix}`;
  return prefix;
}

const exportSectionId = 7;

interface SectionRange {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Section boundaries of a module that was decoded before. */
function readSections(bytes: Uint8Array): SectionRange[] {
  const sections: SectionRange[] = [];
  for (let start = 8; start < bytes.length; ) {
    let offset = start + 1;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset]!;
      offset += 1;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    sections.push({ id: bytes[start]!, start, end: offset + size });
    start = offset + size;
  }
  return sections;
}
