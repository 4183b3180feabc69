import type { ByteOffset } from '@fireball/contracts';
import type { DataSegments } from './data-segments.js';
import type { ByteRange, FunctionType, GlobalType, MemoryType, ReferenceType, TableType, ValueType } from './types.js';

/** Kinds of imports and exports (core spec 2.5.10). */
export type ExternalKind = 'function' | 'table' | 'memory' | 'global';

/** Type of something that crosses a module's border. */
export type ExternalType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType };

/** What an import asks for; functions by index into the module's types. */
export type ImportDescription =
  | { readonly kind: 'function'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType };

/** One import, and where it stands in the file. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly description: ImportDescription;
  readonly offset: ByteOffset;
}

/** One export, and where it stands in the file. */
export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Index in the index space of `kind`. */
  readonly index: number;
  readonly offset: ByteOffset;
}

/** A constant expression: the bytes of its instructions, the closing `end` included. */
export type ConstantExpression = ByteRange;

/** `count` locals of one type, as declared. */
export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}

/** One entry of the code section. */
export interface FunctionBody {
  /** Where the declarations of locals begin. */
  readonly declarations: ByteOffset;
  readonly locals: readonly LocalRun[];
  /** The instructions, the closing `end` included. */
  readonly code: ByteRange;
}

/** One entry of the element section (core spec 2.5.7). */
export interface ElementSegment {
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly type: ReferenceType;
  /** Table and start position; active segments only. */
  readonly table: number;
  readonly position: ConstantExpression | undefined;
  /** The elements: function indices or one expression each. */
  readonly init:
    { readonly kind: 'functions'; readonly indices: readonly number[] } | { readonly kind: 'expressions'; readonly expressions: readonly ConstantExpression[] };
  readonly offset: ByteOffset;
}

/** A section that does not change what the module does. */
export interface CustomSection {
  readonly name: string;
  /** The content behind the name. */
  readonly content: ByteRange;
}

/** The `name` section: names by index, as far as it is readable. */
export interface ModuleNames {
  readonly module: string | undefined;
  readonly functions: ReadonlyMap<number, string>;
  /** Function index -> local index -> name. */
  readonly locals: ReadonlyMap<number, ReadonlyMap<number, string>>;
}

/** One value of the `producers` section, e.g. field `processed-by`, name `clang`, version `14.0.6`. */
export interface Producer {
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

/**
 * A decoded module. Index spaces (`functionTypes`, `tables`, `memories`, `globals`) hold imports first, as the spec
 * numbers them; `imported` tells how many. Nothing here is validated yet beyond the binary format.
 */
export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  readonly imported: Readonly<Record<ExternalKind, number>>;
  /** Type index of every function. */
  readonly functionTypes: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly GlobalType[];
  /** Initial values of the globals behind the imported ones. */
  readonly globalInits: readonly ConstantExpression[];
  readonly exports: readonly Export[];
  /** Start function's index. */
  readonly start: number | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: DataSegments;
  /** Bodies of the functions behind the imported ones. */
  readonly bodies: readonly FunctionBody[];
  /** From the data count section. */
  readonly dataCount: number | undefined;
  readonly customSections: readonly CustomSection[];
  readonly names: ModuleNames;
  readonly producers: readonly Producer[];
  /** DWARF sections (`.debug_info`, `.debug_line`, ..) by name. */
  readonly dwarf: ReadonlyMap<string, ByteRange>;
  /** Offset of each section's content by its name, for errors found after decoding. */
  readonly sectionOffsets: ReadonlyMap<string, ByteOffset>;
}

/** Type of the function with this index; undefined where the index or its type does not exist. */
export function functionTypeOf(module: WasmModule, index: number): FunctionType | undefined {
  const typeIndex = module.functionTypes[index];
  return typeIndex === undefined ? undefined : module.types[typeIndex];
}

/** The name by which a function is shown: name section, else an export, else `func[N]`. */
export function functionName(module: WasmModule, index: number): string {
  return module.names.functions.get(index) ?? exportNames(module).get(index) ?? `func[${index}]`;
}

const namesByModule = new WeakMap<WasmModule, ReadonlyMap<number, string>>();

/** The first name under which each function is exported. */
function exportNames(module: WasmModule): ReadonlyMap<number, string> {
  const known = namesByModule.get(module);
  if (known !== undefined) return known;
  const names = new Map<number, string>();
  for (const { kind, index, name } of module.exports) if (kind === 'function' && !names.has(index)) names.set(index, name);
  namesByModule.set(module, names);
  return names;
}
