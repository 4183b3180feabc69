import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@fireball/contracts';
import { parseTemplateSource } from './source.js';

const template = (...lines: string[]): string => ['//@ cpu cortex-m3', '//@ template t', '//@ doc Something.', ...lines].join('\n');

describe('parseTemplateSource', () => {
  it('reads every directive', () => {
    const file = parseTemplateSource(
      'a.S',
      [
        '//@ cpu cortex-m4',
        '//@ fpu fpv4-sp-d16',
        '//@ requires fpu',
        '// a comment',
        '//@ template first',
        '//@ doc One',
        '//@ doc and two.',
        '//@ version 3',
        '//@ align 4',
        '//@ operand rd reg low exclude r7',
        '//@ operand rn reg r0-r12 sp',
        '//@ operand fs freg s0-s15',
        '//@ operand n imm -8..8 step 4 exclude 0',
        '//@ operand k t32ModifiedImmediate',
        '//@ derive m neg32 n',
        '//@ distinct rd rn',
        '//@ inputs rn memory',
        '//@ outputs rd',
        '//@ clobbers flags',
        '//@ requires dsp',
        '  add ${rd}, ${rn}, #${k} // trailing',
        '  foo ${fs}, #${m} @ trailing',
      ].join('\n'),
      'thumb2',
    );
    expect(file).toMatchObject({ cpu: 'cortex-m4', fpu: 'fpv4-sp-d16' });
    expect(file.templates[0]).toMatchObject({
      name: 'first',
      doc: 'One and two.',
      version: 3,
      alignment: 4,
      inputs: ['rn', 'memory'],
      outputs: ['rd'],
      clobbers: ['flags'],
      requires: ['fpu', 'dsp'],
      distinct: [['rd', 'rn']],
      derives: [
        { name: 'k', function: 't32ModifiedImmediate', bases: ['k'] },
        { name: 'm', function: 'neg32', bases: ['n'] },
      ],
      body: [
        { text: 'add ${rd}, ${rn}, #${k}', line: 21 },
        { text: 'foo ${fs}, #${m}', line: 22 },
      ],
    });
    expect(file.templates[0]?.operands).toMatchObject([
      { name: 'rd', kind: 'reg', min: 0, max: 6 },
      { name: 'rn', kind: 'reg', min: 0, max: 13 },
      { name: 'fs', kind: 'freg', min: 0, max: 15 },
      { name: 'n', kind: 'imm', min: -8, max: 8, step: 4, excluded: [0] },
      { name: 'k', kind: 'imm32' },
    ]);
  });

  it.each([
    ['thumb2', 'reg', 5, 'r5'],
    ['thumb2', 'reg', 14, 'lr'],
    ['rv32', 'reg', 10, 'x10'],
    ['rv32', 'creg', 8, 'x8'],
    ['rv32', 'freg', 8, 'f8'],
    ['thumb2', 'freg d0-d7', 7, 'd7'],
    ['thumb2', 'enum add=0 _=1', 1, ''],
    ['thumb2', 'enum add=0 _=1', 0, 'add'],
    ['thumb2', 'imm32', -1, '0xffffffff'],
    ['thumb2', 'rel_jmp -8..8 step 2', -8, '. + -8'],
    ['thumb2', 'reglist r0-r7 lr', 0x4011, 'r0,r4,lr'],
  ] as const)('%s operand "%s": the text of %d is "%s"', (isa, kind, value, text) => {
    const cpu = isa === 'thumb2' ? 'cpu cortex-m3' : 'march rv32imc';
    const source = `//@ ${cpu}\n//@ template t\n//@ doc D.\n//@ operand x ${kind}\nop \${x}`;
    const [operand] = parseTemplateSource('a.S', source, isa).templates[0]?.operands ?? [];
    expect(operand?.text(value)).toBe(text);
  });

  it.each([
    ['no cpu', '// nothing', /no \/\/@ cpu directive/, undefined],
    ['early assembly', 'nop', /before the first/, 1],
    ['unknown directive', template('//@ colour red', 'nop'), /unknown directive colour/, 4],
    ['RISC-V directive', '//@ march rv32i', /unknown directive march/, 1],
    ['unknown kind', template('//@ operand a register', 'nop'), /unknown operand kind register/, 4],
    ['unknown register', template('//@ operand a reg r16', 'nop'), /unknown register/, 4],
    ['unknown function', template('//@ operand a imm 0..3', '//@ derive b twice a', 'nop'), /unknown derived function twice/, 5],
    ['unknown base', template('//@ derive b neg32 a', 'nop'), /a is not an operand/, 4],
    ['bad range', template('//@ operand a imm 3..0', 'nop'), /MIN\.\.MAX expected/, 4],
    ['bad step', template('//@ operand a imm 1..8 step 2', 'nop'), /step must/, 4],
    ['bad enum', template('//@ operand a enum x', 'nop'), /NAME=NUMBER/, 4],
    ['enum value twice', template('//@ operand a enum x=1 y=1', 'nop'), /value 1 is given twice/, 4],
    ['operand twice', template('//@ operand a imm 0..1', '//@ operand a imm 0..1', 'nop'), /declared twice/, 5],
    ['undeclared hole', template('mov ${a}, #1'), /\$\{a\} is not declared/, 4],
    ['unused operand', template('//@ operand a imm 0..1', 'nop'), /a is never used/, 2],
    ['no assembly', template(), /no assembly/, 2],
    ['no doc', '//@ cpu cortex-m3\n//@ template t\nnop', /no \/\/@ doc/, 2],
    ['immediate as output', template('//@ operand a imm 0..1', '//@ outputs a', 'udf #${a}'), /a is not a register/, 2],
    ['bad name', '//@ cpu cortex-m3\n//@ template Add', /lower-case/, 2],
  ])('refuses: %s', (_, source, message, line) => {
    let error: unknown;
    try {
      parseTemplateSource('a.S', source, 'thumb2');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).message).toMatch(message);
    expect((error as InvalidInputError).facts).toMatchObject({ file: 'a.S' });
    expect((error as InvalidInputError).facts.line).toBe(line);
  });
});
