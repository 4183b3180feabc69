/** jit/templates/rv32/{memory,control,runtime}.S */
import { pick } from '../instances.js';
import type { Execution, ModelTable, TemplateModel } from '../model.js';
import { codeBase, codeSize, dataBase } from '../state.js';
import { access, dataAddress } from './access.js';
import { i32 } from './arm-flags.js';

const add = i32('i32.add');
const ltU = i32('i32.lt_u');
const x0 = 0;
const ra = 1;
const sp = 2;
const t0 = 5;
const t1 = 6;
const t2 = 7;

const targets = [codeBase, codeBase + 2, codeBase + codeSize - 2, codeBase + 0x3000];

const comparisons = {
  beq: i32('i32.eq'),
  bne: i32('i32.ne'),
  blt: i32('i32.lt_s'),
  bge: i32('i32.ge_s'),
  bltu: ltU,
  bgeu: i32('i32.ge_u'),
} as const;

function taken(x: Execution, op: string): boolean {
  const name = x.choice(op);
  const comparison = Object.entries(comparisons).find(([key]) => key === name)?.[1];
  if (comparison === undefined) throw new RangeError(`no model of ${name}`);
  return comparison(x.read('rs1'), x.read('rs2')) === 1;
}

const nextAddress = (x: Execution): number => (x.address + x.template.size) | 0;

/** To one of the targets; where rs1 is x0 the address is 0, or JALR's offset. */
const jumpThrough: Pick<TemplateModel, 'prepare'> = {
  prepare: (x, random) => x.write('rs1', pick(targets, random)),
};

/** [rs1 + offset], any alignment. With x0 as base the address is the offset, where the bench has no memory. */
const baseOffset: TemplateModel = {
  run: (x) => {
    const op = x.choice('op').replace(/^c\./, '');
    const address = add(x.read('rs1'), x.operand('offset'));
    if (x.operand('rs1') === x0) x.exit({ kind: 'fault', access: op.startsWith('l') ? 'read' : 'write', address });
    else access(x, op, address, 'rt');
  },
  prepare: (x, random) => x.write('rs1', (dataAddress(random) - x.operand('offset')) | 0),
};

const slot = (op: 'lw' | 'sw'): TemplateModel => ({
  run: (x) => access(x, op, add(x.state.register(sp), x.operand('offset')), 'rt'),
  prepare: (x, random) => x.state.setRegister(sp, dataAddress(random, 4) - x.operand('offset')),
});

export const rv32Memory = {
  load: baseOffset,
  store: baseOffset,
  c_ldst: baseOffset,
  c_lwsp: slot('lw'),
  c_swsp: slot('sw'),
} as const satisfies ModelTable;

export const rv32Control = {
  b_rr: {
    run: (x) => {
      if (taken(x, 'op')) x.branch('target');
    },
  },
  b_rr_far: {
    run: (x) => {
      if (!taken(x, 'inverse')) x.branch('target');
    },
  },
  c_bz: {
    run: (x) => {
      if ((x.read('rs1') === 0) === (x.choice('op') === 'c.beqz')) x.branch('target');
    },
  },
  c_j: { run: (x) => x.branch('target') },
  jal: {
    run: (x) => {
      x.write('rd', nextAddress(x));
      x.branch('target');
    },
  },
  auipc: { run: (x) => x.write('rd', add(x.address, x.operand('imm') << 12)) },
  jalr: {
    prepare: (x, random) => x.write('rs1', pick(targets, random) | (random() & 1)),
    run: (x) => {
      // The target is read before the link is written: rd may be rs1. Its bit 0 is cleared.
      x.jump(add(x.read('rs1'), x.operand('offset')) & ~1);
      x.write('rd', nextAddress(x));
    },
  },
  c_jr: { ...jumpThrough, run: (x) => x.jump(x.read('rs1')) },
  c_jalr: {
    ...jumpThrough,
    run: (x) => {
      x.jump(x.read('rs1'));
      x.state.setRegister(ra, nextAddress(x));
    },
  },
  c_addi16sp: { run: (x) => x.state.setRegister(sp, add(x.state.register(sp), x.operand('bytes'))) },
  ebreak: { run: (x) => x.exit({ kind: 'trap', offset: 0 }) },
  ecall: { run: (x) => x.exit({ kind: 'exception', number: 8, offset: 4 }) },
} as const satisfies ModelTable;

const sizes = [0, 1, 4, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const distances = [0, 1, -1, 2, -2, 0x1000, -0x1000];

export const rv32Runtime = {
  bounds_entry: {
    run: (x) => {
      x.state.setRegister(t2, x.read('rs2'));
      x.branch('target');
    },
  },
  // t1 = extent, t2 = index; their 33-bit sum is the end of the access.
  bounds_check: {
    samples: { record: [dataBase, dataBase + 4, dataBase + 0x7fc, dataBase + 0x800, dataBase + 0xffc] },
    prepare: (x, random) => {
      x.state.setRegister(t0, pick(targets, random));
      const size = pick(sizes, random);
      const extent = pick([0, 1, 2, 4, 8, 0x1_0000, 0xffff_ffff], random);
      x.state.store(x.operand('record'), 4, size);
      x.state.setRegister(t1, extent | 0);
      x.state.setRegister(t2, (size - extent + pick(distances, random)) | 0);
    },
    run: (x) => {
      const outOfBounds = { kind: 'trap', offset: 20 } as const;
      const index = x.state.register(t2);
      const end = add(x.state.register(t1), index);
      x.state.setRegister(t1, end);
      if (ltU(end, index) === 1) {
        x.exit(outOfBounds);
        return;
      }
      const size = x.state.load(x.operand('record'), 4) | 0;
      x.state.setRegister(t2, size);
      if (ltU(size, end) === 1) x.exit(outOfBounds);
      else x.jump(x.state.register(t0));
    },
  },
} as const satisfies ModelTable;
