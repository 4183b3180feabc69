// Compiles a module to Thumb-2 and shows the code: wasm instruction, template, machine instructions.
import { assembleText, decodeInput, formatFunction, listFunction, symbolsOf } from '@fireball/engines';
import { createVsoc } from '@fireball/vsoc';

const text = `(module (func (export "clamp") (param i32) (result i32)
  (select (i32.const 255) (local.get 0) (i32.gt_u (local.get 0) (i32.const 255)))))`;
const { module, validated } = decodeInput('clamp.wat', await assembleText('clamp.wat', Buffer.from(text)));

const vsoc = createVsoc({ isa: 'thumb2' });
const { code } = vsoc.instantiate(validated);
const symbols = symbolsOf(module, vsoc);
for (const [index, source] of validated.functions.entries()) {
  const compiled = code[index];
  if (compiled !== undefined) console.log(formatFunction(module, source, await listFunction(vsoc.templates, module, source, compiled, symbols)));
}
vsoc.close();
