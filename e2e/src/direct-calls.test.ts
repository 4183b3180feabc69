/** Calls of functions of one module: by a branch where it reaches, through the callee's slot where not; both do the same. */
import { DeepVerifier, type LinkedCode } from '@fireball/jit';
import { createVsoc, type Vsoc, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { moduleOfText, targets } from './testing/native.js';
import { nativeOutcomes, referenceOutcomes, withoutStackDepth, type NamedCall } from './testing/outcomes.js';

/** `early` functions come first, `late` ones last; each calls those of the other kind. Of the filler in between only the code is wanted. */
const fillers = 12;
const filler = Array.from(
  { length: 60 },
  (_, index) => `(local.set 0 (i32.rotl (i32.xor (local.get 0) (i32.const ${0x1234567 * (index + 3)})) (local.get 1)))`,
);
const module = moduleOfText(`(module
  (type $unary (func (param i32) (result i32)))
  (global $depth (mut i32) (i32.const 0))
  (func $early (export "early") (param i32 i32) (result i32)
    (i32.add (call $late (local.get 1) (local.get 0)) (call $late (i32.const 3) (local.get 1))))
  (func $even (export "even") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
  (func $sum (export "sum") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $sum (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 0) (local.get 1))))
  (func $few (export "few") (param i32 i32) (result i32)
    (return_call $many (local.get 0) (local.get 1) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8) (local.get 1) (local.get 0)))
  (func $deep (export "deep") (param i32 i32) (result i32) (call $deeper (local.get 0) (local.get 1)))
  ${Array.from({ length: fillers }, () => `(func (param i32 i32) (result i32) ${filler.join(' ')} (local.get 0))`).join('\n')}
  (func $late (export "late") (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.div_s (local.get 1) (local.get 0))))
  (func $odd (export "odd") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
  (func $many (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.sub (i32.mul (local.get 8) (i32.const 10)) (call $pair (local.get 9) (local.get 2))))
  (func $pair (param i32 i32) (result i32) (local i64)
    (local.set 2 (call $wide (local.get 0) (local.get 1)))
    (i32.xor (i32.wrap_i64 (local.get 2)) (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const 32)))))
  (func $wide (param i32 i32) (result i64) (i64.or (i64.extend_i32_u (local.get 0)) (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32))))
  (func $deeper (export "deeper") (param i32 i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (i32.add (i32.const 1) (call $deep (local.get 1) (local.get 0)))))`);

/** Position of `$late`. */
const lateIndex = fillers + 5;

const calls: readonly NamedCall[] = [
  ['early', 7, 100],
  ['early', 0, 100],
  ['early', 5, 0],
  ['even', 10, 0],
  ['even', 11, 0],
  ['odd', 5001, 0],
  ['sum', 5000, 1],
  ['few', 12, 13],
  ['deep', 1, 2],
];

/** Bytes of a direct call's reach, and the templates of calls by register and by distance. */
const facts = {
  thumb2: { reach: 0x100_0000, byRegister: 'blx_r', direct: 'bl' },
  rv32: { reach: 0x10_0000, byRegister: 'c_jalr', direct: 'jal' },
} as const;

describe.each(targets)('calls within a module on %s', (isa) => {
  const { reach, byRegister, direct } = facts[isa];
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  function withVsoc<T>(prepare: (vsoc: Vsoc) => void, use: (instance: VsocInstance, vsoc: Vsoc) => T, options: Partial<VsocOptions> = {}): T {
    const vsoc = createVsoc({ isa, ...options });
    try {
      prepare(vsoc);
      return use(vsoc.instantiate(module), vsoc);
    } finally {
      vsoc.close();
    }
  }
  const near = (): void => undefined;
  /** Room for some functions, and nothing behind it for so many bytes. */
  const withGap =
    (room: number, gap: number) =>
    ({ codeMemory }: Vsoc): void => {
      const hole = codeMemory.reserve(room);
      codeMemory.reserve(gap);
      hole.abandon();
    };

  const expectAsInReference = (instance: VsocInstance): void =>
    expect(withoutStackDepth(nativeOutcomes(instance, calls))).toEqual(withoutStackDepth(referenceOutcomes(module, calls)));

  it.each([
    ['side by side', near],
    ['half a reach apart', withGap(0x80, reach / 2)],
    ['a reach apart', withGap(0x80, reach)],
    ['a reach apart, with room for some that move', withGap(0x400, reach)],
    ['at the edge of the reach', withGap(0x80, reach - 0x2000)],
  ])('compute the same where they lie %s', (_, prepare) => {
    withVsoc(prepare, expectAsInReference, { verifier, sandbox: {} });
  });

  const templatesOf = (code: readonly LinkedCode[]): Set<string> => new Set(code.flatMap(({ sites }) => sites.map(({ template }) => template)));

  it('are branches to the callee, and none by a register', () => {
    withVsoc(near, ({ code }) => {
      expect(templatesOf(code)).not.toContain(byRegister);
      const [early] = code;
      const called = early!.sites
        .filter(({ template }) => template === direct)
        .map(({ offset, holes }) => early!.address + offset + holes.find(({ operand }) => operand === 'target')!.value);
      expect(called).toEqual([code[lateIndex]!.address, code[lateIndex]!.address]);
    });
  });

  it('go through slots from a function that is out of reach, and only there', () => {
    const bytes = withVsoc(near, ({ codeBytes }) => codeBytes);
    withVsoc(withGap(0x80, reach), (instance) => {
      expect(templatesOf(instance.code)).toContain(byRegister);
      expect(templatesOf(instance.code)).toContain(direct);
      expect(instance.codeBytes).toBeGreaterThan(bytes);
    });
    withVsoc(withGap(0x80, reach / 2), (instance) => expect(instance.codeBytes).toBe(bytes));
  });

  it('go through slots in mixed mode, where code comes and goes', () => {
    withVsoc(
      near,
      (instance, { codeMap }) => {
        expectAsInReference(instance);
        const code = codeMap.functions.map((entry) => entry.code);
        expect(templatesOf(code)).toContain(byRegister);
      },
      { tier: 'mixed', mixed: { callThreshold: 2, loopThreshold: 2, costPerByte: 0 } },
    );
  });

  it('leave no code memory behind where one function does not fit', () => {
    const vsoc = createVsoc({ isa, codeBytes: 0x1000 });
    const before = vsoc.codeMemory.blockStates();
    try {
      expect(() => vsoc.instantiate(module)).toThrow(/code memory of 4096 bytes is full/);
      expect(vsoc.codeMemory.blockStates()).toEqual(before);
    } finally {
      vsoc.close();
    }
  });
});
