/** Loads and stores of guest memory, for both instruction sets. */
import { operationOf } from '@fireball/wasm';
import { pick } from '../instances.js';
import type { Execution } from '../model.js';
import { dataBase, dataSize } from '../state.js';

const extend8 = operationOf('i32.extend8_s');
const extend16 = operationOf('i32.extend16_s');

type Access = (x: Execution, address: number, operand: string) => void;

const loading =
  (bytes: 1 | 2 | 4, extend: (value: number) => number): Access =>
  (x, address, operand) =>
    x.write(operand, extend(x.state.load(address, bytes)));
const storing =
  (bytes: 1 | 2 | 4): Access =>
  (x, address, operand) =>
    x.state.store(address, bytes, x.read(operand));

const signed8 = (value: number): number => Number(extend8(value));
const signed16 = (value: number): number => Number(extend16(value));
const word = loading(4, (value) => value | 0);
const unsigned = (value: number): number => value;

const accesses: Readonly<Record<string, Access>> = {
  ldr: word,
  ldrb: loading(1, unsigned),
  ldrh: loading(2, unsigned),
  ldrsb: loading(1, signed8),
  ldrsh: loading(2, signed16),
  str: storing(4),
  strb: storing(1),
  strh: storing(2),
  lw: word,
  lbu: loading(1, unsigned),
  lhu: loading(2, unsigned),
  lb: loading(1, signed8),
  lh: loading(2, signed16),
  sw: storing(4),
  sb: storing(1),
  sh: storing(2),
};

/** Performs the access of that name at `address`, to or from the register operand. */
export function access(x: Execution, op: string, address: number, operand: string): void {
  const found = accesses[op];
  if (found === undefined) throw new RangeError(`no model of ${op}`);
  found(x, address, operand);
}

/** An address in the data, a multiple of `align`, with a few bytes to spare; both ends come up often. */
export function dataAddress(random: () => number, align = 1): number {
  const last = dataSize - 16;
  const offset = pick([0, last, random() % last, random() % last], random);
  return dataBase + offset - (offset % align);
}
