import { InvalidInputError } from '@fireball/contracts';
import type { CustomSection, ModuleNames, Producer } from '../module.js';
import type { ByteRange } from '../types.js';
import { ByteReader } from './reader.js';

/**
 * Readers of the custom sections that tools and people look at. By the spec their content can never make a module
 * malformed, so what is readable before the first fault is kept.
 */
function readLeniently(bytes: Uint8Array, section: CustomSection, read: (reader: ByteReader) => void) {
  // Bounded by the section's end, so that a broken count cannot run into the next section.
  const reader = new ByteReader(bytes.subarray(0, section.content.end), section.content.start);
  try {
    while (reader.remaining > 0) read(reader);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
  }
}

function readNameMap(reader: ByteReader, names: Map<number, string>): void {
  for (let count = reader.u32(); count > 0; count--) {
    const index = reader.u32();
    names.set(index, reader.name());
  }
}

const subsection = { module: 0, functions: 1, locals: 2 } as const;

/** Reads the `name` section (core spec appendix, custom sections). */
export function readNames(bytes: Uint8Array, sections: readonly CustomSection[]): ModuleNames {
  let module: string | undefined;
  const functions = new Map<number, string>();
  const locals = new Map<number, Map<number, string>>();
  for (const section of sections.filter((candidate) => candidate.name === 'name')) {
    readLeniently(bytes, section, (reader) => {
      const id = reader.byte();
      const size = reader.length();
      const end = reader.offset + size;
      if (id === subsection.module) {
        module = reader.name();
      } else if (id === subsection.functions) {
        readNameMap(reader, functions);
      } else if (id === subsection.locals) {
        for (let count = reader.u32(); count > 0; count--) {
          const names = new Map<number, string>();
          locals.set(reader.u32(), names);
          readNameMap(reader, names);
        }
      }
      reader.offset = end;
    });
  }
  return { module, functions, locals };
}

/** Reads the `producers` section (tool conventions). */
export function readProducers(bytes: Uint8Array, sections: readonly CustomSection[]): Producer[] {
  const producers: Producer[] = [];
  for (const section of sections.filter((candidate) => candidate.name === 'producers')) {
    readLeniently(bytes, section, (reader) => {
      for (let fields = reader.u32(); fields > 0; fields--) {
        const field = reader.name();
        for (let values = reader.u32(); values > 0; values--) {
          const name = reader.name();
          producers.push({ field, name, version: reader.name() });
        }
      }
    });
  }
  return producers;
}

/** Locates the DWARF sections. */
export function locateDwarf(sections: readonly CustomSection[]): ReadonlyMap<string, ByteRange> {
  return new Map(sections.filter((section) => section.name.startsWith('.debug_')).map((section) => [section.name, section.content]));
}
