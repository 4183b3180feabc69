import { UnsupportedError } from '@fireball/contracts';
import type { ByteReader } from './reader.js';

/**
 * Names for what other WebAssembly proposals put into the binary format, so that a module that needs one is refused by
 * name instead of as garbage. Sources: the proposals' binary format sections; options of clang 18, Emscripten and Binaryen.
 */

/** A proposal's name, and how a module comes to do without it. */
interface Proposal {
  readonly name: string;
  readonly hint: string;
}

const proposals = {
  simd: { name: 'SIMD', hint: 'compile without it: -mno-simd128, Rust -C target-feature=-simd128' },
  relaxedSimd: { name: 'relaxed SIMD', hint: 'compile without it: -mno-relaxed-simd -mno-simd128' },
  threads: { name: 'threads', hint: 'compile without it: -mno-atomics, and no -pthread' },
  exceptions: { name: 'exception handling', hint: 'compile without it: -fno-exceptions, Rust -C panic=abort; setjmp needs it too' },
  references: { name: 'typed function references', hint: 'compile for WebAssembly 2.0, without reference types of a later one; wasm-opt --disable-gc' },
  gc: { name: 'garbage collection', hint: 'compile with memory management of its own, in linear memory; wasm-opt --disable-gc' },
  memory64: { name: 'memory64', hint: 'compile for wasm32: --target=wasm32, emcc without -sMEMORY64' },
  stackSwitching: { name: 'stack switching', hint: 'compile without it; wasm-opt --asyncify does without' },
  wideArithmetic: { name: 'wide arithmetic', hint: 'compile without it: -mno-wide-arithmetic' },
  memoryControl: { name: 'memory control', hint: 'compile without it' },
  components: {
    name: 'component model',
    hint: 'this is a component, not a core module: wasm-tools component unbundle takes modules out of it; or compile for wasm32-wasip1 instead of wasip2',
  },
} as const satisfies Record<string, Proposal>;

type ProposalName = keyof typeof proposals;

/** What an encoding is, and which proposal it belongs to. */
type Foreign = readonly [what: string, proposal: ProposalName];

const oneByteOpcodes: ReadonlyMap<number, Foreign> = new Map<number, Foreign>([
  [0x06, ['try', 'exceptions']],
  [0x07, ['catch', 'exceptions']],
  [0x08, ['throw', 'exceptions']],
  [0x09, ['rethrow', 'exceptions']],
  [0x0a, ['throw_ref', 'exceptions']],
  [0x14, ['call_ref', 'references']],
  [0x15, ['return_call_ref', 'references']],
  [0x18, ['delegate', 'exceptions']],
  [0x19, ['catch_all', 'exceptions']],
  [0x1f, ['try_table', 'exceptions']],
  [0xd3, ['ref.eq', 'gc']],
  [0xd4, ['ref.as_non_null', 'references']],
  [0xd5, ['br_on_null', 'references']],
  [0xd6, ['br_on_non_null', 'references']],
  [0xe0, ['cont.new', 'stackSwitching']],
  [0xe1, ['cont.bind', 'stackSwitching']],
  [0xe2, ['suspend', 'stackSwitching']],
  [0xe3, ['resume', 'stackSwitching']],
  [0xe4, ['resume_throw', 'stackSwitching']],
  [0xe5, ['resume_throw_ref', 'stackSwitching']],
  [0xe6, ['switch', 'stackSwitching']],
]);

/** Prefix bytes whose instructions all belong to proposals; behind them stands a LEB128 number. */
const prefixes = new Map<number, (subOpcode: number) => ProposalName>([
  [0xfb, () => 'gc'],
  [0xfd, (subOpcode) => (subOpcode >= 0x100 ? 'relaxedSimd' : 'simd')],
  [0xfe, () => 'threads'],
]);

const prefixFcOpcodes: ReadonlyMap<number, Foreign> = new Map<number, Foreign>([
  [0x12, ['memory.discard', 'memoryControl']],
  [0x13, ['i64.add128', 'wideArithmetic']],
  [0x14, ['i64.sub128', 'wideArithmetic']],
  [0x15, ['i64.mul_wide_s', 'wideArithmetic']],
  [0x16, ['i64.mul_wide_u', 'wideArithmetic']],
]);

const valueTypes: ReadonlyMap<number, Foreign> = new Map<number, Foreign>([
  [0x7b, ['v128', 'simd']],
  [0x78, ['i8', 'gc']],
  [0x77, ['i16', 'gc']],
  [0x75, ['nocont', 'stackSwitching']],
  [0x74, ['noexn', 'exceptions']],
  [0x73, ['nofunc', 'gc']],
  [0x72, ['noextern', 'gc']],
  [0x71, ['none', 'gc']],
  [0x6e, ['any', 'gc']],
  [0x6d, ['eq', 'gc']],
  [0x6c, ['i31', 'gc']],
  [0x6b, ['struct', 'gc']],
  [0x6a, ['array', 'gc']],
  [0x69, ['exn', 'exceptions']],
  [0x68, ['cont', 'stackSwitching']],
  [0x64, ['ref', 'references']],
  [0x63, ['ref null', 'references']],
]);

const typeForms: ReadonlyMap<number, Foreign> = new Map<number, Foreign>([
  [0x5f, ['struct types', 'gc']],
  [0x5e, ['array types', 'gc']],
  [0x5d, ['continuation types', 'stackSwitching']],
  [0x50, ['subtypes', 'gc']],
  [0x4f, ['final subtypes', 'gc']],
  [0x4e, ['recursive type groups', 'gc']],
]);

/** Refuses what a module has at `offset`: `WHAT (PROPOSAL)`, with what to do about it. */
export function refuseProposal({ section }: ByteReader, what: string, proposal: ProposalName, offset: number): never {
  const { name, hint } = proposals[proposal];
  throw new UnsupportedError(`${what} (${name})`, { offset, section, hint });
}

/** Refuses an instruction whose first byte, at `offset`, is a proposal's opcode or prefix; `reader` stands behind that byte. */
export function refuseOpcode(reader: ByteReader, byte: number, offset: number): void {
  const known = oneByteOpcodes.get(byte);
  if (known !== undefined) refuseProposal(reader, `instruction ${known[0]}`, known[1], offset);
  const proposalOf = prefixes.get(byte);
  if (proposalOf === undefined) return;
  const subOpcode = reader.u32();
  refuseProposal(reader, `instruction ${byte.toString(16)} ${subOpcode.toString(16).padStart(2, '0')}`, proposalOf(subOpcode), offset);
}

/** Refuses a sub-opcode of prefix 0xfc that belongs to a proposal. */
export function refusePrefixFc(reader: ByteReader, subOpcode: number, offset: number): void {
  const known = prefixFcOpcodes.get(subOpcode);
  if (known !== undefined) refuseProposal(reader, `instruction ${known[0]}`, known[1], offset);
}

/** Refuses a value, reference or heap type of a proposal. */
export function refuseValueType(reader: ByteReader, byte: number, offset: number): void {
  const known = valueTypes.get(byte);
  if (known !== undefined) refuseProposal(reader, `type ${known[0]}`, known[1], offset);
}

/** Refuses a form of the type section that is a proposal's. */
export function refuseTypeForm(reader: ByteReader, form: number, offset: number): void {
  const known = typeForms.get(form);
  if (known !== undefined) refuseProposal(reader, known[0], known[1], offset);
}
