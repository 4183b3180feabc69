/** Every load and store that the JIT compiles: widths, offsets, addresses and address forms, at every edge of the memory. */
import { opcodes, type Opcode } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { moduleOfText, targets, whereSupported, withNative } from './testing/native.js';

const outOfBounds = 'out of bounds memory access';
const offsets = [0, 1, 4, 124, 4095, 4096, 65532, 0x8000_0000, 0xffff_fffc, 0xffff_ffff];

/** Loads and stores of integers. */
const accesses = opcodes.filter(({ name, access }) => access !== undefined && name.startsWith('i'));

interface AddressForm {
  readonly name: string;
  readonly text: string;
  readonly address: (a: number) => number;
}

const forms: readonly AddressForm[] = [
  { name: 'local', text: '(local.get 0)', address: (a) => a },
  { name: 'local + 8', text: '(i32.add (local.get 0) (i32.const 8))', address: (a) => a + 8 },
  { name: 'local - 4', text: '(i32.sub (local.get 0) (i32.const 4))', address: (a) => a - 4 },
  { name: 'local + 70000', text: '(i32.add (local.get 0) (i32.const 70000))', address: (a) => a + 70000 },
  { name: 'computed', text: '(i32.xor (local.get 0) (local.get 1))', address: (a) => a },
  { name: 'computed + 8', text: '(i32.add (i32.xor (local.get 0) (local.get 1)) (i32.const 8))', address: (a) => a + 8 },
  { name: 'at most 255', text: '(i32.and (local.get 0) (i32.const 255))', address: (a) => a & 255 },
  { name: 'at most 1020, scaled', text: '(i32.shl (i32.and (local.get 0) (i32.const 255)) (i32.const 2))', address: (a) => (a & 255) * 4 },
  { name: 'scaled', text: '(i32.shl (local.get 0) (i32.const 2))', address: (a) => a << 2 },
  { name: 'product', text: '(i32.mul (local.get 0) (i32.const 3))', address: (a) => Math.imul(a, 3) },
];

interface Kind {
  readonly name: string;
  readonly pages: number;
  /** Other fields of the module; with memory.grow among them no limit is a constant. */
  readonly fields: string;
}

const grows = '(func (result i32) (memory.grow (i32.const 1)))';

const kinds: readonly Kind[] = [
  { name: 'one page, fixed', pages: 1, fields: '' },
  { name: 'one page, growing', pages: 1, fields: grows },
  { name: 'no page, fixed', pages: 0, fields: '' },
  { name: 'no page, growing', pages: 0, fields: grows },
  { name: 'three pages, growing', pages: 3, fields: grows },
];

const pageBytes = 65536;
const stored = 0x8182_8384_8586_8788n;

function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 167 + (index >> 8)) & 0xff);
}

/** The value that the load gives, as its type's signed number. */
function loaded({ name, access }: Opcode, memory: Uint8Array, at: number): bigint {
  let value = 0n;
  const width = access?.width ?? 0;
  for (let index = width - 1; index >= 0; index--) value = (value << 8n) | BigInt(memory[at + index] ?? 0);
  const signed = name.endsWith('_u') ? value : BigInt.asIntN(8 * width, value);
  return BigInt.asIntN(name.startsWith('i64') ? 64 : 32, signed);
}

function typeOf({ name }: Opcode): string {
  return name.slice(0, 3);
}

function functionText(op: Opcode, name: string, offset: number, address: string): string {
  const body =
    op.access?.kind === 'load'
      ? `(${op.name} offset=${offset} ${address})`
      : `(${op.name} offset=${offset} ${address} (${typeOf(op)}.const ${BigInt.asIntN(Number(typeOf(op).slice(1)), stored)}))`;
  return `(func (export "${name}") (param i32 i32) ${op.access?.kind === 'load' ? `(result ${typeOf(op)})` : ''} ${body})`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Addresses around every edge that matters for this width and offset. */
function addressesFor(width: number, offset: number, size: number): number[] {
  const last = size - offset - width;
  return [
    0,
    1,
    2,
    3,
    255,
    4096,
    last - 8,
    last - 4,
    last - 1,
    last,
    last + 1,
    last + 4,
    size - width,
    size - width + 1,
    size,
    size + 4,
    0x7fff_ffff,
    -0x8000_0000,
    -offset,
    -offset - width,
    -1,
    -4,
    -8,
    -9,
    -70000,
  ].map((address) => address | 0);
}

interface Access {
  readonly name: string;
  readonly offset: number;
  readonly form: AddressForm;
  /** Values of local 0 to call with. */
  readonly locals: readonly number[];
}

/** Values of local 0 by which the form's address comes to, or near, each of these. */
function localsFor(form: AddressForm, addresses: readonly number[]): number[] {
  const scale = Math.max(1, form.address(1) - form.address(0));
  return [...new Set(addresses.map((address) => Math.floor((address - form.address(0)) / scale) | 0))];
}

function accessesOf(op: Opcode, size: number): Access[] {
  const width = op.access?.width ?? 0;
  return offsets.flatMap((offset) => {
    const addresses = addressesFor(width, offset, size);
    const last = size - offset - width;
    const edges = [0, 1, last - 1, last, last + 1, size - width, size, -1, -4, -8].map((address) => address | 0);
    const byForm = forms.map((form, index) => ({
      name: `${form.name}, offset ${offset}`,
      offset,
      form,
      locals: index === 0 ? addresses : localsFor(form, edges),
    }));
    const constants = [...new Set(addresses)].map((address) => {
      const form = { name: `constant ${address}`, text: `(i32.const ${address})`, address: () => address };
      return { name: `${form.name}, offset ${offset}`, offset, form, locals: [0] };
    });
    return [...byForm, ...constants];
  });
}

describe.each(targets)('memory accesses on %s', (isa) => {
  describe.each(kinds)('$name', ({ pages, fields }) => {
    it.each(accesses)('$name', (op) => {
      const size = pages * pageBytes;
      const list = accessesOf(op, size);
      const text = list.map(({ offset, form }, index) => functionText(op, String(index), offset, form.text)).join('\n');
      const wrong: string[] = [];
      whereSupported(op.name, () => {
        withNative(isa, moduleOfText(`(module (memory ${pages}) ${fields} ${text})`), (instance) => {
          const memory = instance.memory(0);
          const initial = pattern(size);
          memory.set(initial);
          const width = op.access?.width ?? 0;
          list.forEach(({ name, offset, form, locals }, index) => {
            for (const local of locals) {
              const at = (form.address(local) >>> 0) + offset;
              const traps = at + width > size;
              const { trap, results } = instance.invoke(
                String(index),
                [local, 0].map((value) => ({ type: 'i32', value })),
              );
              const complain = (what: string): number => wrong.push(`${name}, local 0 = ${local}: ${what}`);
              if ((trap?.kind ?? null) !== (traps ? outOfBounds : null)) complain(trap?.kind ?? 'no trap');
              else if (op.access?.kind === 'load') {
                if (!traps && BigInt(String(results[0]?.value)) !== loaded(op, initial, at)) complain(`loads ${String(results[0]?.value)}`);
              } else {
                const wanted = initial.slice();
                for (let byte = 0; byte < width && !traps; byte++) wanted[at + byte] = Number((stored >> BigInt(8 * byte)) & 0xffn);
                if (!same(memory, wanted)) complain('memory differs');
              }
              if (op.access?.kind === 'store') memory.set(initial);
            }
          });
        });
      });
      expect(wrong.slice(0, 10)).toEqual([]);
    });
  });
});
