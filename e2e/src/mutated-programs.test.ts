import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import { decodeModule, instantiate, linkWasi, ProgramExit, seededBytes, Store, validateModule, type Value, type WasiHost } from '@fireball/wasm';
import fc from 'fast-check';

const root = fileURLToPath(new URL('../../', import.meta.url));
const programs = [
  'e2e/wasi/wasm/words',
  'e2e/wasi/wasm/floats',
  'e2e/wasi/wasm/trap',
  'packages/kernels/data/wasm/sha256',
  'packages/kernels/data/wasm/i64mix',
].map((name) => ({
  name,
  bytes: readFileSync(join(root, `${name}.wasm`)),
}));

const limits = { maxPages: 64, maxStackSlots: 1 << 16 };
const fuel = 20_000;
/** What every read gives, for the first few. */
const chunk = new Uint8Array(64).fill(0x61);

function host(): WasiHost {
  let reads = 0;
  return {
    args: ['program'],
    environ: [],
    folders: [],
    stdout: () => undefined,
    stderr: () => undefined,
    stdin(bytes) {
      if (++reads > 4) return 0;
      bytes.set(chunk.subarray(0, bytes.length));
      return Math.min(chunk.length, bytes.length);
    },
    random: seededBytes(0),
    missing: () => undefined,
  };
}

/** Decodes, validates, links and runs a program; only typed errors may come out. */
function exercise(bytes: Uint8Array): 'refused' | 'ran' {
  try {
    const validated = validateModule(decodeModule(bytes));
    const functions = linkWasi(validated.module, host());
    const store = new Store(limits);
    const instance = instantiate(
      store,
      validated,
      (from, name) => {
        const found = [...functions].find(([entry]) => entry.module === from && entry.name === name)?.[1];
        if (found === undefined) return undefined;
        return store.hostFunction(found.type, (args, caller): Value[] => {
          const memory = caller?.memories[0]?.bytes ?? new Uint8Array(0);
          const result = found.call(
            memory,
            args.map(({ value }) => value as number | bigint),
          );
          return result === undefined ? [] : [{ type: 'i32', value: result }];
        });
      },
      { fuel },
    );
    const entry = ['_start', 'run'].find((name) => instance.exports.get(name)?.kind === 'function');
    const extern = entry === undefined ? undefined : instance.exports.get(entry);
    if (extern?.kind === 'function' && extern.type.params.length === 0) instance.invoke(entry!, [], { fuel });
    return 'ran';
  } catch (error) {
    if (error instanceof ProgramExit) return 'ran';
    if (error instanceof FireballError && error.exitStatus !== 70) return 'refused';
    throw error;
  }
}

const change = fc.record({
  // A whole number: fast-check spreads floats over their representations, so nearly all of [0, 1) would be next to 0.
  position: fc.nat({ max: 0x7fff_ffff }),
  // The first two leave the sizes right, so that the change is met by the validator or at run time.
  kind: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('flip', 'set') }, { weight: 1, arbitrary: fc.constantFrom('insert', 'remove', 'truncate') }),
  value: fc.integer({ min: 0, max: 255 }),
});

function mutate(bytes: Uint8Array, { position, kind, value }: { position: number; kind: string; value: number }): Uint8Array {
  const at = position % bytes.length;
  switch (kind) {
    case 'insert':
      return Uint8Array.from([...bytes.subarray(0, at), value, ...bytes.subarray(at)]);
    case 'remove':
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
    case 'truncate':
      return bytes.slice(0, at);
    default: {
      const changed = bytes.slice();
      changed[at] = kind === 'set' ? value : changed[at]! ^ (1 << (value % 8));
      return changed;
    }
  }
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('mutated programs', () => {
  it.each(programs)('$name: runs as it is', ({ bytes }) => {
    expect(exercise(bytes)).toBe('ran');
  });

  it('never crash, hang or eat memory', () => {
    const before = usedBytes();
    let ran = 0;
    let slowest = 0;
    let most = 0;
    fc.assert(
      fc.property(fc.constantFrom(...programs), fc.array(change, { minLength: 1, maxLength: 2 }), ({ bytes }, changes) => {
        const start = performance.now();
        if (exercise(changes.reduce(mutate, new Uint8Array(bytes))) === 'ran') ran++;
        slowest = Math.max(slowest, performance.now() - start);
        most = Math.max(most, usedBytes() - before);
      }),
      { numRuns: 3000 },
    );
    // Many must get past the validator, or the rest was not tested.
    expect(ran).toBeGreaterThan(300);
    // Milliseconds in fact; the bound only has to tell a hang from a busy machine.
    expect(slowest).toBeLessThan(10_000);
    // Garbage included: a single blow-up, such as a table as long as a wrong count says, is larger.
    expect(most).toBeLessThan(256 << 20);
  }, 120_000);
});
