import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { CoreProgram } from '@fireball/wasm';
import * as environmentLayout from '../core/layout/environment.js';
import * as placing from '../core/layout/placing.js';
import { compileFunction } from '../compile.js';
import type { CompilerName } from '../environment.js';
import { functionSource } from '../source.js';
import { loadTemplates } from '../templates/index.js';
import { codeAddress, entries, testEnvironment } from '../testing/environment.js';
import { goldenCases, goldens } from '../testing/golden.js';
import { targets } from '../testing/macro-assemblers.js';
import { moduleOfText } from '../testing/module.js';
import { portableCore } from '../testing/portable-core.js';
import { firmwareModule } from './core-image.js';
import { newCore, wordsIn, writeBytes, type Core } from './core.js';

/** What a device gets, which has nothing but the core, to which module and environment have been written; undefined where it is asked for operands. */
function alone(core: Core, index: number, body: Uint8Array, offset: number): string | undefined {
  core.reset();
  const at = writeBytes(core, body, index);
  const read = core.readFunction(index, at, at + body.length, offset);
  if (read === environmentLayout.asks) return undefined;
  const compiled = core.compileFunction();
  const ranges = core.allocate(8 * entries.length);
  const words = wordsIn(core);
  words.set(
    entries.flatMap(({ begin, end }) => [begin, end]),
    ranges >> 2,
  );
  words[placing.entries >> 2] = ranges;
  words[placing.entryCount >> 2] = entries.length;
  const outcomes = [read, compiled, core.placeFunction(codeAddress)];
  const after = wordsIn(core);
  return `${outcomes.join()} ${Buffer.from(core.memory.buffer, after[placing.code >> 2], after[placing.codeSize >> 2]).toString('hex')}`;
}

/** The core for firmware gets all that the other one has in its memory. */
function copyInto(firmware: Core, { memory: { buffer } }: Core): void {
  if (buffer.byteLength > firmware.memory.buffer.byteLength) firmware.makeRoom(buffer.byteLength);
  new Uint8Array(firmware.memory.buffer).set(new Uint8Array(buffer));
}

/** Locals of every width, and more of one than a byte can count. */
const locals = `(module (func (param f64 i32) (result i64)
  (local i32) (local f64) (local i64) (local f32) (local funcref) (local i32 i32 i64 i64) ${'(local f64)'.repeat(140)}
  (local.set 4 (i64.trunc_sat_f64_s (f64.add (local.get 0) (local.get 140)))) (i64.add (local.get 4) (local.get 10))))`;

function modules(): (readonly [name: string, text: string])[] {
  return [['locals', locals], ...goldenCases().map((name) => [name, readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8')] as const)];
}

const compilers: readonly CompilerName[] = ['optimizing', 'baseline'];

it.each(targets.flatMap((isa) => compilers.map((compiler) => ({ isa, compiler }))))(
  'the core compiles functions for $isa alone as it does with a host, $compiler',
  ({ isa, compiler }) => {
    const templates = loadTemplates(isa);
    const environment = { ...testEnvironment(), compiler };
    const firmware = new CoreProgram<Core>(Buffer.from(firmwareModule(isa, compiler)).toString('base64')).instantiate();
    let compiled = 0;
    for (const core of [newCore(), portableCore]) {
      for (const [name, text] of modules()) {
        const validated = moduleOfText(text);
        for (const [position, entry] of validated.functions.entries()) {
          // What is written for the host's compilation stays.
          const { bytes } = compileFunction(functionSource(validated, entry), templates, environment, {}, core).linkAt(codeAddress, entries);
          const { declarations, code } = validated.module.bodies[position]!;
          const body = validated.module.bytes.subarray(declarations, code.end);
          copyInto(firmware, core);
          const made = alone(core, entry.index, body, declarations);
          expect(alone(firmware, entry.index, body, declarations)).toBe(made);
          if (made === undefined) continue;
          if (made !== `0,0,0 ${Buffer.from(bytes).toString('hex')}`) throw new Error(`${name}, function ${entry.index}: ${made}`);
          compiled++;
        }
      }
    }
    expect(compiled).toBeGreaterThan(200);
  },
);
