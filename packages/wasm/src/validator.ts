import { InternalError, InvalidInputError, type ByteOffset } from '@fireball/contracts';
import { InstructionReader } from './binary/instruction.js';
import { functionTypeOf, type ExternalKind, type FunctionBody, type WasmModule } from './module.js';
import type { FunctionType, Limits } from './types.js';
import { validateBodies, writeModule, type BodyFacts, type InterpreterFacts, type WithCore } from './validate/bodies.js';
import { ConstantValidator } from './validate/constant.js';
import { jumpsProgram, withCore } from './validate/core.js';
import { ExpressionValidator } from './validate/expression.js';
import { checks } from './validate/instructions.js';
import { LocalTypes } from './validate/locals.js';
import { BlockSignatures } from './validate/signatures.js';
import { BranchTable, ControlTable } from './validate/tables.js';

/** What validation learned about one function with a body. */
export interface ValidatedFunction {
  /** Index in the function index space (imports first). */
  readonly index: number;
  readonly typeIndex: number;
  readonly type: FunctionType;
  readonly locals: LocalTypes;
  /** The instructions, the closing `end` included. */
  readonly code: { readonly start: ByteOffset; readonly end: ByteOffset };
  /** Deepest operand stack, in values. */
  readonly maxOperandHeight: number;
  readonly controls: ControlTable;
  readonly branches: BranchTable;
  /**
   * Unreachable code as pairs of offsets [start, end): from behind an unconditional transfer to the `else` or `end`
   * that closes its block, where there is anything between. Sorted, not nested.
   */
  readonly deadRanges: Int32Array;
  /** True where the body makes no calls of any kind. */
  readonly isLeaf: boolean;
  readonly usesMemory: boolean;
  readonly hasMemoryGrow: boolean;
  /** @param countsLoops every `loop` has a row among the jumps, too, and what repeats it leads there */
  forInterpreter(countsLoops: boolean): InterpreterFacts;
}

/** A module that keeps every rule of validation, with what the validator found out on its way. */
export interface ValidatedModule {
  readonly module: WasmModule;
  /** Functions with bodies, in order: function index minus `module.imported.function`. */
  readonly functions: readonly ValidatedFunction[];
  readonly hasMemoryGrow: boolean;
}

/** Makes what is more than numbers when it is asked for: most functions of a large module are only validated. */
class BodyResult implements ValidatedFunction {
  private knownLocals: LocalTypes | undefined;
  private knownControls: ControlTable | undefined;
  private knownBranches: BranchTable | undefined;

  constructor(
    readonly index: number,
    readonly typeIndex: number,
    readonly type: FunctionType,
    private readonly body: FunctionBody,
    private readonly facts: BodyFacts,
    private readonly signatures: readonly FunctionType[],
  ) {}

  get code(): ValidatedFunction['code'] {
    return this.body.code;
  }

  get locals(): LocalTypes {
    return (this.knownLocals ??= new LocalTypes(this.type.params, this.body.locals));
  }

  get controls(): ControlTable {
    return (this.knownControls ??= new ControlTable(this.facts.controls, this.signatures));
  }

  get branches(): BranchTable {
    return (this.knownBranches ??= new BranchTable(this.facts.branches));
  }

  get deadRanges(): Int32Array {
    return this.facts.deadRanges;
  }

  get maxOperandHeight(): number {
    return this.facts.maxOperandHeight;
  }

  get isLeaf(): boolean {
    return this.facts.isLeaf;
  }

  get usesMemory(): boolean {
    return this.facts.usesMemory;
  }

  get hasMemoryGrow(): boolean {
    return this.facts.hasMemoryGrow;
  }

  forInterpreter(countsLoops: boolean): InterpreterFacts {
    return this.facts.forInterpreter(countsLoops);
  }
}

const pagesOf4GiB = (pageSize: number): number => 2 ** 32 / pageSize;

/** Checks everything but function bodies. */
class ModuleValidator {
  private readonly constants: ConstantValidator;

  constructor(private readonly module: WasmModule) {
    this.constants = new ConstantValidator(module);
  }

  private fail(problem: string, section: string, offset?: ByteOffset): never {
    throw new InvalidInputError(problem, {
      offset: offset ?? this.module.sectionOffsets.get(section),
      section,
    });
  }

  /** Returns the functions that code may name by `ref.func`. */
  validate(): ReadonlySet<number> {
    this.checkFunctionTypes();
    this.checkLimits();
    this.checkGlobals();
    const declared = this.checkExports();
    this.checkStart();
    this.checkElements(declared);
    this.checkData();
    for (const index of this.constants.named) declared.add(index);
    return declared;
  }

  private checkFunctionTypes(): void {
    const { functionTypes, types, imports, imported } = this.module;
    for (const { description, offset } of imports) {
      if (description.kind === 'function' && description.typeIndex >= types.length) {
        this.fail(`unknown type ${description.typeIndex}`, 'import', offset);
      }
    }
    for (let index = imported.function; index < functionTypes.length; index++) {
      const type = functionTypes[index] ?? 0;
      if (type >= types.length) this.fail(`unknown type ${type}`, 'function');
    }
  }

  private checkLimits(): void {
    const { tables, memories, imported } = this.module;
    const sectionOf = (kind: ExternalKind, index: number) => (index < imported[kind] ? 'import' : kind);
    tables.forEach(({ limits }, index) => this.checkRange(limits, sectionOf('table', index)));
    memories.forEach(({ limits, pageSize }, index) => {
      const section = sectionOf('memory', index);
      const most = pagesOf4GiB(pageSize);
      if (limits.min > most || (limits.max ?? 0) > most) {
        this.fail(`memory size must be at most ${most} pages (4GiB)`, section);
      }
      this.checkRange(limits, section);
    });
    if (memories.length > 1) {
      throw new InvalidInputError('multiple memories', {
        offset: this.module.sectionOffsets.get(sectionOf('memory', 1)),
        section: sectionOf('memory', 1),
        hint: 'multi-memory is not supported',
      });
    }
  }

  private checkRange({ min, max }: Limits, section: string): void {
    if (max !== undefined && min > max) {
      this.fail('size minimum must not be greater than maximum', section);
    }
  }

  private checkGlobals(): void {
    const { globals, globalInits, imported } = this.module;
    globalInits.forEach((init, index) => {
      const own = imported.global + index;
      const type = globals[own]?.type;
      if (type !== undefined) this.constants.validate(init, type, 'global');
    });
  }

  private sizeOf(kind: ExternalKind): number {
    const { functionTypes, tables, memories, globals } = this.module;
    return { function: functionTypes, table: tables, memory: memories, global: globals }[kind].length;
  }

  /** Returns the exported functions. */
  private checkExports(): Set<number> {
    const names = new Set<string>();
    const functions = new Set<number>();
    for (const { name, kind, index, offset } of this.module.exports) {
      if (index >= this.sizeOf(kind)) this.fail(`unknown ${kind} ${index}`, 'export', offset);
      if (names.has(name)) this.fail(`duplicate export name "${name}"`, 'export', offset);
      names.add(name);
      if (kind === 'function') functions.add(index);
    }
    return functions;
  }

  private checkStart(): void {
    const { start } = this.module;
    if (start === undefined) return;
    const type = functionTypeOf(this.module, start) ?? this.fail(`unknown function ${start}`, 'start');
    if (type.params.length + type.results.length > 0) {
      this.fail('start function must have no parameters and no results', 'start');
    }
  }

  private checkElements(declared: Set<number>): void {
    const { elements, tables, functionTypes } = this.module;
    for (const segment of elements) {
      if (segment.mode === 'active') {
        const table = tables[segment.table];
        if (table === undefined) {
          this.fail(`unknown table ${segment.table}`, 'element', segment.offset);
        }
        if (table.element !== segment.type) {
          this.fail(`type mismatch: ${segment.type} elements for a table of ${table.element}`, 'element', segment.offset);
        }
      }
      if (segment.position !== undefined) {
        this.constants.validate(segment.position, 'i32', 'element');
      }
      if (segment.init.kind === 'expressions') {
        for (const expression of segment.init.expressions) {
          this.constants.validate(expression, segment.type, 'element');
        }
        continue;
      }
      for (const index of segment.init.indices) {
        if (index >= functionTypes.length) {
          this.fail(`unknown function ${index}`, 'element', segment.offset);
        }
        declared.add(index);
      }
    }
  }

  private checkData(): void {
    const { data, memories } = this.module;
    for (const segment of memories.length === 0 ? data : data.doubtful()) {
      if (segment.position === undefined) continue;
      if (segment.memory >= memories.length) {
        this.fail(`unknown memory ${segment.memory}`, 'data', segment.offset);
      }
      this.constants.validate(segment.position, 'i32', 'data');
    }
  }
}

/** The body's size ends it before its `end`: in the spec's terms the decoder runs into what follows. */
function bodyTooShort(reader: InstructionReader, end: ByteOffset): never {
  const atEnd = end === reader.bytes.length;
  return reader.fail(atEnd ? 'unexpected end of section or function' : 'section size mismatch', end);
}

/**
 * Finds the rule that the body breaks.
 * @throws InvalidInputError, UnsupportedError
 */
function explainBody(module: WasmModule, declared: ReadonlySet<number>, { code, locals }: FunctionBody, { params, results }: FunctionType): never {
  const validator = new ExpressionValidator(module, declared);
  const reader = new InstructionReader(module.bytes, code.start);
  validator.begin(reader, new LocalTypes(params, locals), results);
  while (!validator.finished) {
    if (reader.offset >= code.end) bodyTooShort(reader, code.end);
    reader.read();
    checks[reader.op.id]?.(validator);
  }
  if (reader.offset !== code.end) reader.fail('section size mismatch', reader.offset);
  throw new InternalError(`the body at offset ${code.start} breaks a rule, but none is found`);
}

/**
 * Validates a module and computes the side tables that interpreter and JIT share.
 * @throws InvalidInputError with byte offset, in the spec's words
 */
export function validateModule(module: WasmModule): ValidatedModule {
  return validateModuleBy(withCore, module);
}

/**
 * The same by a core of the caller's.
 * @throws InvalidInputError
 */
export function validateModuleBy(takeCore: WithCore, module: WasmModule): ValidatedModule {
  const declared = new ModuleValidator(module).validate();
  const { bodies, functionTypes, imported } = module;
  const typeOf = (body: number): FunctionType => {
    const type = functionTypeOf(module, imported.function + body);
    if (type === undefined) throw new InternalError(`no type of function ${imported.function + body}`);
    return type;
  };
  const signatures = new BlockSignatures(module);
  const facts = validateBodies(takeCore, module, signatures, declared, (body) => explainBody(module, declared, bodies[body]!, typeOf(body)));
  const functions = bodies.map((body, position): ValidatedFunction => {
    const index = imported.function + position;
    return new BodyResult(index, functionTypes[index]!, typeOf(position), body, facts[position]!, signatures.all);
  });
  return { module, functions, hasMemoryGrow: functions.some((entry) => entry.hasMemoryGrow) };
}

/** The core as a program for any engine, and a memory in which a module waits for it. */
export interface PreparedValidation {
  /** Exports its `memory`, and `validateBodies(first, end)`, which gives `end` where no body from `first` on breaks a rule and there are not too many rows. */
  readonly program: Uint8Array;
  readonly memory: Uint8Array;
}

/**
 * Prepares the validation of a module's bodies elsewhere.
 * @throws InvalidInputError of everything but bodies
 */
export function prepareValidation(module: WasmModule): PreparedValidation {
  const declared = new ModuleValidator(module).validate();
  const memory = withCore((core) => {
    writeModule(core, module, new BlockSignatures(module), declared);
    return new Uint8Array(core.memory.buffer.slice(0));
  }, true);
  return { program: jumpsProgram.bytes, memory };
}
