import { isReference, type FunctionType, type TableType } from '../types.js';
import { functionTypeOf } from '../module.js';
import { opcodes, touchesMemory, type ContextualOpName, type IndexingOpName, type Opcode, type OpName } from '../opcodes.js';
import type { ExpressionValidator } from './expression.js';

type Check = (validator: ExpressionValidator) => void;

function table(validator: ExpressionValidator, index: number): TableType {
  return validator.module.tables[index] ?? validator.fail(`unknown table ${index}`);
}

function requireMemory(validator: ExpressionValidator): void {
  if (validator.module.memories.length === 0) validator.fail('unknown memory 0');
}

function requireData(validator: ExpressionValidator): void {
  const { module, reader } = validator;
  if (reader.a >= module.data.length) validator.fail(`unknown data segment ${reader.a}`);
  // One pass over the bytes must do, so the format asks for the count ahead of the code.
  if (module.dataCount === undefined) validator.fail('data count section required');
}

function requireElement(validator: ExpressionValidator): void {
  const { module, reader } = validator;
  if (reader.a >= module.elements.length) validator.fail(`unknown elem segment ${reader.a}`);
}

function calledFunction(validator: ExpressionValidator): FunctionType {
  const index = validator.reader.a;
  return functionTypeOf(validator.module, index) ?? validator.fail(`unknown function ${index}`);
}

/** Checks the table and takes the index operand of an indirect call. */
function indirectType(validator: ExpressionValidator): FunctionType {
  const { a: typeIndex, b: tableIndex } = validator.reader;
  const { element } = table(validator, tableIndex);
  if (element !== 'funcref') validator.fail(`type mismatch: table ${tableIndex} holds ${element}`);
  const type = validator.module.types[typeIndex] ?? validator.fail(`unknown type ${typeIndex}`);
  validator.popExpecting('i32');
  return type;
}

function tailCall(validator: ExpressionValidator, type: FunctionType): void {
  const { results } = validator;
  if (results.length !== type.results.length || results.some((result, index) => result !== type.results[index])) {
    validator.fail(`type mismatch: tail call returns [${type.results.join(' ')}], the function [${results.join(' ')}]`);
  }
  validator.popAll(type.params);
  validator.markUnreachable();
}

function branchTable(validator: ExpressionValidator): void {
  validator.popExpecting('i32');
  const { targets } = validator.reader;
  const fallback = targets.at(-1) ?? 0;
  let arity: number | undefined;
  for (const label of targets) {
    const types = validator.labelTypes(label);
    arity ??= types.length;
    if (types.length !== arity) validator.fail('type mismatch: labels of br_table differ in arity');
    validator.peekAll(types);
  }
  validator.popAll(validator.labelTypes(fallback));
  validator.markUnreachable();
}

/** Instructions whose types depend on the context. */
const contextual = {
  unreachable: (v) => v.markUnreachable(),
  block: (v) => v.enter('block'),
  loop: (v) => v.enter('loop'),
  if: (v) => {
    v.popExpecting('i32');
    v.enter('if');
  },
  else: (v) => v.enterElse(),
  end: (v) => v.leave(),
  br: (v) => {
    v.popAll(v.labelTypes(v.reader.a));
    v.markUnreachable();
  },
  br_if: (v) => {
    v.popExpecting('i32');
    const types = v.labelTypes(v.reader.a);
    v.popAll(types);
    v.pushAll(types);
  },
  br_table: branchTable,
  return: (v) => {
    v.popAll(v.results);
    v.markUnreachable();
  },
  call: (v) => v.apply(calledFunction(v)),
  call_indirect: (v) => v.apply(indirectType(v)),
  return_call: (v) => tailCall(v, calledFunction(v)),
  return_call_indirect: (v) => tailCall(v, indirectType(v)),
  drop: (v) => {
    v.pop();
  },
  select: (v) => {
    v.popExpecting('i32');
    const second = v.pop();
    const first = v.pop();
    for (const type of [first, second]) {
      if (type !== 'unknown' && isReference(type)) {
        v.fail(`type mismatch: select without type takes numbers, found ${type}`);
      }
    }
    if (first !== second && first !== 'unknown' && second !== 'unknown') {
      v.fail(`type mismatch: select between ${first} and ${second}`);
    }
    v.push(first === 'unknown' ? second : first);
  },
  select_t: (v) => {
    const [type, ...more] = v.reader.types;
    if (type === undefined || more.length > 0) return v.fail('invalid result arity');
    v.popExpecting('i32');
    v.popExpecting(type);
    v.popExpecting(type);
    v.push(type);
  },
  'local.get': (v) => v.push(v.localType()),
  'local.set': (v) => v.popExpecting(v.localType()),
  'local.tee': (v) => {
    const type = v.localType();
    v.popExpecting(type);
    v.push(type);
  },
  'global.get': (v) => v.push(v.globalType().type),
  'global.set': (v) => {
    const { type, mutable } = v.globalType();
    if (!mutable) v.fail('global is immutable');
    v.popExpecting(type);
  },
  'table.get': (v) => {
    const { element } = table(v, v.reader.a);
    v.popExpecting('i32');
    v.push(element);
  },
  'table.set': (v) => {
    v.popExpecting(table(v, v.reader.a).element);
    v.popExpecting('i32');
  },
  'table.grow': (v) => {
    const { element } = table(v, v.reader.a);
    v.popExpecting('i32');
    v.popExpecting(element);
    v.push('i32');
  },
  'table.fill': (v) => {
    const { element } = table(v, v.reader.a);
    v.popExpecting('i32');
    v.popExpecting(element);
    v.popExpecting('i32');
  },
  'ref.null': (v) => v.pushAll(v.reader.types),
  'ref.is_null': (v) => {
    const type = v.pop();
    if (type !== 'unknown' && !isReference(type)) {
      v.fail(`type mismatch: expected a reference, found ${type}`);
    }
    v.push('i32');
  },
  'ref.func': (v) => {
    calledFunction(v);
    v.requireDeclared(v.reader.a);
    v.push('funcref');
  },
} as const satisfies Record<ContextualOpName, Check>;

/** What instructions with a fixed signature need beside their operands. */
const preconditions: Readonly<Record<Exclude<IndexingOpName, ContextualOpName>, Check>> = {
  'memory.init': requireData,
  'data.drop': requireData,
  'elem.drop': requireElement,
  'table.size': (v) => {
    table(v, v.reader.a);
  },
  'table.copy': (v) => {
    const { a: destination, b: source } = v.reader;
    const into = table(v, destination).element;
    const from = table(v, source).element;
    if (into !== from) v.fail(`type mismatch: table.copy from ${from} to ${into}`);
  },
  'table.init': (v) => {
    const { element } = table(v, v.reader.b);
    requireElement(v);
    const type = v.module.elements[v.reader.a]?.type;
    if (type !== element) v.fail(`type mismatch: table.init from ${type ?? 'nothing'} to ${element}`);
  },
};

function checkAlignment(validator: ExpressionValidator, op: Opcode): void {
  if (op.access !== undefined && validator.reader.a > op.access.naturalAlignment) {
    validator.fail('alignment must not be larger than natural');
  }
}

function makeCheck(op: Opcode): Check {
  const { name, signature } = op;
  if (signature === undefined) return contextual[name];
  const usesMemory = touchesMemory(op);
  const precondition = (preconditions as Partial<Record<OpName, Check>>)[name];
  return (v) => {
    if (usesMemory) requireMemory(v);
    checkAlignment(v, op);
    precondition?.(v);
    v.apply(signature);
  };
}

/** The typing rule of every instruction, by `Opcode.id`. */
export const checks: readonly Check[] = opcodes.map(makeCheck);
