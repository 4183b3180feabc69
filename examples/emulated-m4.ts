// Runs wasm as native code on an emulated Cortex-M4, and counts what it executes.
import { assembleText, decodeInput, engineNamed } from '@fireball/engines';

const text = `(module (func (export "fib") (param i32) (result i32) (local i32 i32)
  (local.set 1 (i32.const 1))
  (loop $next
    (local.set 1 (i32.add (local.get 2) (local.tee 2 (local.get 1))))
    (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 2)))`;
const loaded = decodeInput('fib.wat', await assembleText('fib.wat', Buffer.from(text)));

const instance = await engineNamed('thumb2').instantiate(loaded, { fuel: 1_000_000, maxPages: 256, cpu: 'cortex-m4' });
const { results, trap, statistics } = instance.invoke('fib', [{ type: 'i32', value: 30 }]);
console.log(trap?.kinds ?? results, `${statistics.instructions} instructions, ${statistics.codeBytes} bytes of code`);
instance.close();
