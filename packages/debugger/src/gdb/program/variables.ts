import type { Boundary, DebugFunction, ValueLocation, WordLocation, WordPlace } from '@fireball/contracts';
import { attributes, Expression, tags, type CodeRange, type DebugEntry, type LocationLists, type RangedExpression, type RangeLists } from '@fireball/image';
import type { CodePoint, Lost } from './code-points.js';

/** Where locals and operands of one architecture are in DWARF's terms. */
export interface VariableWriter {
  readonly lists: LocationLists;
  readonly ranges: RangeLists;
  /** DWARF number of a floating-point register. */
  readonly floatNumber: (register: number) => number;
  readonly typeOf: (name: string) => DebugEntry;
}

/** Deepest operand that gets a name. */
const mostOperands = 64;

/** Locals as parameters and variables, operands in blocks of the code where there are so many. */
export function variablesOf(code: DebugFunction, points: readonly CodePoint[], writer: VariableWriter): DebugEntry[] {
  const locals = Array.from({ length: code.localCount }, (_, local): DebugEntry => {
    const location = code.locations.locals[local];
    const written = location?.some(({ kind }) => kind === 'slot') === true ? writersOf(code, local) : undefined;
    const list = rangesOf(points, (point) => {
      const { boundary, lost } = point;
      if (location === undefined || boundary?.isLive(local) !== true) return undefined;
      // In memory, it is written somewhere in the code of local.set.
      if (!point.exact && written?.has(boundary) === true) return undefined;
      return expressionOf(location, lost, code.locations.frameBytes, writer);
    });
    return {
      tag: local < code.parameterCount ? tags.formalParameter : tags.variable,
      attributes: [[attributes.name, { text: `local${local}` }], [attributes.type, { entry: writer.typeOf(code.localType(local)) }], ...placeOf(list, writer)],
    };
  });
  return [...locals, ...operandsOf(code, points, writer)];
}

/** Boundaries in whose code a local is written. */
function writersOf(code: DebugFunction, local: number): ReadonlySet<Boundary> {
  const writes = code.wasm.filter(({ text }) => text === `local.set ${local}` || text === `local.tee ${local}`).map(({ offset }) => offset);
  const { boundaries } = code.locations;
  return new Set(
    boundaries.filter((boundary, index) => {
      let next = index + 1;
      while (next < boundaries.length && boundaries[next]!.codeOffset === boundary.codeOffset) next++;
      const end = boundaries[next]?.wasmOffset ?? Infinity;
      return writes.some((offset) => offset >= boundary.wasmOffset && offset < end);
    }),
  );
}

function placeOf(list: readonly RangedExpression[], { lists }: VariableWriter): DebugEntry['attributes'] {
  // Without a place it is `<optimized out>`.
  return list.length === 0 ? [] : [[attributes.location, { offset: lists.add(list) }]];
}

/** Neighbours with the same place become one. */
function rangesOf(points: readonly CodePoint[], placeAt: (point: CodePoint) => Uint8Array | undefined): RangedExpression[] {
  const list: RangedExpression[] = [];
  for (const point of points) {
    const expression = placeAt(point);
    if (expression === undefined) continue;
    const last = list.at(-1);
    if (last?.end === point.begin && Buffer.compare(last.expression, expression) === 0) list[list.length - 1] = { ...last, end: point.end };
    else list.push({ begin: point.begin, end: point.end, expression });
  }
  return list;
}

/** Where an operand of a depth and a type is on the stack, and what lies above it there. */
interface OperandNode {
  readonly ranges: CodeRange[];
  readonly places: RangedExpression[];
  readonly above: Map<string, OperandNode>;
}

/** One operand at a moment; without an expression, nothing holds it. */
export interface OperandPlace {
  readonly type: string;
  readonly expression: Uint8Array | undefined;
}

/** Addresses at which the same operands are there, deepest first. */
export interface OperandPoint extends CodeRange {
  readonly operands: readonly OperandPlace[];
}

function operandsOf(code: DebugFunction, points: readonly CodePoint[], writer: VariableWriter): DebugEntry[] {
  const placed = points.map(({ begin, end, boundary, lost }): OperandPoint => ({
    begin,
    end,
    operands: (boundary?.operands ?? []).map((location) => ({
      type: typeOfOperand(location),
      expression: expressionOf(location, lost, code.locations.frameBytes, writer),
    })),
  }));
  return operandBlocks(placed, writer);
}

/** Operands in blocks of the code where there are so many, of the same types; `points` by ascending address. */
export function operandBlocks(points: readonly OperandPoint[], writer: VariableWriter): DebugEntry[] {
  const roots = new Map<string, OperandNode>();
  for (const { begin, end, operands } of points) {
    let level = roots;
    for (const { type, expression } of operands.slice(0, mostOperands)) {
      let node = level.get(type);
      if (node === undefined) level.set(type, (node = { ranges: [], places: [], above: new Map() }));
      const last = node.ranges.at(-1);
      if (last?.end === begin) node.ranges[node.ranges.length - 1] = { begin: last.begin, end };
      else node.ranges.push({ begin, end });
      if (expression !== undefined) node.places.push({ begin, end, expression });
      level = node.above;
    }
  }
  const blocks = (level: ReadonlyMap<string, OperandNode>, depth: number): DebugEntry[] =>
    [...level].map(([type, { ranges, places, above }]) => ({
      tag: tags.lexicalBlock,
      attributes: [[attributes.ranges, { offset: writer.ranges.add(ranges) }]],
      children: [
        {
          tag: tags.variable,
          attributes: [[attributes.name, { text: `stack${depth}` }], [attributes.type, { entry: writer.typeOf(type) }], ...placeOf(places, writer)],
        },
        ...blocks(above, depth + 1),
      ],
    }));
  return blocks(roots, 0);
}

/** Code does not say more of operands than how many words they have, and whether these are floating-point registers. */
function typeOfOperand(location: ValueLocation): string {
  const isFloat = location.every(({ kind }) => kind === 'float');
  return location.length > 1 ? (isFloat ? 'f64' : 'i64') : isFloat ? 'f32' : 'i32';
}

/** Undefined where a word of the value is nowhere. */
function expressionOf(location: ValueLocation, lost: Lost, frameBytes: number, { floatNumber }: VariableWriter): Uint8Array | undefined {
  const slot = (offset: number): number => offset - frameBytes;
  const isLost = (place: WordPlace): boolean => (place.kind === 'register' ? ((lost.registers >> place.register) & 1) !== 0 : lost.slots.has(place.offset));
  const expression = new Expression();
  const [low, high] = location;
  if (low?.kind === 'float' && (high === undefined || (high.kind === 'float' && high.register === low.register))) {
    return ((lost.floats >> low.register) & 1) !== 0 || low.half !== 'low' ? undefined : expression.register(floatNumber(low.register)).finish();
  }
  const push = (place: WordPlace): void => {
    if (place.kind === 'register') expression.contents(place.register);
    else expression.frameSlot(slot(place.offset)).operation('dereference');
  };
  const write = (word: WordLocation): boolean => {
    switch (word.kind) {
      case 'register':
        expression.register(word.register);
        return !isLost(word);
      case 'slot':
        expression.frameSlot(slot(word.offset));
        return !isLost(word);
      case 'constant':
        expression.constant(word.value).value();
        return true;
      case 'float':
        expression.register(floatNumber(word.register));
        return ((lost.floats >> word.register) & 1) === 0 && word.half === 'low';
      case 'unknown':
        return false;
      case 'sum':
        push(word.of);
        expression.plusConstant(word.constant).value();
        return !isLost(word.of);
      case 'product':
        push(word.a);
        push(word.b);
        expression.operation('multiply').value();
        return !isLost(word.a) && !isLost(word.b);
      case 'shift':
        push(word.of);
        if (word.shift === 'rotr') {
          expression.shift('shr', word.amount);
          push(word.of);
          expression.shift('shl', 32 - word.amount).operation('or');
        } else expression.shift(({ shl: 'shl', shr_s: 'shra', shr_u: 'shr' } as const)[word.shift], word.amount);
        if (word.constant !== 0) expression.plusConstant(word.constant);
        expression.value();
        return !isLost(word.of);
    }
  };
  for (const word of location) {
    if (!write(word)) return undefined;
    if (location.length > 1) expression.piece(4);
  }
  return expression.finish();
}
