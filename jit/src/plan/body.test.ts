import { describe, expect, it } from '@jest/globals';
import { NoRoomError } from '@fireball/contracts';
import { InstructionReader, opcodes, type ImmediateKind } from '@fireball/wasm';
import { takeCore, type Core } from '../instance/core.js';
import { portableCore } from '../testing/portable-core.js';
import { readBody, type Instruction } from '../testing/read-body.js';

type Random = (below: number) => number;

function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A number in LEB128, at times longer than it need be, of as many bits as it has and these. */
function number(value: bigint, bits: number, random: Random): number[] {
  const most = Math.ceil(bits / 7);
  const written: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    written.push(Number(rest & 0x7fn) | 0x80);
    const isRest = rest >> 6n === (value < 0n ? -1n : 0n);
    if (written.length === most || (isRest && random(8) > 0)) break;
  }
  written.push(written.pop()! & 0x7f);
  return written;
}

const unsigned = (random: Random): number[] => number(BigInt(random(3) === 0 ? random(2 ** 32) : random(300)), 32, random);
const signed = (bits: 32 | 64, random: Random): number[] => {
  const value = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  return number(BigInt.asIntN(bits, value) >> BigInt(random(bits)), bits, random);
};
const bytes = (count: number, random: Random): number[] => Array.from({ length: count }, () => random(256));

const immediates: Readonly<Record<ImmediateKind, (random: Random) => number[]>> = {
  none: () => [],
  block: (random) => [[0x40], [0x7f], [0x7c], [0x70], [random(64)], [0x80 | random(128), random(64)]][random(6)]!,
  label: unsigned,
  br_table: (random) => {
    const count = random(4) === 0 ? random(200) : random(4);
    return [...number(BigInt(count), 32, random), ...Array.from({ length: count + 1 }, () => unsigned(random)).flat()];
  },
  func: unsigned,
  type_table: (random) => [...unsigned(random), ...unsigned(random)],
  local: unsigned,
  global: unsigned,
  table: unsigned,
  memarg: (random) => [random(4), ...unsigned(random)],
  memory: () => [0],
  i32: (random) => signed(32, random),
  i64: (random) => signed(64, random),
  f32: (random) => bytes(4, random),
  f64: (random) => bytes(8, random),
  select_types: (random) => [1, [0x7f, 0x7e, 0x70][random(3)]!],
  ref_type: (random) => [0x6f + random(2)],
  data: unsigned,
  elem: unsigned,
  data_memory: (random) => [...unsigned(random), 0],
  memory_memory: () => [0, 0],
  elem_table: (random) => [...unsigned(random), ...unsigned(random)],
  table_table: (random) => [...unsigned(random), ...unsigned(random)],
};

const openers = ['block', 'loop', 'if'];

/** Instructions of all kinds, whose operands nobody has counted, in blocks that are closed. */
function randomBody(random: Random): Uint8Array {
  const body: number[] = [];
  const open: string[] = [];
  const close = (): void => {
    if (open.pop() === 'if' && random(2) === 0) body.push(0x05);
    body.push(0x0b);
  };
  for (let left = random(100); left > 0; left--) {
    const { name, code, immediates: kind } = opcodes[random(3) === 0 ? random(12) : random(opcodes.length)]!;
    if (name === 'end' && open.length > 0) close();
    if (name === 'end' || name === 'else') continue;
    if (openers.includes(name)) open.push(name);
    body.push(...(code < 0x100 ? [code] : [0xfc, ...number(BigInt(code & 0xff), 32, random)]), ...immediates[kind](random));
  }
  while (open.length > 0) close();
  body.push(0x0b);
  return Uint8Array.from(body);
}

/** The same by the reader that everybody else reads instructions with. */
function byReader(body: Uint8Array, start: number): Instruction[] {
  const reader = new InstructionReader(body, start);
  const read: Instruction[] = [];
  while (reader.offset < body.length) {
    reader.read();
    const { op, i64, blockType, targets } = reader;
    const kind = op.immediates;
    const isLong = kind === 'i64' || kind === 'f64';
    read.push({
      op: op.name,
      offset: reader.start,
      a: isLong ? Number(BigInt.asIntN(32, i64)) : reader.a,
      b: isLong ? Number(BigInt.asIntN(32, i64 >> 32n)) : reader.b,
      blockType: kind === 'block' ? blockType : 'empty',
      targets: kind === 'br_table' ? targets : [],
    });
  }
  return read;
}

// Of accesses the alignment says nothing.
const withA: readonly ImmediateKind[] = ['label', 'func', 'local', 'global', 'table', 'i32', 'f32', 'i64', 'f64', 'data', 'elem', 'data_memory'];
const withBoth: readonly ImmediateKind[] = ['type_table', 'memarg', 'i64', 'f64', 'elem_table', 'table_table'];

/** Only what says something: the reader leaves what it had. */
function meaning({ op, a, b, ...rest }: Instruction): object {
  const kind = opcodes.find(({ name }) => name === op)!.immediates;
  // Indices are as far as they can be: nothing has 2^31 of anything.
  const asWord = (value: number): number => (kind === 'memarg' || kind === 'f32' ? value : value | 0);
  return {
    op,
    a: withA.includes(kind) || (withBoth.includes(kind) && kind !== 'memarg') ? asWord(a) : 0,
    b: withBoth.includes(kind) ? asWord(b) : 0,
    ...rest,
    targets: rest.targets.map((target) => target | 0),
  };
}

describe('bodies in the core', () => {
  it('are read as by the reader of instructions, the same by both forms', () => {
    const random = randomOf(7);
    const cores = [takeCore(), portableCore];
    // As the other one was when it was taken.
    portableCore.reset();
    for (let round = 0; round < 400; round++) {
      const body = randomBody(random);
      const start = random(Math.min(body.length, 2)) === 0 ? 0 : body.length - 1;
      const source = { bytes: body, start, end: body.length, index: 0 };
      const expected = byReader(body, start).map(meaning);
      const memories = cores.map((core) => {
        core.reset();
        expect(readBody(source, core).map(meaning)).toEqual(expected);
        return Buffer.from(new Uint8Array(core.memory.buffer));
      });
      expect(memories[0]!.equals(memories[1]!)).toBe(true);
    }
  });

  it('that the core has no room for are refused by name', () => {
    const source = { bytes: Uint8Array.of(0x0b), start: 0, end: 1, index: 41 };
    const core = takeCore();
    const full: Core[] = [
      { ...core, memory: core.memory, allocate: () => 0 },
      { ...core, memory: core.memory, readBody: () => false },
    ];
    for (const each of full) expect(() => readBody(source, each)).toThrow(new NoRoomError('function 41, whose compilation needs more than 2 GiB'));
  });
});
