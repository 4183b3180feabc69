import { InternalError } from '@fireball/contracts';
import {
  evaluateConstant,
  resolveImport,
  type ConstantExpression,
  type ImportResolver,
  type ProvidedType,
  type RawValue,
  type ValidatedModule,
} from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import { createGlobal, slotBytes, type VsocExtern, type VsocFunction, type VsocGlobal, type VsocTable } from '../externs.js';
import type { VsocMemory } from '../linear-memory.js';
import type { VsocStore } from '../store.js';

/** Gives the thing behind an import, or undefined where there is none. */
export type VsocResolver = ImportResolver<VsocExtern>;

/** What an instance's code names by index: what it imports, then what is its own. */
export class IndexSpaces {
  readonly functions: VsocFunction[] = [];
  readonly tables: VsocTable[] = [];
  readonly memories: VsocMemory[] = [];
  readonly globals: VsocGlobal[] = [];
  readonly exports = new Map<string, VsocExtern>();

  /**
   * Allocates what is the instance's own, without code in the functions' slots and without contents of tables and memories.
   * @throws LinkError where an import is not found or does not fit
   */
  constructor(
    store: VsocStore,
    private readonly dataMemory: DataMemory,
    private readonly validated: ValidatedModule,
    resolve: VsocResolver,
  ) {
    const { module } = validated;
    const imports = module.imports.map((entry) => resolveImport(module, entry, resolve, (given) => providedType(given, dataMemory)));
    for (const extern of imports) this.add(extern);
    const slots = dataMemory.allocate(slotBytes * module.bodies.length);
    validated.functions.forEach((entry, index) => {
      this.functions.push(store.createFunction(slots + slotBytes * index, entry.type));
    });
    for (const type of module.tables.slice(this.tables.length)) this.tables.push(store.createTable(type));
    for (const type of module.memories.slice(this.memories.length)) this.memories.push(store.createMemory(type));
    module.globals.slice(this.globals.length).forEach((type, index) => {
      const init = module.globalInits[index];
      const { low, high } = wordsOfRaw(init === undefined ? 0 : this.evaluate(init));
      this.globals.push(createGlobal(dataMemory, type, low, high));
    });
    const spaces = { function: this.functions, table: this.tables, memory: this.memories, global: this.globals };
    for (const entry of module.exports) {
      const extern = spaces[entry.kind][entry.index];
      if (extern !== undefined) this.exports.set(entry.name, extern);
    }
  }

  private add(extern: VsocExtern): void {
    if (extern.kind === 'function') this.functions.push(extern);
    else if (extern.kind === 'table') this.tables.push(extern);
    else if (extern.kind === 'memory') {
      this.memories.push(extern);
      extern.share();
    } else this.globals.push(extern);
  }

  functionAt(index: number): VsocFunction {
    const found = this.functions[index];
    if (found === undefined) throw new InternalError(`no function ${index}`);
    return found;
  }

  slotOf(index: number): number {
    return this.functionAt(index).slot;
  }

  /** Bytes of the memory that loads and stores reach, as it is now; 0 where there is none. */
  get memoryBytes(): number {
    return this.memories[0]?.byteLength ?? 0;
  }

  /** A constant expression's value, as raw bits; references are slots. */
  evaluate(expression: ConstantExpression): RawValue {
    const context = {
      bytes: this.validated.module.bytes,
      globalValue: (index: number) => this.rawGlobal(index),
      functionReference: (index: number) => this.functions[index]?.slot ?? 0,
    };
    return evaluateConstant(context, expression);
  }

  private rawGlobal(index: number): RawValue {
    const { dataMemory } = this;
    const global = this.globals[index];
    if (global === undefined) throw new InternalError(`no global ${index}`);
    const low = dataMemory.readWord(global.cell);
    if (global.type.type !== 'i64' && global.type.type !== 'f64') return low;
    return (BigInt(dataMemory.readWord(global.cell + 4) >>> 0) << 32n) | BigInt(low >>> 0);
  }
}

/** What import matching has to know. */
function providedType(given: VsocExtern, data: DataMemory): ProvidedType {
  switch (given.kind) {
    case 'function':
    case 'global':
      return given;
    case 'table':
      return { kind: 'table', element: given.type.element, size: data.readWord(given.record) >>> 0, max: given.type.limits.max };
    case 'memory':
      return { kind: 'memory', pageSize: given.type.pageSize, size: given.byteLength / given.type.pageSize, max: given.type.limits.max };
  }
}

/** The two words of a raw value. */
function wordsOfRaw(raw: RawValue): { low: number; high: number } {
  const bits = BigInt.asUintN(64, BigInt(raw));
  return { low: Number(bits & 0xffff_ffffn), high: Number(bits >> 32n) };
}
