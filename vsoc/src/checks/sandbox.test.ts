/** The test mode that watches every memory access: silent on right code, names what wrong code does. */
import type { Isa } from '@fireball/contracts';
import type { CodeVerifier, LinkedCode } from '@fireball/jit';
import { describe, expect, it } from '@jest/globals';
import { createVsoc, SandboxViolationError, type CallOutcome, type VsocInstance, type VsocValue } from '../index.js';
import { moduleOfText, targets, withInstance } from '../testing/module.js';

const i32 = (value: number): VsocValue => ({ type: 'i32', value });
const nop = { thumb2: [0x00, 0xbf], rv32: [0x01, 0x00] } as const satisfies Record<Isa, readonly number[]>;

/** Changes finished code before it is installed. */
const saboteur = (change: (code: LinkedCode) => void): CodeVerifier => ({ verify: ({ code }) => change(code) });

/** Takes out every branch to a trap stub. */
function dropChecks(isa: Isa): (code: LinkedCode) => void {
  return ({ bytes, sites, trapStubs }) => {
    for (const { offset, size, holes } of sites) {
      const target = holes.find(({ operand }) => operand === 'target')?.value;
      if (target === undefined || !trapStubs.some((stub) => stub.offset === offset + target)) continue;
      for (let at = offset; at < offset + size; at += 2) bytes.set(nop[isa], at);
    }
  };
}

/** What the guard says of a call; undefined where it is content. */
function violationOf(call: () => CallOutcome): SandboxViolationError | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof SandboxViolationError) return error;
    throw error;
  }
  return undefined;
}

const memory = `(module (memory 1 1) (global $g (mut i32) (i32.const 0))
  (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 7)))
  (func (export "load") (param i32) (result i32) (i32.load8_u offset=3 (local.get 0))))`;

describe.each(targets)('the sandbox on %s', (isa) => {
  it('is content with calls, frames, globals, tables, bulk instructions, growth and the host', () => {
    const text = `(module (memory 1) (table 2 funcref) (elem (i32.const 0) $down) (data $d "abcd") (global $g (mut i64) (i64.const 1))
      (type $t (func (param i32) (result i32)))
      (func $many (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i64 i64 i64) (local.get 9) (global.get $g) (i64.extend_i32_s (local.get 8)))
      (func $down (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))) (else (i32.const 0))))
      (func $tail (param i32) (result i64 i64 i64)
        (return_call $many (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (i64.const 5)))
      (func (export "f") (param i32) (result i64)
        (memory.init $d (i32.const 8) (i32.const 0) (i32.const 4)) (data.drop $d) (memory.copy (i32.const 65530) (i32.const 7) (i32.const 6))
        (table.set (i32.const 1) (ref.func $down)) (drop (table.grow (ref.null func) (i32.const 3))) (drop (memory.grow (i32.const 1)))
        (i64.store offset=65528 (local.get 0) (i64.const -1))
        (global.set $g (i64.div_u (i64.const 100) (i64.extend_i32_u (call $down (i32.const 20)))))
        (call $tail (local.get 0)) i64.add i64.add))`;
    const result = withInstance({ isa, sandbox: {} }, text, (instance) => instance.invoke('f', [i32(7)]).results);
    expect(result).toEqual([{ type: 'i64', value: 17n }]);
  });

  describe('names what happens without bounds checks', () => {
    const attack = (name: string, index: number): SandboxViolationError | undefined =>
      withInstance({ isa, sandbox: {}, verifier: saboteur(dropChecks(isa)) }, memory, (instance) => violationOf(() => instance.invoke(name, [i32(index)])));

    it.each([0, 4, 65532])('nothing at %i, which is inside', (index) => {
      expect(attack('store', index)).toBeUndefined();
    });

    // 0x30000000 is the base: the last ones come out in instance data, on the stack, in code memory and in ROM.
    it.each([65533, 65536, 0x7fff_ffff, -1, -4, 0xf000_0000 - 0x1000_0000, 0xf000_2000, 0xf000_2ff0, 0xd001_0000, 0xd000_0000])('a store at %i', (index) => {
      expect(attack('store', index | 0)).toMatchObject({
        violation: { kind: 'outside', access: 'write', address: (0x3000_0000 + index) % 2 ** 32, size: 4 },
        place: expect.stringMatching(/^function 0, template \w+, wasm offset 0x/),
      });
    });

    it.each([65533, -4, 0xf000_0000])('a load at %i', (index) => {
      expect(attack('load', index | 0)).toMatchObject({ violation: { kind: 'outside', access: 'read', address: (0x3000_0003 + index) % 2 ** 32, size: 1 } });
    });
  });

  it("an instance's code must not touch another instance's memory", () => {
    const vsoc = createVsoc({ isa, sandbox: {}, verifier: saboteur(dropChecks(isa)) });
    try {
      const [first] = [vsoc.instantiate(moduleOfText(memory)), vsoc.instantiate(moduleOfText(memory))] as const;
      const distance = (vsoc.store.memories[1]?.base ?? 0) - (vsoc.store.memories[0]?.base ?? 0);
      expect(violationOf(() => first.invoke('store', [i32(distance)]))).toMatchObject({ violation: { kind: 'outside' } });
    } finally {
      vsoc.close();
    }
  });

  it('follows growth', () => {
    const text = `(module (memory 1 3) (func (export "grow") (result i32) (memory.grow (i32.const 1))) (func (export "store") (param i32) (i32.store8 (local.get 0) (i32.const 7))))`;
    withInstance({ isa, sandbox: {} }, text, (instance) => {
      expect(instance.invoke('store', [i32(65536)]).trap?.kind).toBe('out of bounds memory access');
      instance.invoke('grow', []);
      expect(instance.invoke('store', [i32(65536)]).trap).toBeNull();
      expect(instance.invoke('store', [i32(131072)]).trap?.kind).toBe('out of bounds memory access');
    });
  });

  it('forgets the activations of a call from the host that trapped', () => {
    let inner: VsocInstance | undefined;
    const vsoc = createVsoc({ isa, sandbox: {} });
    try {
      inner = vsoc.instantiate(moduleOfText('(module (func (export "trap") (local i64) (call 1)) (func unreachable))'));
      const host = vsoc.createHostFunction({ params: [], results: [] }, () => {
        expect(inner?.invoke('trap', []).trap?.kind).toBe('unreachable');
        return [];
      });
      const text =
        '(module (import "" "" (func $host)) (func $g (param i32) (result i32) (call $host) (local.get 0)) (func (export "f") (param i32) (result i32) (i32.add (call $g (i32.const 5)) (local.get 0))))';
      const outer = vsoc.instantiate(moduleOfText(text), () => host);
      expect(outer.invoke('f', [i32(3)]).results).toEqual([i32(8)]);
    } finally {
      vsoc.close();
    }
  });

  it('reports misaligned accesses where the core traps on them', () => {
    for (const aligned of [false, true]) {
      const violation = withInstance({ isa, sandbox: { aligned } }, memory, (instance) => violationOf(() => instance.invoke('store', [i32(2)])));
      expect(violation?.violation.kind).toBe(aligned ? 'misaligned' : undefined);
    }
  });
});
