/** jit/templates/thumb2/memory.S */
import { pick } from '../instances.js';
import type { Execution, ModelTable, TemplateModel } from '../model.js';
import { sp } from '../state.js';
import { access, dataAddress } from './access.js';
import { add } from './arm-flags.js';

/** [rn + offset]; any alignment, as wasm's accesses may have. */
const baseOffset: TemplateModel = {
  run: (x) => access(x, x.choice('op'), add(x.read('rn'), x.operand('offset')), 'rt'),
  prepare: (x, random) => (x.operand('rn') === sp ? x.write('rn', placedStack(x, random, 'offset')) : x.write('rn', dataAddress(random) - x.operand('offset'))),
};

/** A stack pointer, a multiple of 4, from which the operand's offset is in the data. */
function placedStack(x: Execution, random: () => number, offset: string): number {
  return (dataAddress(random, 4) - x.operand(offset) + 3) & ~3;
}

const indices = [0, 1, 4, -1, -4, -0x8000_0000, 0x7fff_ffff, 0x1000];

/** Makes rn + (rm << shift) an address in the data, also where both are one register. */
function placeIndexed(x: Execution, random: () => number, shift: number): void {
  const address = dataAddress(random);
  const scale = 2 ** shift;
  if (x.operand('rn') === x.operand('rm')) x.write('rn', Math.ceil(address / (1 + scale)));
  else {
    const index = pick(indices, random);
    x.write('rm', index);
    x.write('rn', (address - ((index << shift) | 0)) | 0);
  }
}

const slot: TemplateModel = {
  run: (x) => access(x, x.choice('op'), add(x.state.register(sp), x.operand('offset')), 'rt'),
  prepare: (x, random) => x.state.setRegister(sp, placedStack(x, random, 'offset')),
};

export const thumb2Memory = {
  ldst_rr_n: {
    run: (x) => access(x, x.choice('op'), add(x.read('rn'), x.read('rm')), 'rt'),
    prepare: (x, random) => placeIndexed(x, random, 0),
  },
  ldst_rr: {
    run: (x) => access(x, x.choice('op'), add(x.read('rn'), x.read('rm') << x.operand('shift')), 'rt'),
    prepare: (x, random) => placeIndexed(x, random, x.operand('shift')),
  },
  ldst_ri12: baseOffset,
  ldst_word_n: baseOffset,
  ldst_byte_n: baseOffset,
  ldst_half_n: baseOffset,
  ldst_sp_n: slot,
  ldst_sp_r: {
    run: (x) => access(x, x.choice('op'), add(x.state.register(sp), x.read('rm')), 'rt'),
    prepare: (x, random) => {
      const index = pick([0, 4, 1020, 4096, -4], random);
      x.write('rm', index);
      x.state.setRegister(sp, (dataAddress(random, 4) - index) & ~3);
    },
  },
} as const satisfies ModelTable;
