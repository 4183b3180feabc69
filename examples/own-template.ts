// Learns a template from assembly text (this needs arm-none-eabi-as), fills its holes, and shows the machine code.
import { disassemble } from '@fireball/disasm';
import { buildTemplateSet, patch, TemplateSet } from '@fireball/jit';

const source = `//@ cpu cortex-m3
//@ template scaled_sum
//@ doc rd = rn + (rm << amount) - bias
//@ operand rd reg
//@ operand rn reg
//@ operand rm reg
//@ operand amount imm 1..31
//@ operand bias imm 0..4095
//@ inputs rn rm
//@ outputs rd
        add.w \${rd}, \${rn}, \${rm}, lsl #\${amount}
        subw \${rd}, \${rd}, #\${bias}
`;

const set = new TemplateSet(await buildTemplateSet('thumb2', [{ file: 'own.S', text: source }]));
const template = set.require('scaled_sum');
const code = new Uint8Array(template.size);
const values: Readonly<Record<string, number>> = { rd: 0, rn: 1, rm: 2, amount: 3, bias: 100 };
patch(
  code,
  0,
  template,
  template.operands.map(({ name }) => values[name] ?? 0),
);
for (const { address, text } of await disassemble('thumb2', code, 0)) console.log(address.toString(16).padStart(2), text);
