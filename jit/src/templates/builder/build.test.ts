/** The builder against the real assemblers; skipped where they are not installed. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidInputError, MissingPartError, type Isa } from '@fireball/contracts';
import { checkTemplates, patch } from '../../patch/index.js';
import { TemplateSet } from '../template.js';
import { validateTemplateSet } from '../validate.js';
import { buildTemplateSet, hashTemplateSources } from './build.js';
import { openDisassembler, type Disassembler } from './listing.js';
import { serializeTemplateSet } from './serialize.js';

const headers = { thumb2: '//@ cpu cortex-m3', rv32: '//@ march rv32imc' } as const;
const commands = { thumb2: 'arm-none-eabi-as', rv32: 'riscv64-unknown-elf-as' } as const;
const installed = Object.values(commands).every((command) => spawnSync(command, ['--version']).status === 0);
const withAssembler = installed ? describe : describe.skip;

const sourceOf = (isa: Isa, lines: readonly string[]): { file: string; text: string } => ({
  file: 't.S',
  text: [headers[isa], '//@ template t', '//@ doc A template.', ...lines, ''].join('\n'),
});

async function build(isa: Isa, lines: readonly string[]): Promise<TemplateSet> {
  const json = await buildTemplateSet(isa, [sourceOf(isa, lines)]);
  // Through text and validation, as a user's set would come.
  return new TemplateSet(validateTemplateSet(JSON.parse(serializeTemplateSet(json))));
}

interface Good {
  readonly isa: Isa;
  readonly lines: readonly string[];
  /** Operand values, and what an independent disassembler reads. */
  readonly instances: readonly (readonly [readonly number[], readonly string[]])[];
}

const good: Readonly<Record<string, Good>> = {
  'enum and registers': {
    isa: 'thumb2',
    lines: [
      '//@ operand op enum and=0 orr=2 eor=4 add=8 sub=13 rsb=14',
      '//@ operand rd reg',
      '//@ operand rn reg',
      '//@ operand rm reg',
      '${op}.w ${rd}, ${rn}, ${rm}',
    ],
    instances: [
      [[13, 12, 0, 14], ['00: sub.w ip, r0, lr']],
      [[4, 3, 3, 3], ['00: eor.w r3, r3, r3']],
    ],
  },
  'movw and movt from one operand': {
    isa: 'thumb2',
    lines: ['//@ operand rd reg', '//@ operand v imm32', 'movw ${rd}, #(${v} & 0xffff)', 'movt ${rd}, #(${v} >> 16)'],
    instances: [
      [
        [7, 0xdeadbeef],
        ['00: movw r7, #0xbeef', '04: movt r7, #0xdead'],
      ],
      [
        [7, -1],
        ['00: movw r7, #0xffff', '04: movt r7, #0xffff'],
      ],
    ],
  },
  'modified immediate': {
    isa: 'thumb2',
    lines: ['//@ operand rd reg', '//@ operand k t32ModifiedImmediate', 'mov.w ${rd}, #${k}'],
    instances: [
      [[0, 0xff00ff00], ['00: mov.w r0, #-0xff0100']],
      [[0, 0x1fe0], ['00: mov.w r0, #0x1fe0']],
    ],
  },
  'rotation to the left': {
    isa: 'thumb2',
    lines: ['//@ operand rd reg', '//@ operand n imm 1..31', '//@ derive r neg32 n', 'ror.w ${rd}, ${rd}, #${r}'],
    instances: [[[2, 5], ['00: ror.w r2, r2, #0x1b']]],
  },
  'bit field of two operands': {
    isa: 'thumb2',
    lines: ['//@ operand lsb imm 0..31', '//@ operand w imm 1..32', '//@ derive m msb w lsb', 'bfi r0, r1, #${lsb}, #${m}'],
    instances: [[[4, 8], ['00: bfi r0, r1, #4, #8']]],
  },
  'width of a bit field': {
    isa: 'thumb2',
    lines: ['//@ operand w imm 1..27', '//@ derive w1 minus1 w', 'ubfx r0, r1, #5, #${w1}'],
    instances: [[[27], ['00: ubfx r0, r1, #5, #0x1b']]],
  },
  'offset up and down': {
    isa: 'thumb2',
    lines: ['//@ operand o upDown -1020..1020 step 4', 'ldrd r0, r1, [sp, #${o}]'],
    instances: [
      [[-8], ['00: ldrd r0, r1, [sp, #-0x8]']],
      [[1020], ['00: ldrd r0, r1, [sp, #0x3fc]']],
    ],
  },
  'short and long branches': {
    isa: 'thumb2',
    lines: ['//@ operand a rel_cond -252..258 step 2', '//@ operand b rel_jmp -16777212..16777218 step 2', 'beq.n ${a}', 'b.w ${b}'],
    instances: [
      [
        [-252, -16777212],
        ['00: beq #0xffffff04', '02: b.w #0xff000006'],
      ],
      [
        [258, 16777218],
        ['00: beq #0x102', '02: b.w #0x1000004'],
      ],
      [
        [0, 0],
        ['00: beq #0', '02: b.w #2'],
      ],
    ],
  },
  'register list': {
    isa: 'thumb2',
    lines: ['//@ operand r reglist r0-r12 lr pc least 2 exclude lr+pc', 'pop.w {${r}}'],
    instances: [[[0x8110], ['00: pop.w {r4, r8, pc}']]],
  },
  'data words': {
    isa: 'thumb2',
    lines: ['//@ operand v addr32', 'ldr.w pc, [pc, #0]', '.word ${v}'],
    instances: [],
  },
  'li through hi20 and lo12': {
    isa: 'rv32',
    lines: [
      '//@ operand rd reg nonzero',
      '//@ operand v imm32',
      '//@ derive hi hi20 v',
      '//@ derive lo lo12 v',
      'lui ${rd}, ${hi}',
      'addi ${rd}, ${rd}, ${lo}',
    ],
    instances: [
      [
        [10, 0x12345fff],
        ['00: lui a0, 0x12346', '04: addi a0, a0, -1'],
      ],
    ],
  },
  'far call': {
    isa: 'rv32',
    lines: ['//@ operand t rel_jmp -2147483648..2147481598 step 2', '//@ derive hi hi20 t', '//@ derive lo lo12 t', 'auipc t0, ${hi}', 'jalr ra, ${lo}(t0)'],
    instances: [[[-4], ['00: auipc t0, 0', '04: jalr ra, t0, -4']]],
  },
  'RISC-V branches': {
    isa: 'rv32',
    lines: ['//@ operand a rel_cond -4096..4094 step 2', '//@ operand b rel_jmp -1048576..1048574 step 2', 'bltu a0, a1, ${a}', 'jal ra, ${b}'],
    instances: [
      [
        [-4096, -1048576],
        ['00: bltu a0, a1, -0x1000', '04: jal -0x100000'],
      ],
      [
        [4094, 1048574],
        ['00: bltu a0, a1, 0xffe', '04: jal 0xffffe'],
      ],
    ],
  },
  'compressed next to not compressed': {
    isa: 'rv32',
    lines: ['//@ operand r creg', '//@ operand o imm 0..124 step 4', 'c.lw ${r}, ${o}(a0)', 'add a0, a0, ${r}'],
    instances: [
      [
        [15, 124],
        ['00: c.lw a5, 0x7c(a0)', '02: add a0, a0, a5'],
      ],
    ],
  },
};

const bad: Readonly<Record<string, readonly [Isa, readonly string[], RegExp]>> = {
  'length depends on a register': ['thumb2', ['//@ operand a reg', 'adds ${a}, ${a}, r0'], /4 bytes, but 2 in the first.*a=r8 .*write \.n or \.w/],
  'lsr by 0 encodes 32': ['thumb2', ['//@ operand n imm 0..31', 'lsr.w r0, r0, #${n}'], /operand n is not affine.* at n=0 .*exclude this value/],
  '32 - n': ['thumb2', ['//@ operand n imm 1..31', 'ror.w r0, r0, #(32-${n})'], /operand n is not affine.*use a derived operand/],
  '%hi carries': ['rv32', ['//@ operand v imm32', 'lui a0, %hi(${v})'], /operand v is not affine/],
  'enum values in another order': ['rv32', ['//@ operand op enum add=0 and=1 or=2 xor=3', '${op} a0, a0, a1'], /operand op is not affine.*op=xor/],
  'bits shared by two operands': ['thumb2', ['//@ operand a imm 0..7', '//@ operand b imm 0..7', 'movs.n r0, #(${a} ^ ${b})'], /shares bits/],
  'operands that multiply': [
    'thumb2',
    ['//@ operand a imm 0..7', '//@ operand b imm 0..7', 'movs.n r0, #(${a} * ${b})'],
    /together are not affine|is not affine/,
  ],
  'a value that does not assemble': ['thumb2', ['//@ operand a imm 0..256', 'movs.n r0, #${a}'], /assembler says ".*" for a=256/],
  'an instruction of another CPU': ['thumb2', ['sadd16 r0, r1, r2'], /line 4: template t: the assembler says "selected processor does not support/],
  'a symbol': ['thumb2', ['bl memcpy'], /refers to the symbol memcpy/],
  'a symbol, RISC-V': ['rv32', ['jal ra, memcpy'], /refers to the symbol memcpy/],
  'two branches, one distance': [
    'rv32',
    ['//@ operand a rel_cond -64..64 step 2', 'beq a0, a1, ${a}', 'bne a0, a1, ${a}'],
    /used by more than one instruction/,
  ],
  'constraints that exclude everything': [
    'thumb2',
    ['//@ operand a reg r1', '//@ operand b reg r1', '//@ distinct a b', 'mov.w ${a}, ${b}'],
    /no operand values/,
  ],
  'no code': ['thumb2', ['.syntax unified'], /no instruction/],
};

withAssembler('buildTemplateSet', () => {
  const disassemblers = new Map<Isa, Disassembler>();
  beforeAll(async () => {
    for (const isa of ['thumb2', 'rv32'] as const) disassemblers.set(isa, await openDisassembler(isa));
  });
  afterAll(() => {
    for (const disassembler of disassemblers.values()) disassembler.close();
  });

  it.each(Object.entries(good))('%s', async (_, { isa, lines, instances }) => {
    const set = await build(isa, lines);
    const template = set.require('t');
    expect(checkTemplates(set).problems).toEqual([]);
    for (const [values, text] of instances) {
      const out = new Uint8Array(template.size);
      patch(out, 0, template, values);
      expect(disassemblers.get(isa)?.lines(out)).toEqual(text);
    }
  });

  it.each(Object.entries(bad))('refuses: %s', async (_, [isa, lines, message]) => {
    const error: unknown = await build(isa, lines).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).message).toMatch(message);
    expect((error as InvalidInputError).message).toMatch(/^t\.S, line \d+: template t: /);
  });

  it.each([
    [
      'thumb2',
      '//@ cpu cortex-m4\n//@ fpu fpv4-sp-d16',
      ['//@ operand d freg', '//@ operand v vfpImmediate', 'vmov.f32 ${d}, #${v}'],
      [31, 0xbf800000],
      '00: vmov.f32 s31, #-1.000000e+00',
    ],
    [
      'thumb2',
      '//@ cpu cortex-m4\n//@ fpu fpv4-sp-d16',
      ['//@ operand op enum vadd=0 vsub=1', '//@ operand d freg', '//@ operand n freg', '//@ operand m freg', '${op}.f32 ${d}, ${n}, ${m}'],
      [1, 1, 2, 31],
      '00: vsub.f32 s1, s2, s31',
    ],
    [
      'thumb2',
      '//@ cpu cortex-m7\n//@ fpu fpv5-d16',
      ['//@ operand d freg d0-d15', '//@ operand n freg d0-d15', 'vabs.f64 ${d}, ${n}'],
      [8, 15],
      '00: vabs.f64 d8, d15',
    ],
    [
      'rv32',
      '//@ march rv32imafdc',
      ['//@ operand d freg', '//@ operand n freg', '//@ operand m freg', 'fadd.d ${d}, ${n}, ${m}'],
      [1, 8, 31],
      '00: fadd.d ft1, fs0, ft11',
    ],
  ] as const)('%s floating point: %s %j', async (isa, header, lines, values, text) => {
    const source = [header, '//@ template t', '//@ doc D.', ...lines].join('\n');
    const set = new TemplateSet(await buildTemplateSet(isa, [{ file: 't.S', text: source }]));
    const out = new Uint8Array(4);
    patch(out, 0, set.require('t'), values);
    expect(disassemblers.get(isa)?.lines(out)).toEqual([text]);
    expect(checkTemplates(set).problems).toEqual([]);
  });

  it('refuses two templates of one name, across files', async () => {
    const source = sourceOf('rv32', ['c.nop']);
    await expect(buildTemplateSet('rv32', [source, { ...source, file: 'u.S' }])).rejects.toThrow(/u\.S, line 2: template t is also defined in t\.S, line 2/);
  });

  it('gives the same text every time', async () => {
    const source = sourceOf('thumb2', good['modified immediate']?.lines ?? []);
    const texts = await Promise.all([1, 2].map(async () => serializeTemplateSet(await buildTemplateSet('thumb2', [source]))));
    expect(texts[0]).toBe(texts[1]);
  });

  it('says which package is missing where there is no assembler', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      await expect(build('thumb2', ['nop.n'])).rejects.toThrow(MissingPartError);
      await expect(build('thumb2', ['nop.n'])).rejects.toThrow(/apt-get install binutils-arm-none-eabi/);
    } finally {
      process.env['PATH'] = path;
    }
  });
});

it('the input hash covers names and texts', () => {
  const hashes = [
    [{ file: 'a.S', text: 'x' }],
    [{ file: 'b.S', text: 'x' }],
    [{ file: 'a.S', text: 'y' }],
    [
      { file: 'a.S', text: '' },
      { file: 'x', text: '' },
    ],
  ].map(hashTemplateSources);
  expect(new Set(hashes).size).toBe(hashes.length);
});
