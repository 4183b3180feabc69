// Calls every exported function of a module on the reference interpreter and on three more engines, and compares.
import { diffModule, emptyTotals } from '@fireball/differential';
import { assembleText, decodeInput, enginesNamed, referenceEngine } from '@fireball/engines';

const text = `(module (func (export "mean") (param i32 i32) (result i32)
  (i32.shr_u (i32.add (local.get 0) (local.get 1)) (i32.const 1))))`;
const loaded = decodeInput('mean.wat', await assembleText('mean.wat', Buffer.from(text)));

const totals = emptyTotals();
await diffModule(loaded, referenceEngine, enginesNamed('v8,thumb2,rv32'), { calls: 48, seed: 1, fuel: 1_000_000, maxPages: 256 }, totals);
for (const { function: name, engine, expected, actual } of totals.failures) console.log(`${String(name)} on ${engine}: expected ${expected}, not ${actual}`);
console.log(`${totals.calls} calls, ${totals.mismatches} mismatches, ${totals.fallbacks} fallbacks`);
