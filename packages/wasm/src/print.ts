import type { InstructionReader } from './binary/instruction.js';
import type { ImmediateKind } from './opcodes.js';

const scratch = new DataView(new ArrayBuffer(8));

/** Decimal where that names the bits exactly; NaNs by their payload, as in the text format. */
function formatFloat(value: number, negative: boolean, payload: bigint, canonical: bigint): string {
  const sign = negative ? '-' : '';
  if (Number.isNaN(value)) {
    return `${sign}nan${payload === canonical ? '' : `:0x${payload.toString(16)}`}`;
  }
  if (!Number.isFinite(value)) return `${sign}inf`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Text of an f32 by its raw bits (unsigned 32 bits). */
export function formatF32(bits: number): string {
  scratch.setUint32(0, bits);
  const value = scratch.getFloat32(0);
  return formatFloat(value, bits >= 0x8000_0000, BigInt(bits & 0x7f_ffff), 0x40_0000n);
}

/** Text of an f64 by its raw bits (unsigned 64 bits). */
export function formatF64(bits: bigint): string {
  scratch.setBigUint64(0, bits);
  const value = scratch.getFloat64(0);
  return formatFloat(value, bits >> 63n === 1n, bits & 0xf_ffff_ffff_ffffn, 0x8_0000_0000_0000n);
}

const index = (reader: InstructionReader): string => ` ${reader.a}`;
const nothing = (): string => '';

const formatImmediates = {
  none: nothing,
  memory: nothing,
  memory_memory: nothing,
  block: ({ blockType }) => {
    if (blockType === 'empty') return '';
    return typeof blockType === 'number' ? ` (type ${blockType})` : ` (result ${blockType})`;
  },
  label: index,
  br_table: ({ targets }) => ` ${targets.join(' ')}`,
  func: index,
  local: index,
  global: index,
  table: index,
  data: index,
  elem: index,
  data_memory: index,
  type_table: ({ a, b }) => `${b === 0 ? '' : ` ${b}`} (type ${a})`,
  memarg: ({ a, b, op }) => {
    const offset = b === 0 ? '' : ` offset=${b}`;
    return a === op.access?.naturalAlignment ? offset : `${offset} align=${2 ** a}`;
  },
  i32: index,
  i64: ({ i64 }) => ` ${i64}`,
  f32: ({ a }) => ` ${formatF32(a)}`,
  f64: ({ i64 }) => ` ${formatF64(i64)}`,
  select_types: ({ types }) => ` (result ${types.join(' ')})`,
  ref_type: ({ types }) => ` ${types[0] === 'externref' ? 'extern' : 'func'}`,
  elem_table: ({ a, b }) => `${b === 0 ? '' : ` ${b}`} ${a}`,
  table_table: ({ a, b }) => (a === 0 && b === 0 ? '' : ` ${a} ${b}`),
} as const satisfies Record<ImmediateKind, (reader: InstructionReader) => string>;

/** Text format of the instruction that `reader` has just read, e.g. `i32.load offset=4`. */
export function formatInstruction(reader: InstructionReader): string {
  const { name, immediates } = reader.op;
  return `${name === 'select_t' ? 'select' : name}${formatImmediates[immediates](reader)}`;
}
