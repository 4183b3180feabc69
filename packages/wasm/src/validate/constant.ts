import { InstructionReader } from '../binary/instruction.js';
import type { ConstantExpression, WasmModule } from '../module.js';
import type { Opcode, OpName } from '../opcodes.js';
import type { ValueType } from '../types.js';
import { ExpressionValidator } from './expression.js';
import { checks } from './instructions.js';
import { LocalTypes } from './locals.js';

/** Instructions of constant expressions, those of the extended-const proposal included. */
const constantOps = [
  'i32.const',
  'i64.const',
  'f32.const',
  'f64.const',
  'ref.null',
  'ref.func',
  'global.get',
  'i32.add',
  'i32.sub',
  'i32.mul',
  'i64.add',
  'i64.sub',
  'i64.mul',
  'end',
] as const satisfies readonly OpName[];

const names: ReadonlySet<OpName> = new Set(constantOps);

export function isConstantOp(name: OpName): name is (typeof constantOps)[number] {
  return names.has(name);
}

/** Does the instruction put a constant of this type on the stack? */
function isNumber({ immediates, signature }: Opcode, type: ValueType): boolean {
  return immediates === type && signature?.results[0] === type;
}

const noLocals = new LocalTypes([], []);

/** Validates constant expressions and collects the functions that they name. */
export class ConstantValidator {
  readonly named = new Set<number>();
  private readonly validator: ExpressionValidator;
  private readonly reader: InstructionReader;

  constructor(private readonly module: WasmModule) {
    this.validator = new ExpressionValidator(module, undefined);
    this.reader = new InstructionReader(module.bytes);
  }

  /** Checks that `expression` is constant and of type `expected`. */
  validate(expression: ConstantExpression, expected: ValueType, section: string): void {
    const { reader, validator } = this;
    reader.offset = expression.start;
    reader.section = section;
    // Nearly all are one number; a module may have a hundred thousand data segments.
    reader.read();
    if (isNumber(reader.op, expected) && reader.offset === expression.end - 1) return;
    reader.offset = expression.start;
    validator.begin(reader, noLocals, [expected]);
    while (!validator.finished) {
      reader.read();
      if (!isConstantOp(reader.op.name)) validator.fail('constant expression required');
      if (reader.op.name === 'global.get') this.checkGlobal(reader.a);
      if (reader.op.name === 'ref.func') this.named.add(reader.a);
      checks[reader.op.id]?.(validator);
    }
  }

  /** WebAssembly 2.0 lets constant expressions read imported globals only. */
  private checkGlobal(index: number): void {
    if (index >= this.module.imported.global) this.validator.fail(`unknown global ${index}`);
    if (this.module.globals[index]?.mutable === true) {
      this.validator.fail('constant expression required');
    }
  }
}
