import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Isa } from '@fireball/contracts';
import type { ValidatedModule } from '@fireball/wasm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileFunction } from '../../compile.js';
import { cores } from '../../features.js';
import { loadTemplates } from '../../templates/index.js';
import { rv32Rows, thumb2Rows, type Row } from '../../testing/deep-rows.js';
import { codeAddress, entries, testEnvironment } from '../../testing/environment.js';
import { goldenCases, goldenEnvironment, goldens } from '../../testing/golden.js';
import { functionSource } from '../../source.js';
import { moduleOfText } from '../../testing/module.js';
import { DataRanges, type CodeFacts } from './facts.js';
import { DeepVerifyError } from './errors.js';
import { DeepVerifier } from './verify.js';

const plainCore = { thumb2: 'cortex-m3', rv32: 'rv32imc' } as const;
let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

/** Two arguments in registers, one result; one page of memory, one global to read, one function to call through its slot and one directly. */
function factsFor(isa: Isa, cpu: string): CodeFacts {
  const first = isa === 'thumb2' ? 0 : 8;
  const bytes = isa === 'thumb2' ? 6 : 4;
  const boundsEntries = new Map(Array.from({ length: 8 }, (_, index) => [codeAddress - 0x1000 + bytes * index, first + index]));
  return {
    isa,
    cpu,
    address: codeAddress,
    tablesInCode: new Map(),
    own: { argumentWords: 2, stackBytes: 0, resultWords: 1 },
    osrEntries: [],
    osrFrameBytes: 0,
    functions: new Map([[codeAddress - 0x400, { argumentWords: 1, stackBytes: 0, resultWords: 1 }]]),
    yieldService: undefined,
    memory: { base: 0x3000_0000, minBytes: 0x1_0000, isTrusted: false, boundsEntries },
    readable: new DataRanges([
      { begin: 0x2000_0008, end: 0x2000_000c },
      { begin: 0x2000_0100, end: 0x2000_0104 },
    ]),
    writable: new DataRanges([]),
    tables: [],
    slots: new Map([[0x2000_0100, { argumentWords: 1, stackBytes: 0, resultWords: 0 }]]),
    types: new Map(),
    routines: new Map(),
    stackLimit: 0x2000_2000,
  };
}

function problemOf(row: Row, facts: CodeFacts): string | undefined {
  try {
    verifier.verifyBytes(new Uint8Array(Buffer.from(row.code, 'hex')), facts);
    return undefined;
  } catch (error) {
    if (error instanceof DeepVerifyError) return error.message;
    throw error;
  }
}

describe.each([
  { isa: 'thumb2', rows: thumb2Rows },
  { isa: 'rv32', rows: rv32Rows },
] as const)('code written by hand for $isa', ({ isa, rows }) => {
  it.each(rows.filter(({ problem }) => problem === undefined))('$name: accepted', (row) => {
    expect(problemOf(row, factsFor(isa, plainCore[isa]))).toBeUndefined();
  });

  it.each(rows.filter(({ problem }) => problem !== undefined))('$name: refused', (row) => {
    expect(problemOf(row, factsFor(isa, plainCore[isa]))).toContain(row.problem);
  });
});

describe('instructions that only some cores have', () => {
  it.each([
    { name: 'UXTAB, a DSP instruction that Unicorn executes on an M3', isa: 'thumb2', code: '51fa82f07047', needs: null },
    { name: 'VADD.F32 of what came from general registers', isa: 'thumb2', code: '00ee100a30ee000a7047', needs: 'fpv4' },
    { name: 'VADD.F32 of registers that hold nothing', isa: 'thumb2', code: '30ee200a7047', needs: null },
    { name: 'VRINTN.F32', isa: 'thumb2', code: '00ee100ab9fe400a7047', needs: 'fpv5' },
    { name: 'VFMA.F32', isa: 'thumb2', code: '00ee100aa0ee000a7047', needs: null },
    { name: 'VADD.F64', isa: 'thumb2', code: '30ee000b7047', needs: null },
    { name: 'FADD.S of what came from general registers', isa: 'rv32', code: '530005f0530000008280', needs: 'f' },
    { name: 'FADD.D of what came from general registers', isa: 'rv32', code: '530005d2530000028280', needs: 'd' },
    { name: 'FADD.S of registers that hold nothing', isa: 'rv32', code: '537005008280', needs: null },
  ] as const)('$name', ({ isa, code, needs, name }) => {
    const known = Object.entries(cores[isa]);
    const row = { name, assembly: '', code, problem: undefined };
    const accepted = known.filter(([cpu]) => problemOf(row, factsFor(isa, cpu)) === undefined);
    expect(accepted).toEqual(known.filter(([, features]) => needs !== null && features.has(needs)));
  });
});

describe.each(['thumb2', 'rv32'] as const)('golden code of %s', (isa) => {
  const templates = loadTemplates(isa);

  it.each(goldenCases())('%s passes', (name) => {
    const text = readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8');
    const validated = moduleOfText(text);
    for (const [cpu, features] of Object.entries(cores[isa])) {
      const environment = goldenEnvironment(text, validated, features);
      for (const entry of validated.functions) {
        const source = functionSource(validated, entry);
        const code = compileFunction(source, templates, environment).linkAt(codeAddress, entries);
        expect(verifier.verify({ isa, cpu, source, environment, code }).instructions).toBeGreaterThan(0);
      }
    }
  });
});

/** A function that stores at the sum of its first argument and each of these, in order; each store ends the group of accesses before it. */
function storesAt(distances: readonly number[]): ValidatedModule {
  const stores = distances.map((distance) => `(i32.store (i32.add (local.get 0) (i32.const ${distance})) (i32.const 1))`);
  return moduleOfText(
    `(module (memory 1) (func (param i32) (i32.store offset=8 (local.get 0) (i32.const 1)) ${stores.join(' ')} (i32.store (local.get 0) (i32.const 1))))`,
  );
}

describe.each(['thumb2', 'rv32'] as const)('a function with hundreds of accesses at constant distances from one local, on %s', (isa) => {
  it.each([
    { name: 'ever further up', distances: Array.from({ length: 150 }, (_, index) => 16 * (index + 1)) },
    { name: 'ever further down', distances: Array.from({ length: 150 }, (_, index) => -16 * (index + 1)) },
    { name: 'a hundred of them twice', distances: Array.from({ length: 200 }, (_, index) => 16 * ((index % 100) + 1)) },
  ])('passes: $name', ({ distances }) => {
    const validated = storesAt(distances);
    const environment = testEnvironment({ minBytes: 65536, fixed: false });
    for (const entry of validated.functions) {
      const source = functionSource(validated, entry);
      const code = compileFunction(source, loadTemplates(isa), environment).linkAt(codeAddress, entries);
      expect(verifier.verify({ isa, cpu: plainCore[isa], source, environment, code }).accesses.checked).toBeGreaterThan(distances.length);
    }
  });
});
