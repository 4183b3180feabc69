import { beforeAll, describe, expect, it } from '@jest/globals';
import { UsageError, type Isa } from '@fireball/contracts';
import { compileFunction } from './compile.js';
import type { FunctionSource } from './plan/body.js';
import { readBody } from './testing/read-body.js';
import { loadTemplates } from './templates/index.js';
import { codeAddress, entries, testEnvironment } from './testing/environment.js';
import { sourceOfText } from './testing/module.js';
import { factsOf } from './verify/deep/facts.js';
import { DeepVerifyError } from './verify/deep/errors.js';
import { DeepVerifier } from './verify/deep/verify.js';

const text = `(module (memory 1) (func (param i32 i32) (result i32) (local i32 i64)
  (i32.mul (local.get 0) (local.get 1))
  (loop (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0))))
    (loop (local.set 3 (i64.add (local.get 3) (i64.const 1))) (br_if 0 (i64.lt_s (local.get 3) (i64.const 9))))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 4)))))
  (i32.add (local.get 2))
  (return)
  (loop (br 0))))`;
const source = sourceOfText(text);
const loops = readBody(source).flatMap(({ op, offset }) => (op === 'loop' ? [offset] : []));

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

function compile(isa: Isa, of: FunctionSource, osrLoops: readonly number[]) {
  const environment = testEnvironment();
  const code = compileFunction(of, loadTemplates(isa), environment, { osrLoops }).linkAt(codeAddress, entries);
  return { code, facts: factsOf({ isa, cpu: isa === 'thumb2' ? 'cortex-m3' : 'rv32imc', source: of, environment, code }) };
}

describe.each<Isa>(['thumb2', 'rv32'])('entries at loops on %s', (isa) => {
  it('lie behind the code, one for each reachable loop, and belong to it in listings', () => {
    const plain = compile(isa, source, []).code;
    const { code } = compile(isa, source, loops);
    expect(plain.osrEntries).toEqual([]);
    expect(code.osrEntries.map(({ wasmOffset }) => wasmOffset)).toEqual(loops.slice(0, 2));
    expect(code.bytes.subarray(0, plain.bytes.length)).toEqual(plain.bytes);
    const [first, second] = code.osrEntries;
    expect(first?.offset).toBe(plain.bytes.length);
    for (const { offset, wasmOffset } of code.sites) {
      if (offset >= plain.bytes.length) expect(wasmOffset).toBe(offset < (second?.offset ?? 0) ? loops[0] : loops[1]);
    }
  });

  it('are refused where there is no loop', () => {
    expect(() => compile(isa, source, [source.start])).toThrow(UsageError);
  });

  it('are proved to read nothing but the frame that they get', () => {
    const { code, facts } = compile(isa, source, loops);
    expect(facts.osrFrameBytes).toBe(8 * source.frameSlots);
    verifier.verifyBytes(code.bytes, facts);
    expect(() => verifier.verifyBytes(code.bytes, { ...facts, osrFrameBytes: 24 })).toThrow('no proof that this load of 4 bytes stays in bounds');
    // Behind its first template the entry's frame is not there.
    const second = code.sites.find(({ offset }) => offset > facts.osrEntries[0]!)!;
    expect(() => verifier.verifyBytes(code.bytes, { ...facts, osrEntries: [second.offset] })).toThrow(DeepVerifyError);
  });
});
