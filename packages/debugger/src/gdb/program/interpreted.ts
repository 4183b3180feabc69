import type { Address, CodeView, DebugFunction, InterpreterLayout, ValueLocation } from '@fireball/contracts';
import {
  attributes,
  Expression,
  segmentFlags,
  tags,
  type CodeRange,
  type DebugEntry,
  type ElfWriterSegment,
  type FrameCode,
  type FrameConvention,
  type LineRow,
  type LineSequence,
} from '@fireball/image';
import { Activations } from '../interpreted/activations.js';
import type { ShownCode } from '../interpreted/shown-code.js';
import type { ProgramLines } from './program-lines.js';
import { operandBlocks, type OperandPlace, type OperandPoint, type VariableWriter } from './variables.js';

/** What of interpreted functions goes into the file of a program. */
export interface InterpretedProgram {
  readonly segment: ElfWriterSegment;
  readonly ranges: readonly CodeRange[];
  readonly frames: readonly FrameCode[];
  readonly entries: (writer: VariableWriter) => readonly DebugEntry[];
  readonly sequences: readonly LineSequence[];
  /** Names and places of functions. */
  readonly symbols: readonly { readonly name: string; readonly begin: Address; readonly end: Address }[];
}

/** What the writer of the program's other parts has. */
interface Surroundings {
  readonly stackPointer: number;
  readonly convention: FrameConvention;
  readonly lines: ProgramLines;
  /** Attributes of a function, from its name to its type. */
  readonly headOf: (code: DebugFunction, writer: VariableWriter) => DebugEntry['attributes'];
}

/** Describes all interpreted functions where they are shown to gdb. */
export function describeInterpreted(view: CodeView, shown: ShownCode, surroundings: Surroundings): InterpretedProgram {
  const { layout } = view.interpreter!;
  const registers = { stackPointer: surroundings.stackPointer, link: view.link };
  const functions = view.functions.filter(({ interpreted }) => interpreted).sort((a, b) => a.begin - b.begin);
  const described = functions.map((code) => ({ code, activations: new Activations(code, layout, shown, registers), begin: shown.headOf(code) }));
  const { base, size } = shown;
  return {
    segment: {
      name: '.text.interpreted',
      flags: segmentFlags.read | segmentFlags.execute,
      virtualAddress: base,
      physicalAddress: base,
      data: new Uint8Array(size),
    },
    ranges: described.map(({ begin, activations: { end } }) => ({ begin, end })),
    frames: described.map(({ activations }) => activations.frames(surroundings.convention)),
    entries: (writer) =>
      described.map(({ code, activations, begin }) => ({
        tag: tags.subprogram,
        attributes: [
          ...surroundings.headOf(code, writer),
          [attributes.lowPc, { address: begin }],
          [attributes.highPc, { number: activations.end - begin }],
          [attributes.frameBase, { offset: writer.lists.add(activations.bases()) }],
        ],
        children: [...localsOf(code, writer), ...operandBlocks(operandPoints(code, layout, shown), writer)],
      })),
    sequences: described.map(({ code, activations: { end }, begin }) => linesOf(code, { begin, end }, shown, surroundings)),
    symbols: described.map(({ code: { name }, activations: { end }, begin }) => ({ name, begin, end })),
  };
}

/** In their slots all the time. */
function localsOf(code: DebugFunction, { typeOf }: VariableWriter): DebugEntry[] {
  return code.locations.locals.map((location, local) => ({
    tag: local < code.parameterCount ? tags.formalParameter : tags.variable,
    attributes: [
      [attributes.name, { text: `local${local}` }],
      [attributes.type, { entry: typeOf(code.localType(local)) }],
      [attributes.location, { expression: new Expression().frameSlot(offsetOf(location)).finish() }],
    ],
  }));
}

function offsetOf(location: ValueLocation | undefined): number {
  const [low] = location ?? [];
  return low?.kind === 'slot' ? low.offset : 0;
}

/** In front of an instruction all of its operands; in a call those that it has not taken. */
function operandPoints(code: DebugFunction, layout: InterpreterLayout, shown: ShownCode): OperandPoint[] {
  const calls = new Map(layout.callsOf(code).map((call) => [call.begin, call]));
  return code.locations.boundaries.flatMap(({ codeOffset, operands }): OperandPoint[] => {
    const address = code.begin + codeOffset;
    const begin = shown.of(address);
    const call = calls.get(address);
    const points = [{ begin, end: begin + 1, operands: operands.map((location, index) => placeOf(location, operands.length - 1 - index, layout, shown)) }];
    if (call === undefined) return points;
    const end = shown.of(call.end);
    return [
      ...points,
      { begin: end - 2, end, operands: operands.slice(0, call.kept).map((location) => ({ type: typeOf(location), expression: inSlots(location) })) },
    ];
  });
}

const typeOf = (location: ValueLocation): string => (location.length > 1 ? 'i64' : 'i32');
const inSlots = (location: ValueLocation): Uint8Array => new Expression().frameSlot(offsetOf(location)).finish();

/** @param fromTop operands above it: the uppermost may be in registers, and how many are, only memory tells */
function placeOf(location: ValueLocation, fromTop: number, { top: [first, second] }: InterpreterLayout, shown: ShownCode): OperandPlace {
  const type = typeOf(location);
  if (fromTop > 1) return { type, expression: inSlots(location) };
  const offset = offsetOf(location);
  const slot = (at: number): Expression => new Expression().frameSlot(at).operation('dereference');
  const whenCached = (count: number, yes: Expression, no: Expression): Expression =>
    new Expression().address(shown.cachedAt).operation('dereference').constant(count).operation('equal').choose(yes, no);
  const register = (number: number): Expression => new Expression().contents(number);
  const one = fromTop === 0 ? whenCached(2, register(second), whenCached(1, register(first), slot(offset))) : whenCached(2, register(first), slot(offset));
  if (location.length === 1) return { type, expression: one.value().finish() };
  if (fromTop === 1) return { type, expression: inSlots(location) };
  const low = whenCached(1, register(first), slot(offset)).value().piece(4).finish();
  const high = whenCached(1, register(second), slot(offset + 4))
    .value()
    .piece(4)
    .finish();
  return { type, expression: Uint8Array.from([...low, ...high]) };
}

/** A line for the function, which ends where its first instruction begins, or that of another line. */
function linesOf(code: DebugFunction, { begin, end }: CodeRange, shown: ShownCode, { lines }: Surroundings): LineSequence {
  const rows: LineRow[] = [{ address: begin, ...lines.ofFunction(code), isStatement: true }];
  const first = code.wasm[0]?.offset ?? 0;
  for (const { offset } of code.wasm) {
    const place = lines.at(offset);
    const last = rows.at(-1)!;
    if (place !== undefined && (place.line !== last.line || place.file !== last.file))
      rows.push({ address: shown.of(code.begin + offset - first), ...place, isStatement: true });
  }
  return { rows, end };
}
