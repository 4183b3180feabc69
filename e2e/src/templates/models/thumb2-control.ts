/** jit/templates/thumb2/{control,runtime}.S */
import { patch } from '@fireball/jit';
import { pick } from '../instances.js';
import type { Execution, ModelTable, TemplateModel } from '../model.js';
import { codeBase, codeSize, dataBase, lr, sp } from '../state.js';
import { dataAddress } from './access.js';
import { add, adding, dataProcessing, holds, sub, subtracting } from './arm-flags.js';

const r12 = 12;
/** Code addresses outside every instance, with the Thumb bit. */
const targets = [codeBase, codeBase + 2, codeBase + codeSize - 2, codeBase + 0x3000].map((address) => address | 1);
const withoutThumbBit = (value: number): number => value & ~1;

const branchIf = (cond: string): TemplateModel => ({
  run: (x) => {
    if (holds(x.choice(cond), x.flags)) x.branch('target');
  },
});
const branchUnless = (cond: string): TemplateModel => ({
  run: (x) => {
    if (!holds(x.choice(cond), x.flags)) x.branch('target');
  },
});

/** cmp rn, #0 in front of a branch. */
const compareZero = ({ run }: TemplateModel): TemplateModel => ({
  run: (x) => {
    x.flags = dataProcessing('cmp', x.read('rn'), 0, 0, x.flags).flags;
    run(x);
  },
});

const setLink = (x: Execution): void => x.state.setRegister(lr, (x.address + x.template.size) | 1);

const numbersIn = (mask: number): number[] => Array.from({ length: 16 }, (_, n) => n).filter((n) => (mask >> n) & 1);

/** Registers go to ascending addresses below the old sp. */
const push: TemplateModel = {
  run: (x) => {
    const numbers = numbersIn(x.operand('registers'));
    const bottom = x.state.register(sp) - 4 * numbers.length;
    numbers.forEach((number, index) => x.state.store(bottom + 4 * index, 4, x.state.register(number)));
    x.state.setRegister(sp, bottom);
  },
};

const pop: TemplateModel = {
  prepare: (x, random) => {
    const numbers = numbersIn(x.operand('registers'));
    const top = x.state.register(sp);
    numbers.forEach((number, index) => x.state.store(top + 4 * index, 4, number === 15 ? pick(targets, random) : random()));
  },
  run: (x) => {
    const numbers = numbersIn(x.operand('registers'));
    const top = x.state.register(sp);
    numbers.forEach((number, index) => {
      const value = x.state.load(top + 4 * index, 4);
      if (number === 15) x.jump(withoutThumbBit(value));
      else x.state.setRegister(number, value | 0);
    });
    x.state.setRegister(sp, top + 4 * numbers.length);
  },
};

const adjustStack: TemplateModel = {
  run: (x) => x.state.setRegister(sp, (x.choice('op').startsWith('add') ? add : sub)(x.state.register(sp), x.operand('bytes'))),
};

/** Half-words, each half the distance from the table's start. */
const tableEntries = [8, 4, 0x1234, 0xffff];

export const thumb2Control = {
  b_n: { run: (x) => x.branch('target') },
  b_w: { run: (x) => x.branch('target') },
  bcond_n: branchIf('cond'),
  bcond_w: branchIf('cond'),
  bcond_far: branchUnless('inverse'),
  cbz: {
    run: (x) => {
      if ((x.read('rn') === 0) === (x.choice('op') === 'cbz')) x.branch('target');
    },
  },
  cmp0_bcond_n: compareZero(branchIf('cond')),
  cmp0_bcond_w: compareZero(branchIf('cond')),
  cmp0_bcond_far: compareZero(branchUnless('inverse')),
  bl: {
    run: (x) => {
      setLink(x);
      x.branch('target');
    },
  },
  blx_r: {
    prepare: (x, random) => x.write('rm', pick(targets, random)),
    run: (x) => {
      // The target is read before lr is written: rm may be lr.
      x.jump(withoutThumbBit(x.read('rm')));
      setLink(x);
    },
  },
  bx_r: {
    prepare: (x, random) => x.write('rm', pick(targets, random)),
    run: (x) => x.jump(withoutThumbBit(x.read('rm'))),
  },
  tbh: {
    following: () => Uint8Array.from(tableEntries.flatMap((entry) => [entry & 0xff, entry >> 8])),
    prepare: (x, random) => x.write('rn', random() % tableEntries.length),
    run: (x) => x.jump(x.address + x.template.size + 2 * (tableEntries[x.read('rn')] ?? 0)),
  },
  // Entry 0 of the table of a `tbh` that stands in front. The least distances are the entry itself.
  table_entry: {
    samples: { distance: [1, 2, 3, 255, 256, 0x1000, 0x7fff, 0x8000, 0xffff] },
    preamble: (set) => {
      const tbh = set.require('tbh');
      const bytes = new Uint8Array(tbh.size);
      patch(bytes, 0, tbh, [0]);
      return bytes;
    },
    prepare: (x) => x.state.setRegister(0, 0),
    run: (x) => x.jump(x.address + 2 * x.operand('distance')),
  },
  udf: { run: (x) => x.exit({ kind: 'trap', offset: 0, immediate: x.operand('kind') }) },
  svc: { run: (x) => x.exit({ kind: 'exception', number: 2, offset: 2, immediate: x.operand('number') }) },
  push_n: push,
  push_w: push,
  pop_n: pop,
  pop_w: pop,
  sp_adjust_n: adjustStack,
  sp_adjust_w: adjustStack,
  sp_adjust_r: {
    // Whole words: what sp does with the two lowest bits is no business of the template.
    prepare: (x) => x.write('rm', x.read('rm') & ~3),
    run: (x) => x.state.setRegister(sp, (x.choice('op') === 'add' ? add : sub)(x.state.register(sp), x.read('rm'))),
  },
  sub_from_sp: {
    run: (x) => {
      const { value, flags } = subtracting(x.state.register(sp), x.read('rm'));
      x.flags = flags;
      x.write('rd', value);
    },
  },
} as const satisfies ModelTable;

/** Memory sizes against ends of accesses: inside, the last byte, one beyond, nothing at all. */
const sizes = [0, 1, 4, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const distances = [0, 1, -1, 2, -2, 0x1000, -0x1000];

export const thumb2Runtime = {
  bounds_entry: {
    prepare: (x, random) => x.state.setRegister(r12, pick([1, 4, 8, 0x1234, 0xffff_fff8, random()], random) | 0),
    run: (x) => {
      const { value, flags } = adding(x.state.register(r12), x.read('rn'));
      x.state.setRegister(r12, value);
      x.flags = flags;
      x.branch('target');
    },
  },
  // Entered with the flags of index + extent: carry means that the 33-bit sum left 32 bits.
  bounds_check: {
    samples: { record: [dataBase, dataBase + 4, dataBase + 0x7fc, dataBase + 0xc00, dataBase + 0xffc] },
    prepare: (x, random) => {
      x.state.setRegister(lr, pick(targets, random));
      x.state.setRegister(sp, dataAddress(random, 4) | 0x10);
      const size = pick(sizes, random);
      x.state.store(x.operand('record'), 4, size);
      x.state.setRegister(r12, (size + pick(distances, random)) | 0);
    },
    run: (x) => {
      const outOfBounds = { kind: 'trap', offset: 22, immediate: 3 } as const;
      if (x.flags.c === 1) {
        x.exit(outOfBounds);
        return;
      }
      // r0 is saved below sp and comes back.
      x.state.store(x.state.register(sp) - 4, 4, x.state.register(0));
      const size = x.state.load(x.operand('record'), 4);
      const end = x.state.register(r12);
      x.flags = subtracting(size | 0, end).flags;
      if (end >>> 0 > size) x.exit(outOfBounds);
      else x.jump(withoutThumbBit(x.state.register(lr)));
    },
  },
} as const satisfies ModelTable;
