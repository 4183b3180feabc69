/** Small functions around what branch layout moves: they run, trap, are entered at loops, explained and expanded on a device as any other code. */
import type { Isa } from '@fireball/contracts';
import { explain } from '@fireball/differential';
import { assembleText, decodeInput } from '@fireball/engines';
import { DeepVerifier, loadTemplates, type BranchProfile, type LinkedCode } from '@fireball/jit';
import { DeviceExpander } from '@fireball/vsoc';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { replayLoops } from './osr/replay.js';
import { compareCalls } from './testing/compare.js';
import { moduleOfText, targets, withNative } from './testing/native.js';

/** `f`, of two parameters and a local; `$add` adds to the local. */
const program = (body: string): string => `(module (memory 1 1)
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func (export "f") (param $x i32) (param $y i32) (result i32) (local $s i32) ${body} (local.get $s)))`;

const add = (value: string): string => `(local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) ${value}))`;
const x = '(local.get $x)';
const y = '(local.get $y)';
const zero = (value: string): string => `(i32.eqz ${value})`;
const odd = (value: string): string => `(i32.and ${value} (i32.const 1))`;
const wide = (value: string): string => `(i64.rotl (i64.extend_i32_s (i32.sub ${value} (i32.const 2))) (i64.const 32))`;
/** Not a number where the value is 0. */
const float = (value: string): string => `(f32.div (f32.convert_i32_s ${value}) (f32.convert_i32_s ${value}))`;
const less = `(i32.lt_s ${x} ${y})`;

interface Program {
  readonly name: string;
  readonly body: string;
  /** Targets on which no profile moves anything. */
  readonly stays?: readonly Isa[];
}

const programs: readonly Program[] = [
  { name: 'a br_if over a region', body: `(block (br_if 0 ${zero(x)}) ${add(y)}) ${add('(i32.const 7)')}` },
  { name: 'two in one block', body: `(block (br_if 0 ${zero(x)}) ${add(y)} (br_if 0 ${odd(x)}) ${add(x)}) ${add('(i32.const 7)')}` },
  { name: 'two, one directly behind the other', body: `(block (br_if 0 ${zero(x)}) (br_if 0 ${odd(y)}) ${add(x)}) ${add(y)}` },
  { name: 'nested', body: `(block (br_if 0 ${zero(x)}) ${add(x)} (block (br_if 0 ${odd(y)}) ${add(y)}) ${add('(i32.const 5)')}) ${add(y)}` },
  { name: 'nested, with one end', body: `(block (br_if 0 ${zero(x)}) ${add(x)} (if ${odd(y)} (then ${add(y)})))` },
  {
    name: 'overlapping: the end of the inner block lies in the region',
    body: `(block (block (br_if 0 ${odd(x)}) ${add(x)} (br_if 1 ${zero(y)}) ${add(y)}) ${add('(i32.const 5)')}) ${add(y)}`,
  },
  { name: 'over the end of another block', body: `(block (block (br_if 1 ${zero(x)}) (br 0)) ${add(y)})`, stays: targets },
  { name: 'an end that is not reached: return', body: `(block (br_if 0 ${odd(x)}) (return ${y})) ${add(x)}` },
  { name: 'an end that is not reached: br', body: `(block (block (br_if 0 ${odd(x)}) ${add(y)} (br 1)) ${add(x)}) ${add(y)}` },
  { name: 'an end that is not reached: unreachable', body: `(block (br_if 0 ${odd(x)}) (unreachable)) ${add(x)}` },
  { name: 'an end that is not reached, of the inner of two', body: `(block (br_if 0 ${zero(x)}) ${add(x)} (br_if 0 ${odd(y)}) (return ${y})) ${add(y)}` },
  { name: 'to a block with a result', body: add(`(block (result i32) (drop (br_if 0 ${x} ${zero(y)})) ${y})`), stays: targets },
  { name: 'to a block with a result, nothing left behind', body: add(`(block (result i32) ${x} (br_if 0 ${odd(y)}) (drop) ${y})`), stays: targets },
  { name: 'out of the function', body: `${add(x)} (drop (br_if 0 ${x} ${odd(y)}))`, stays: targets },
  // Conditions of several branches.
  ...['lt_s', 'le_u', 'gt_s', 'ge_u', 'eq', 'ne'].map((cond) => ({
    name: `i64.${cond}`,
    body: `(block (br_if 0 (i64.${cond} ${wide(x)} ${wide(y)})) ${add(x)}) (if (i64.${cond} ${wide(y)} ${wide(x)}) (then ${add(y)}) (else ${add(x)}))`,
  })),
  ...['lt', 'ge', 'eq', 'ne'].map((cond) => ({ name: `f32.${cond}`, body: `(block (br_if 0 (f32.${cond} ${float(x)} ${float(y)})) ${add(x)}) ${add(y)}` })),
  { name: 'if without else', body: `(if ${less} (then ${add(x)})) ${add(y)}` },
  { name: 'if with else', body: `(if ${less} (then ${add(x)}) (else ${add(y)})) ${add(y)}` },
  { name: 'if with else and a result', body: add(`(if (result i32) ${less} (then ${x}) (else (i32.const 9)))`) },
  { name: 'if whose then-part does not end', body: `(if ${less} (then (return ${x}))) ${add(y)}` },
  {
    name: 'if in if, br_if out of both',
    body: `(if ${x} (then (if ${y} (then ${add(x)} (br_if 0 ${odd(x)}) ${add(y)}) (else (br_if 0 ${odd(x)}) ${add('(i32.const 3)')})))) ${add(y)}`,
  },
  { name: 'a loop in the region', body: `(block (br_if 0 ${zero(x)}) (loop ${add(y)} (br_if 0 (local.tee $x (i32.sub ${x} (i32.const 1)))))) ${add(y)}` },
  { name: 'out of a loop', body: `(block (loop (br_if 1 ${zero(x)}) ${add(y)} (local.set $x (i32.sub ${x} (i32.const 1))) (br 0))) ${add(y)}` },
  {
    name: 'a region in a loop',
    body: `(block (br_if 0 ${zero(x)}) (loop (block (br_if 0 ${odd(x)}) ${add(y)}) ${add(x)} (br_if 0 (local.tee $x (i32.sub ${x} (i32.const 1)))))) ${add(y)}`,
  },
  { name: 'a call in the region', body: `(block (br_if 0 ${zero(x)}) ${add(`(call $leaf (i32.add ${x} ${y}))`)}) ${add(y)}` },
  { name: 'a division that traps in the region', body: `(block (br_if 0 ${zero(x)}) ${add(`(i32.div_u ${x} ${y})`)}) ${add(y)}` },
  {
    name: 'accesses that share a check in the region',
    body: `(block (br_if 0 ${odd(x)}) (local.set $x (i32.mul ${x} (i32.const 16380))) (i32.store ${x} ${y}) (i32.store offset=8 ${x} ${y}) ${add(`(i32.load offset=16 ${x})`)}) ${add(y)}`,
  },
  {
    name: 'a check in front that the region shares',
    body: `(local.set $x (i32.mul ${x} (i32.const 16380))) ${add(`(i32.load ${x})`)} (block (br_if 0 ${odd(y)}) (i32.store offset=12 ${x} ${y})) ${add(`(i32.load offset=8 ${x})`)}`,
  },
  {
    name: 'a branch table in the region',
    body: `(block (br_if 0 ${odd(y)}) (block (block (block (br_table 0 1 2 ${x})) ${add(x)}) ${add(y)}) ${add('(i32.const 5)')}) ${add(y)}`,
    stays: ['thumb2'],
  },
  {
    name: 'a branch table around regions',
    body: `(block (block (block (br_table 0 1 2 ${x})) (if ${odd(y)} (then ${add(x)})) ${add(y)}) (if ${y} (then ${add('(i32.const 5)')}))) ${add(y)}`,
  },
  { name: 'operands below the block', body: add(`(i32.add (i32.mul ${x} (i32.const 3)) (block (result i32) (block (br_if 0 ${zero(y)}) ${add(x)}) ${y}))`) },
  {
    name: 'a region too long for near branches',
    body: `(block (br_if 0 ${zero(x)}) ${add(y).repeat(400)}) ${add(x)} (block (br_if 0 ${odd(y)}) ${add(x)}) ${add(y)}`,
  },
];

const profiles: readonly [string, BranchProfile][] = [
  ['every condition held', () => ({ total: 10, isTrue: 10 })],
  ['no condition held', () => ({ total: 10, isTrue: 0 })],
  ['conditions held in turn', (offset) => ({ total: 10, isTrue: 10 * (offset & 1) })],
  ['conditions held in turn, the other way round', (offset) => ({ total: 10, isTrue: 10 * (1 - (offset & 1)) })],
];

const calls = [0, 1, 2, 3, 4].flatMap((first) => [0, 1, 6].map((second) => ({ name: 'f', args: [first, second] })));
/** Both ways of every condition. */
const fewCalls = calls.filter(({ args: [first, second] }) => first! % 2 === second || first! + second! > 7);
const i32 = (value: number) => ({ type: 'i32', value }) as const;

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('branch layout on %s', (isa) => {
  let device: DeviceExpander;
  beforeAll(() => {
    device = new DeviceExpander(loadTemplates(isa));
  });
  afterAll(() => device.close());

  describe.each(programs)('$name', ({ body, stays = [] }) => {
    const text = program(body);
    const codeWith = (branches?: BranchProfile): readonly LinkedCode[] =>
      withNative(isa, moduleOfText(text), ({ code }) => code, branches === undefined ? {} : { branches });

    it('changes code where it should', () => {
      const plain = codeWith().map(({ bytes }) => bytes);
      const changed = profiles.some(([, branches]) => codeWith(branches).some(({ bytes }, index) => Buffer.compare(bytes, plain[index]!) !== 0));
      expect(changed).toBe(!stays.includes(isa));
    });

    it.each(profiles)("%s: verified deeply, results, memory and places of traps are the reference's", async (_name, branches) => {
      expect(await compareCalls(isa, text, calls, { branches, verify: 'deep' })).toEqual([]);
    });

    it.each(profiles)('%s: a device expands the selection stream to the same code', (_name, branches) => {
      for (const { stream, address, bytes, crc } of codeWith(branches)) expect(device.expand(stream, address)).toMatchObject({ bytes, crc });
    });

    it.each(profiles)('%s: values are where the location map says, at every instruction', async (_name, branches) => {
      const loaded = decodeInput('program.wat', await assembleText('program.wat', text));
      const { index } = loaded.module.exports[0]!;
      for (const { args } of fewCalls) {
        const explanation = await explain(loaded, isa, [{ index, args: args.map(i32) }], { fuel: 10_000, maxPages: 16, branches });
        expect({ args, explanation }).toEqual({ args, explanation: { kind: 'none', reason: 'no difference at any instruction' } });
      }
    });
  });

  describe.each(programs.filter(({ body }) => body.includes('(loop')))('entered at loops: $name', ({ body }) => {
    it.each(profiles)('%s', (_name, branches) => {
      const report = replayLoops(
        moduleOfText(program(body)),
        calls.map(({ name, args }) => ({ name, args: args.map(i32) })),
        { isa, fuel: 1_000, verifier, branches },
      );
      expect(report).toMatchObject({ failures: [], inconclusive: 0 });
      expect(report.compared).toBeGreaterThan(0);
    });
  });
});
