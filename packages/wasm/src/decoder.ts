import { InvalidInputError, type ByteOffset } from '@fireball/contracts';
import { locateDwarf, readNames, readProducers } from './binary/custom.js';
import { InstructionReader } from './binary/instruction.js';
import { refuseProposal } from './binary/proposals.js';
import {
  readConstantExpression,
  readDataSegments,
  readElementSegment,
  readExport,
  readFunctionBody,
  readFunctionType,
  readGlobalType,
  readImport,
  readMemoryType,
  readTable,
} from './binary/sections.js';
import { DataSegments } from './data-segments.js';
import type { ConstantExpression, CustomSection, ElementSegment, Export, ExternalKind, FunctionBody, Import, WasmModule } from './module.js';
import type { FunctionType, GlobalType, MemoryType, TableType } from './types.js';

const magic = 0x6d736100;
const version = 1;

/** Section names by id. */
const sectionNames = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'element', 'code', 'data', 'data count'] as const;
type SectionName = (typeof sectionNames)[number];

const tagSectionId = 13;

/** The order in which sections must come; custom sections may stand anywhere. */
const sectionOrder: readonly SectionName[] = [
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'data count',
  'code',
  'data',
];

/** Collects what the sections say while they are read. */
class ModuleDecoder {
  private readonly types: FunctionType[] = [];
  private readonly imports: Import[] = [];
  private readonly imported: Record<ExternalKind, number> = {
    function: 0,
    table: 0,
    memory: 0,
    global: 0,
  };
  private readonly functionTypes: number[] = [];
  private readonly tables: TableType[] = [];
  private readonly memories: MemoryType[] = [];
  private readonly globals: GlobalType[] = [];
  private readonly globalInits: ConstantExpression[] = [];
  private readonly exports: Export[] = [];
  private start: number | undefined;
  private readonly elements: ElementSegment[] = [];
  private readonly data: DataSegments;
  private readonly bodies: FunctionBody[] = [];
  private dataCount: number | undefined;
  private readonly customSections: CustomSection[] = [];
  private readonly sectionOffsets = new Map<string, ByteOffset>();
  private readonly reader: InstructionReader;

  constructor(private readonly bytes: Uint8Array) {
    this.data = new DataSegments(bytes);
    this.reader = new InstructionReader(bytes, 0, 'header');
  }

  decode(): WasmModule {
    const { reader } = this;
    if (reader.fixed32() !== magic) reader.fail('magic header not detected', 0);
    if (reader.fixed32() !== version) {
      // The upper half of the version is the layer: 1 is that of components.
      if (this.bytes[6] === 1 && this.bytes[7] === 0) refuseProposal(reader, 'components', 'components', 4);
      reader.fail('unknown binary version', 4);
    }
    let position = 0;
    while (reader.remaining > 0) {
      const name = this.readSectionName();
      reader.section = name;
      if (name !== 'custom') {
        const order = sectionOrder.indexOf(name) + 1;
        if (order <= position) reader.fail('unexpected content after last section', reader.offset - 1);
        position = order;
      }
      this.readSection(name);
    }
    this.checkCounts();
    return this.finish();
  }

  private readSectionName(): SectionName {
    const { reader } = this;
    reader.section = undefined;
    const id = reader.byte();
    if (id === tagSectionId) refuseProposal(reader, 'tag section', 'exceptions', reader.offset - 1);
    return sectionNames[id] ?? reader.fail('malformed section id', reader.offset - 1);
  }

  private readSection(name: SectionName): void {
    const { reader } = this;
    const size = reader.length();
    const start = reader.offset;
    this.sectionOffsets.set(name, start);
    if (name === 'custom') this.readCustom(start + size);
    else this.sectionReaders[name](reader);
    if (reader.offset !== start + size) reader.fail('section size mismatch', start);
  }

  private readonly sectionReaders: Record<Exclude<SectionName, 'custom'>, (reader: InstructionReader) => void> = {
    type: (reader) => this.each(() => this.types.push(readFunctionType(reader))),
    import: (reader) => this.each(() => this.addImport(readImport(reader))),
    function: (reader) => this.each(() => this.functionTypes.push(reader.u32())),
    table: (reader) => this.each(() => this.tables.push(readTable(reader))),
    memory: (reader) => this.each(() => this.memories.push(readMemoryType(reader))),
    global: (reader) =>
      this.each(() => {
        this.globals.push(readGlobalType(reader));
        this.globalInits.push(readConstantExpression(reader));
      }),
    export: (reader) => this.each(() => this.exports.push(readExport(reader))),
    start: (reader) => {
      this.start = reader.u32();
    },
    element: (reader) => this.each(() => this.elements.push(readElementSegment(reader))),
    'data count': (reader) => {
      this.dataCount = reader.u32();
    },
    code: (reader) => this.each(() => this.bodies.push(readFunctionBody(reader))),
    data: (reader) => readDataSegments(reader, this.data, reader.u32()),
  };

  private each(readItem: () => void): void {
    for (let count = this.reader.u32(); count > 0; count--) readItem();
  }

  private addImport(entry: Import): void {
    this.imports.push(entry);
    const { description } = entry;
    this.imported[description.kind]++;
    switch (description.kind) {
      case 'function':
        this.functionTypes.push(description.typeIndex);
        break;
      case 'table':
        this.tables.push(description.type);
        break;
      case 'memory':
        this.memories.push(description.type);
        break;
      case 'global':
        this.globals.push(description.type);
        break;
    }
  }

  private readCustom(end: ByteOffset): void {
    const { reader } = this;
    const name = reader.name();
    if (reader.offset > end) reader.fail('unexpected end of section or function', end);
    this.customSections.push({ name, content: { start: reader.offset, end } });
    reader.offset = end;
  }

  private checkCounts(): void {
    const declared = this.functionTypes.length - this.imported.function;
    if (declared !== this.bodies.length) {
      throw new InvalidInputError('function and code section have inconsistent lengths', {
        offset: this.sectionOffsets.get('code') ?? this.bytes.length,
        section: 'code',
        hint: `${declared} functions, ${this.bodies.length} bodies`,
      });
    }
    if (this.dataCount !== undefined && this.dataCount !== this.data.length) {
      throw new InvalidInputError('data count and data section have inconsistent lengths', {
        offset: this.sectionOffsets.get('data') ?? this.bytes.length,
        section: 'data',
        hint: `${this.dataCount} announced, ${this.data.length} segments`,
      });
    }
  }

  private finish(): WasmModule {
    return {
      bytes: this.bytes,
      types: this.types,
      imports: this.imports,
      imported: this.imported,
      functionTypes: this.functionTypes,
      tables: this.tables,
      memories: this.memories,
      globals: this.globals,
      globalInits: this.globalInits,
      exports: this.exports,
      start: this.start,
      elements: this.elements,
      data: this.data,
      bodies: this.bodies,
      dataCount: this.dataCount,
      customSections: this.customSections,
      names: readNames(this.bytes, this.customSections),
      producers: readProducers(this.bytes, this.customSections),
      dwarf: locateDwarf(this.customSections),
      sectionOffsets: this.sectionOffsets,
    };
  }
}

/**
 * Decodes a binary module. Function bodies are delimited here and decoded by the validator.
 * @throws InvalidInputError with byte offset and section, in the spec interpreter's words
 * @throws UnsupportedError naming the proposal that the module needs
 */
export function decodeModule(bytes: Uint8Array): WasmModule {
  return new ModuleDecoder(bytes).decode();
}
