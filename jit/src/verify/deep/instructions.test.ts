/** What the deep verifier makes of every instruction that templates can become. */
import type { Isa } from '@fireball/contracts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { cores } from '../../features.js';
import { patch, PatchError, randomValues } from '../../patch/index.js';
import { isDataTemplate } from '../../target/data-templates.js';
import { loadTemplates, seededRandom, type Operand, type Template } from '../../templates/index.js';
import { Decoder } from './decode.js';
import { Forbidden, type Instruction } from './instruction.js';

/** Instances of each combination of enum values. */
const instances = 4;

/** Instructions whose results have no range of their own: they are not what indices are made of. */
const opaque: Readonly<Record<Isa, readonly string[]>> = {
  thumb2: [
    'clz',
    'rbit',
    'sdiv',
    'smlal',
    'smull',
    'umlal',
    'vabs.f32',
    'vadd.f32',
    'vcmp.f32',
    'vcvt.f32.s32',
    'vcvt.f32.u32',
    'vcvt.s32.f32',
    'vcvt.u32.f32',
    'vdiv.f32',
    'vmaxnm.f32',
    'vminnm.f32',
    'vmov',
    'vmov.f32',
    'vmul.f32',
    'vneg.f32',
    'vrintm.f32',
    'vrintn.f32',
    'vrintp.f32',
    'vrintz.f32',
    'vsqrt.f32',
    'vsub.f32',
  ],
  rv32: [
    'div',
    'fabs.d',
    'fabs.s',
    'fadd.d',
    'fadd.s',
    'fcvt.d.s',
    'fcvt.d.w',
    'fcvt.d.wu',
    'fcvt.s.d',
    'fcvt.s.w',
    'fcvt.s.wu',
    'fcvt.w.d',
    'fcvt.w.s',
    'fcvt.wu.d',
    'fcvt.wu.s',
    'fdiv.d',
    'fdiv.s',
    'feq.d',
    'feq.s',
    'fle.d',
    'fle.s',
    'flt.d',
    'flt.s',
    'fmax.d',
    'fmax.s',
    'fmin.d',
    'fmin.s',
    'fmul.d',
    'fmul.s',
    'fmv.d',
    'fmv.s',
    'fmv.w.x',
    'fmv.x.w',
    'fneg.d',
    'fneg.s',
    'fsgnj.d',
    'fsgnj.s',
    'fsgnjn.d',
    'fsgnjn.s',
    'fsgnjx.d',
    'fsgnjx.s',
    'fsqrt.d',
    'fsqrt.s',
    'fsub.d',
    'fsub.s',
    'mulh',
    'mulhsu',
    'rem',
    'seqz',
    'sgtz',
    'slt',
    'slti',
    'sltiu',
    'sltu',
    'sltz',
    'snez',
  ],
};
/** What no function of a module may contain, by template: code of the runtime, system calls, data. */
const refused: Readonly<Record<Isa, Readonly<Record<string, string>>>> = {
  thumb2: { fpu_start: 'the instruction is not allowed here', svc: 'the instruction is not allowed here' },
  rv32: { ecall: 'the instruction is not allowed here', jalr: 'a call behind a register' },
};

const gpAndTp: readonly number[] = [3, 4];

/** The values, and what the disassembler has other names for: equal registers, register 0, immediates of 0, 1 and -1. */
function* neighbours(isa: Isa, template: Template, values: readonly number[]): Generator<readonly number[]> {
  const isRegister = ({ kind }: Operand): boolean => kind === 'reg' || kind === 'freg';
  const own = values.map((value, index) => (isa === 'rv32' && template.operands[index]?.kind === 'reg' && gpAndTp.includes(value) ? 10 : value));
  yield own;
  const [first] = template.operands.filter(isRegister);
  if (first !== undefined) yield own.map((value, index) => (template.operands[index]?.kind === first.kind ? (own[first.index] ?? 0) : value));
  for (const operand of template.operands) {
    const others = isRegister(operand) ? [0] : operand.kind === 'imm' ? [0, 1, -1] : [];
    for (const other of others) yield own.map((value, index) => (index === operand.index ? other : value));
  }
}

/** Every combination of enum values, some instances each. */
function* instancesOf(isa: Isa, template: Template): Generator<readonly number[]> {
  const random = seededRandom(template.name);
  let rows: number[][] = [[]];
  const enums = template.operands.filter(({ values }) => values !== undefined);
  for (const { values = {} } of enums) rows = rows.flatMap((row) => Object.values(values).map((value) => [...row, value]));
  for (const row of rows) {
    for (let count = 0; count < instances; count++) {
      const values = randomValues(template, random) ?? [];
      enums.forEach(({ index }, position) => (values[index] = row[position] ?? 0));
      yield* neighbours(isa, template, values);
    }
  }
}

/** Writes the instance; false where the template does not take these values. */
function isPlaced(code: Uint8Array, template: Template, values: readonly number[]): boolean {
  try {
    patch(code, 0, template, values);
    return true;
  } catch (error) {
    if (error instanceof PatchError) return false;
    throw error;
  }
}

interface Seen {
  readonly opaque: Set<string>;
  readonly refused: Map<string, string>;
}

describe.each(['thumb2', 'rv32'] as const)('every instruction of the templates of %s', (isa) => {
  const seen: Seen = { opaque: new Set(), refused: new Map() };
  let decoderFor: (isa: Isa, cpu: string) => Decoder;
  beforeAll(async () => {
    decoderFor = await Decoder.open();
    for (const template of loadTemplates(isa).templates) {
      // Half-words of tables are no instructions.
      if (isDataTemplate(isa, template)) continue;
      const [cpu] = Object.entries(cores[isa]).find(([, features]) => template.json.requires.every((word) => (features as ReadonlySet<string>).has(word))) ?? [
        '',
      ];
      const decoder = decoderFor(isa, cpu);
      const code = new Uint8Array(template.size);
      for (const values of instancesOf(isa, template)) {
        if (!isPlaced(code, template, values)) continue;
        for (let offset = 0; offset < code.length;) offset += look(decoder, template, code, offset);
      }
    }
  });

  function look(decoder: Decoder, template: Template, code: Uint8Array, offset: number): number {
    let instruction: Instruction;
    try {
      instruction = decoder.at(code, offset);
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error;
      seen.refused.set(template.name, error.message.replace(/:.*/, ''));
      return code.length;
    }
    const { effect, size, text } = instruction;
    if (effect.kind === 'opaque') seen.opaque.add(text.replace(/ .*/, ''));
    return size;
  }

  it('has a transfer function, or is listed', () => {
    expect([...seen.opaque].sort()).toEqual(opaque[isa]);
  });

  it('may be in a function, or its template is listed', () => {
    expect(Object.fromEntries(seen.refused)).toEqual(refused[isa]);
  });
});
