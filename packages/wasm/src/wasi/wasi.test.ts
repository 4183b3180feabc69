import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeModule } from '../decoder.js';
import { LinkError } from '../interp/linking.js';
import { buildModule, leb } from '../testing/module-builder.js';
import type { ValueType } from '../types.js';
import { ProgramExit } from './call.js';
import { errno } from './errno.js';
import { ConsoleError, type WasiHost } from './host.js';
import { seededBytes } from './random.js';
import { linkWasi, wasiFunctionNames, wasiModule, type WasiFunction } from './wasi.js';

/** Parameters of the interface's functions, from wasi_snapshot_preview1.witx: i = i32, I = i64. */
const signatures: Readonly<Record<string, string>> = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  fd_close: 'i',
  fd_fdstat_get: 'ii',
  fd_prestat_dir_name: 'iii',
  fd_prestat_get: 'ii',
  fd_read: 'iiii',
  fd_seek: 'iIii',
  fd_write: 'iiii',
  proc_exit: 'i',
  random_get: 'ii',
  sched_yield: '',
};

type Type = readonly [params: readonly ValueType[], results: readonly ValueType[]];

function typeOf(name: string): Type {
  const params = [...signatures[name]!].map((letter) => (letter === 'I' ? 'i64' : 'i32'));
  return [params, name === 'proc_exit' ? [] : ['i32']];
}

function importing(entries: readonly (readonly [module: string, name: string, type: Type])[]) {
  return decodeModule(
    buildModule({
      types: entries.map(([, , [params, results]]) => ({ params, results })),
      imports: entries.map(([module, name], index) => [module, name, [0, ...leb(index)]]),
    }),
  );
}

class TestHost implements WasiHost {
  readonly args = ['program', 'é', ''];
  readonly environ = ['HOME=/'];
  readonly output: Record<'stdout' | 'stderr', number[]> = { stdout: [], stderr: [] };
  readonly said: string[] = [];
  input = [1, 2, 3, 4, 5];
  stdout(bytes: Uint8Array): void {
    this.output.stdout.push(...bytes);
  }
  stderr(bytes: Uint8Array): void {
    this.output.stderr.push(...bytes);
  }
  stdin(bytes: Uint8Array): number {
    const part = this.input.splice(0, bytes.length);
    bytes.set(part);
    return part.length;
  }
  clock(): bigint {
    return 0x1122334455667788n;
  }
  clockResolution(): bigint {
    return 1000n;
  }
  readonly random = seededBytes(1);
  missing(name: string): void {
    this.said.push(name);
  }
}

const size = 4096;

/** A linked program whose calls can be made by hand. */
function program() {
  const host = new TestHost();
  const names = Object.keys(signatures);
  const linked = linkWasi(importing(names.map((name) => [wasiModule, name, typeOf(name)])), host);
  const memory = new Uint8Array(size).fill(0xee);
  const view = new DataView(memory.buffer);
  return {
    host,
    memory,
    view,
    /** Writes an iovec array at `at`. */
    vectors: (at: number, ...entries: readonly (readonly [address: number, length: number])[]): void => {
      entries.forEach(([address, length], index) => {
        view.setUint32(at + index * 8, address, true);
        view.setUint32(at + index * 8 + 4, length, true);
      });
    },
    call: (name: string, ...args: readonly (number | bigint)[]) => linked.get(name)!.call(memory, args),
  };
}

describe('linkWasi', () => {
  it('has the functions of the table above', () => {
    expect([...wasiFunctionNames].sort()).toEqual(Object.keys(signatures).sort());
  });

  it.each<readonly [string, string, string, Type]>([
    ['another module', 'env', 'fd_close', [['i32'], ['i32']]],
    ['the older namespace', 'wasi_unstable', 'fd_close', [['i32'], ['i32']]],
    ['another type', wasiModule, 'fd_close', [['i64'], ['i32']]],
    ['a result of proc_exit', wasiModule, 'proc_exit', [['i32'], ['i32']]],
    ['no function of such an interface', wasiModule, 'fd_missing', [['f64'], ['i32']]],
    ['no error number', wasiModule, 'fd_missing', [['i32'], ['f32']]],
  ])('refuses %s', (_, module, name, type) => {
    expect(() => linkWasi(importing([[module, name, type]]), new TestHost())).toThrow(LinkError);
  });

  it('refuses a memory of the host', () => {
    const module = decodeModule(buildModule({ imports: [[wasiModule, 'memory', [2, 0, 1]]] }));
    expect(() => linkWasi(module, new TestHost())).toThrow(/incompatible import type.*it is a function, not a memory/);
  });

  it('answers ENOSYS to what does not exist, and says so once', () => {
    const host = new TestHost();
    const type: Type = [['i32', 'i64'], ['i32']];
    const linked = linkWasi(importing([[wasiModule, 'path_open', type], [wasiModule, 'proc_raise', [['i32'], []]]]), host);
    const call = (name: string): number | undefined => linked.get(name)!.call(new Uint8Array(0), [1, 2n]);
    expect([call('path_open'), call('path_open'), call('proc_raise')]).toEqual([errno.nosys, errno.nosys, undefined]);
    expect(host.said).toEqual(['path_open', 'proc_raise']);
  });
});

describe('arguments and environment', () => {
  it.each([
    ['args', ['program', 'é', '']],
    ['environ', ['HOME=/']],
  ])('%s: NUL-terminated UTF-8 and pointers', (family, expected) => {
    const { call, view, memory } = program();
    expect(call(`${family}_sizes_get`, 0, 4)).toBe(errno.success);
    const [count, bytes] = [view.getUint32(0, true), view.getUint32(4, true)];
    expect(call(`${family}_get`, 8, 100)).toBe(errno.success);
    const strings = Array.from({ length: count }, (_, index) => {
      const start = view.getUint32(8 + index * 4, true);
      return new TextDecoder().decode(memory.slice(start, memory.indexOf(0, start)));
    });
    expect(strings).toEqual(expected);
    expect(memory[100 + bytes]).toBe(0xee);
  });
});

describe('console', () => {
  it.each([
    ['stdout', 1],
    ['stderr', 2],
  ] as const)('gathers for %s', (stream, fd) => {
    const { call, host, memory, vectors, view } = program();
    memory.set([10, 11, 12], 200);
    vectors(0, [200, 2], [0xffff_0000, 0], [202, 1]);
    // An empty buffer may point anywhere inside only.
    expect(call('fd_write', fd, 0, 3, 64)).toBe(errno.fault);
    vectors(8, [0, 0]);
    expect(call('fd_write', fd, 0, 3, 64)).toBe(errno.success);
    expect(host.output[stream]).toEqual([10, 11, 12]);
    expect(view.getUint32(64, true)).toBe(3);
  });

  it('reads into the first buffer that has room, until the end', () => {
    const { call, memory, vectors, view } = program();
    vectors(0, [200, 0], [200, 3], [300, 9]);
    const read = (): (number | undefined)[] => [call('fd_read', 0, 0, 3, 64), view.getUint32(64, true)];
    expect([read(), [...memory.subarray(200, 204)]]).toEqual([[errno.success, 3], [1, 2, 3, 0xee]]);
    expect([read(), [...memory.subarray(200, 204)]]).toEqual([[errno.success, 2], [4, 5, 3, 0xee]]);
    expect(read()).toEqual([errno.success, 0]);
  });

  it.each([
    ['writing to stdin', 'fd_write', [0, 0, 0, 64], errno.badf],
    ['reading from stdout', 'fd_read', [1, 0, 0, 64], errno.badf],
    ['writing to an unknown descriptor', 'fd_write', [7, 0, 0, 64], errno.badf],
    ['more buffers than IOV_MAX', 'fd_write', [1, 0, 1025, 64], errno.inval],
    ['2^32 - 1 buffers', 'fd_read', [0, 0, -1, 64], errno.inval],
    ['seeking', 'fd_seek', [1, 0n, 0, 64], errno.spipe],
    ['seeking elsewhere', 'fd_seek', [3, 0n, 0, 64], errno.badf],
    ['a folder', 'fd_prestat_get', [3, 64], errno.badf],
    ['the name of a folder', 'fd_prestat_dir_name', [3, 64, 8], errno.badf],
    ['closing what is not open', 'fd_close', [3], errno.badf],
    ['an unknown clock', 'clock_time_get', [4, 0n, 64], errno.inval],
  ])('%s', (_, name, args, expected) => {
    expect(program().call(name, ...args)).toBe(expected);
  });

  it.each([
    ['fd_write', 1],
    ['fd_read', 0],
  ])('%s: EIO where the console fails', (name, fd) => {
    const { call, host, vectors } = program();
    vectors(0, [200, 2]);
    host.stdin = host.stdout = () => {
      throw new ConsoleError({ cause: undefined });
    };
    expect(call(name, fd, 0, 1, 64)).toBe(errno.io);
  });

  it('refuses sums beyond a signed length', () => {
    const host = new TestHost();
    const linked = linkWasi(importing([[wasiModule, 'fd_write', typeOf('fd_write')]]), host);
    const large = new Uint8Array(1 << 22);
    const view = new DataView(large.buffer);
    for (let index = 0; index < 1024; index++) view.setUint32(8192 + index * 8 + 4, large.length, true);
    for (let index = 0; index < 1024; index++) view.setUint32(8192 + index * 8, 0, true);
    expect(linked.get('fd_write')!.call(large, [1, 8192, 1024, 0])).toBe(errno.inval);
    expect(host.output.stdout).toEqual([]);
  });

  it('a closed descriptor stays closed', () => {
    const { call } = program();
    expect([call('fd_close', 1), call('fd_close', 1), call('fd_write', 1, 0, 0, 64), call('fd_fdstat_get', 1, 64)]).toEqual([
      errno.success,
      errno.badf,
      errno.badf,
      errno.badf,
    ]);
  });

  it.each([
    [0, 0x02],
    [1, 0x40],
    [2, 0x40],
  ])('descriptor %d is a character device without seek', (fd, right) => {
    const { call, memory } = program();
    expect(call('fd_fdstat_get', fd, 64)).toBe(errno.success);
    expect([...memory.subarray(64, 89)]).toEqual([2, 0, 0, 0, 0, 0, 0, 0, right, ...Array.from({ length: 15 }, () => 0), 0xee]);
  });
});

describe('clocks, random numbers, the end', () => {
  it('writes 64-bit times', () => {
    const { call, view } = program();
    expect([call('clock_time_get', 0, 0n, 8), call('clock_res_get', 1, 16), call('sched_yield')]).toEqual([0, 0, 0]);
    expect([view.getBigUint64(8, true), view.getBigUint64(16, true)]).toEqual([0x1122334455667788n, 1000n]);
  });

  it('random numbers repeat for a seed, and differ for another', () => {
    const bytes = (seed: number): number[] => {
      const filled = new Uint8Array(4096);
      seededBytes(seed)(filled);
      return [...filled];
    };
    expect(bytes(7)).toEqual(bytes(7));
    expect(bytes(7)).not.toEqual(bytes(8));
    // Every byte value appears in 4096 draws but for a chance of 3 in 100,000.
    expect(new Set(bytes(7)).size).toBe(256);
  });

  it('proc_exit leaves with the unsigned code', () => {
    expect(() => program().call('proc_exit', -1)).toThrow(new ProgramExit(0xffff_ffff));
  });
});

describe('bad addresses', () => {
  const pointers: readonly (readonly [name: string, args: readonly (number | bigint)[]])[] = [
    ['args_sizes_get', [0, size - 3]],
    ['args_get', [size - 11, 0]],
    ['args_get', [0, size - 8]],
    ['environ_get', [-1, 0]],
    ['fd_write', [1, size - 7, 1, 64]],
    ['fd_write', [1, 0, 0, size - 3]],
    ['fd_read', [0, -8, 1, 64]],
    ['fd_fdstat_get', [1, size - 23]],
    ['clock_time_get', [0, 0n, size - 7]],
    ['clock_res_get', [0, -1]],
    ['random_get', [1, size]],
    ['random_get', [-1, -1]],
  ];
  it.each(pointers)('%s(%j): EFAULT, nothing changed', (name, args) => {
    const { call, memory, host } = program();
    expect(call(name, ...args)).toBe(errno.fault);
    expect(memory.every((byte) => byte === 0xee)).toBe(true);
    expect(host.output).toEqual({ stdout: [], stderr: [] });
  });

  const word = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 8 }), fc.integer({ min: size - 40, max: size }));
  const anyCall = fc.constantFrom(...Object.entries(signatures)).chain(([name, params]) =>
    fc.record({
      name: fc.constant(name),
      args: fc.tuple(...[...params].map((letter) => (letter === 'I' ? fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }) : word))),
      fill: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    }),
  );
  it('never get anything but an error number or an exit out of a call', () => {
    fc.assert(
      fc.property(anyCall, ({ name, args, fill }) => {
        const { call, memory } = program();
        memory.set(fill);
        try {
          expect(Object.values(errno)).toContain(call(name, ...args));
        } catch (error) {
          if (!(error instanceof ProgramExit)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a memory that is not there', () => {
  it.each(['args_get', 'fd_write', 'clock_res_get'])('%s: EFAULT', (name) => {
    const linked: ReadonlyMap<string, WasiFunction> = linkWasi(importing([[wasiModule, name, typeOf(name)]]), new TestHost());
    expect(linked.get(name)!.call(new Uint8Array(0), [1, 0, 1, 0])).toBe(errno.fault);
  });
});
