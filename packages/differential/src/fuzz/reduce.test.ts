import { describe, expect, it } from '@jest/globals';
import { decodeModule, InstructionReader, instantiate, Store, validateModule } from '@fireball/wasm';
import { encodeModule } from './encode.js';
import { parseFeatures } from './features.js';
import { generateCase, type FuzzCall } from './generator/module.js';
import { reduceCase, type Oracle } from './reduce.js';

/** Offsets in a body of the instructions of this name. */
function find(bytes: Uint8Array, name: string): number[] {
  return decodeModule(bytes).bodies.flatMap(({ code }) => {
    const found: number[] = [];
    for (const reader = new InstructionReader(bytes, code.start); reader.next < code.end;) {
      reader.read();
      if (reader.op.name === name) found.push(reader.start);
    }
    return found;
  });
}

const far = (): number => performance.now() + 20_000;

describe('the reducer', () => {
  it.each(['i32.rotl', 'br_table', 'f64.copysign', 'call_indirect', 'table.copy'])(
    'keeps %s and little else',
    async (name) => {
      for (let seed = 0, reduced = 0; reduced < 3; seed++) {
        const { tree, calls, bytes } = generateCase(seed, parseFeatures('full'));
        if (find(bytes, name).length === 0) continue;
        reduced += 1;
        const smaller = await reduceCase({ tree, calls }, (candidate) => Promise.resolve(find(candidate, name).length > 0), far());
        const result = encodeModule(smaller.tree);
        validateModule(decodeModule(result));
        expect(find(result, name)).toHaveLength(1);
        expect(smaller.calls).toEqual([]);
        expect(result.length).toBeLessThan(260);
      }
    },
    60_000,
  );

  it('keeps what a call does', async () => {
    /** A call ends in a division by zero. */
    const dividesByZero = (bytes: Uint8Array, calls: readonly FuzzCall[]): boolean => {
      const module = validateModule(decodeModule(bytes));
      const instance = instantiate(new Store(), { ...module, module: { ...module.module, start: undefined } }, () => undefined);
      return calls.some(({ function: name, args }) => {
        const outcome = instance.invoke(name, args, { fuel: 100_000 });
        return 'trap' in outcome && outcome.trap.kind === 'integer divide by zero';
      });
    };
    const oracle: Oracle = (bytes, calls) => Promise.resolve(dividesByZero(bytes, calls));
    let seed = 0;
    while (!dividesByZero(generateCase(seed, parseFeatures('i32')).bytes, generateCase(seed, parseFeatures('i32')).calls)) seed += 1;
    const smaller = await reduceCase(generateCase(seed, parseFeatures('i32')), oracle, far());
    expect(smaller.calls).toHaveLength(1);
    expect(dividesByZero(encodeModule(smaller.tree), smaller.calls)).toBe(true);
    expect(encodeModule(smaller.tree).length).toBeLessThan(100);
  }, 60_000);
});
