import { constants } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeModule } from '../decoder.js';
import { LinkError } from '../linking.js';
import type { WasmModule } from '../module.js';
import { buildModule, leb } from '../testing/module-builder.js';
import type { ValueType } from '../types.js';
import { ProgramExit } from './call.js';
import { errno, errnoOfCode } from './errno.js';
import { ConsoleError, type WasiHost } from './host.js';
import { seededBytes } from './random.js';
import { linkWasi, wasiFunctionTypes, type WasiFunction } from './wasi.js';

const wasiModule = 'wasi_snapshot_preview1';

/** Parameters of the interface's functions, from wasi_snapshot_preview1.witx: i = i32, I = i64. */
const signatures: Readonly<Record<string, string>> = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_dir_name: 'iii',
  fd_prestat_get: 'ii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
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
  readonly folders: WasiHost['folders'] = [];
  readonly random = seededBytes(1);
  missing(name: string): void {
    this.said.push(name);
  }
}

const size = 4096;

/** The functions by name. */
function link(entries: readonly (readonly [module: string, name: string, type: Type])[], host: WasiHost): ReadonlyMap<string, WasiFunction> {
  return byName(importing(entries), host);
}

function byName(module: WasmModule, host: WasiHost): ReadonlyMap<string, WasiFunction> {
  return new Map([...linkWasi(module, host)].map(([{ name }, callee]) => [name, callee]));
}

/** Modules that import everything, by what they import it from. */
const importingAll = new Map([wasiModule, 'wasi_unstable'].map((from) => [from, importing(Object.keys(signatures).map((name) => [from, name, typeOf(name)]))]));

/** A linked program whose calls can be made by hand. */
function program(from = wasiModule) {
  const host = new TestHost();
  const linked = byName(importingAll.get(from)!, host);
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
    expect([...wasiFunctionTypes.keys()].sort()).toEqual(Object.keys(signatures).sort());
  });

  it.each<readonly [string, string, string, Type]>([
    ['another module', 'env', 'fd_close', [['i32'], ['i32']]],
    ['another type in the older namespace', 'wasi_unstable', 'fd_close', [['i64'], ['i32']]],
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
    const linked = link(
      [
        [wasiModule, 'path_openat', type],
        [wasiModule, 'proc_raised', [['i32'], []]],
      ],
      host,
    );
    const call = (name: string): number | undefined => linked.get(name)!.call(new Uint8Array(0), [1, 2n]);
    expect([call('path_openat'), call('path_openat'), call('proc_raised')]).toEqual([errno.nosys, errno.nosys, undefined]);
    expect(host.said).toEqual(['path_openat', 'proc_raised']);
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

  it('reads what is there into all buffers, until the end', () => {
    const { call, memory, vectors, view } = program();
    vectors(0, [200, 0], [200, 3], [300, 1]);
    const read = (): (number | undefined)[] => [call('fd_read', 0, 0, 3, 64), view.getUint32(64, true), memory[300]];
    expect([read(), [...memory.subarray(200, 204)]]).toEqual([
      [errno.success, 4, 4],
      [1, 2, 3, 0xee],
    ]);
    expect([read(), [...memory.subarray(200, 204)]]).toEqual([
      [errno.success, 1, 4],
      [5, 2, 3, 0xee],
    ]);
    expect(read()).toEqual([errno.success, 0, 4]);
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
    const linked = link([[wasiModule, 'fd_write', typeOf('fd_write')]], host);
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
    const { call, memory, view } = program();
    expect(call('fd_fdstat_get', fd, 64)).toBe(errno.success);
    const changeable = 0x8 + (1 << 21) + (1 << 27);
    expect(view.getUint32(72, true)).toBe(right + changeable);
    expect([...memory.subarray(64, 72), ...memory.subarray(76, 89)]).toEqual([2, ...Array.from({ length: 19 }, () => 0), 0xee]);
    expect(call('fd_filestat_get', fd, 64)).toBe(errno.success);
    expect(memory[80]).toBe(2);
  });
});

describe('clocks, random numbers, the end', () => {
  const now = (guest: ReturnType<typeof program>, id: number): bigint => {
    expect(guest.call('clock_time_get', id, 0n, 8)).toBe(errno.success);
    return guest.view.getBigUint64(8, true);
  };
  const [realtime, monotonic, cputime, threadtime] = [0, 1, 2, 3];
  const millisecond = 1_000_000n;

  it('every program starts at the same time, and looking takes a step', () => {
    const guest = program();
    expect([now(guest, realtime), now(guest, monotonic), now(guest, cputime), now(guest, threadtime)]).toEqual([
      BigInt(Date.UTC(2025, 0, 1)) * millisecond + millisecond,
      2n * millisecond,
      3n * millisecond,
      4n * millisecond,
    ]);
    expect([guest.call('clock_res_get', 1, 16), guest.view.getBigUint64(16, true), guest.call('sched_yield')]).toEqual([0, millisecond, 0]);
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

  it.each([
    ['none', 0, errno.success],
    ['pipe is ignored', 13, errno.success],
    ['continuing what runs', 17, errno.success],
    ['stop: nobody would let it go on', 18, errno.notsup],
    ['no signal', 31, errno.inval],
    ['no signal', -1, errno.inval],
  ])('proc_raise: %s', (_, signal, expected) => {
    expect(program().call('proc_raise', signal)).toBe(expected);
  });

  it.each([
    [6, 134],
    [9, 137],
    [15, 143],
    [30, 158],
  ])('proc_raise(%d) ends the program as a shell says', (signal, code) => {
    expect(() => program().call('proc_raise', signal)).toThrow(new ProgramExit(code));
  });

  it.each(['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown'])('%s: there are no sockets', (name) => {
    const { call } = program();
    const rest = [...signatures[name]!].slice(1).map(() => 0);
    expect([call(name, 1, ...rest), call(name, 9, ...rest)]).toEqual([errno.notsock, errno.badf]);
  });

  describe.each([
    { from: wasiModule, size: 48, clock: 16, timeout: 24, flags: 40 },
    { from: 'wasi_unstable', size: 56, clock: 24, timeout: 32, flags: 48 },
  ])('poll_oneoff of $from', ({ from, size: subscriptionSize, clock, timeout, flags }) => {
    type Wish = { readonly clock: number; readonly timeout: bigint; readonly absolute?: true } | { readonly read: number } | { readonly write: number };
    interface Event {
      readonly user: number;
      readonly error: number | undefined;
      readonly type: number | undefined;
    }

    function poll(guest: ReturnType<typeof program>, ...wishes: readonly Wish[]): readonly Event[] | number | undefined {
      const { call, view, memory } = guest;
      memory.fill(0, 1024, 3072);
      wishes.forEach((wish, index) => {
        const at = 1024 + index * subscriptionSize;
        view.setBigUint64(at, BigInt(index), true);
        view.setUint8(at + 8, 'clock' in wish ? 0 : 'read' in wish ? 1 : 2);
        if ('clock' in wish) {
          view.setUint32(at + clock, wish.clock, true);
          view.setBigUint64(at + timeout, wish.timeout, true);
          view.setUint16(at + flags, wish.absolute === true ? 1 : 0, true);
        } else {
          view.setUint32(at + 16, 'read' in wish ? wish.read : wish.write, true);
        }
      });
      // Over the subscriptions, which a program may do.
      const result = call('poll_oneoff', 1024, 1024, wishes.length, 512);
      if (result !== errno.success) return result;
      return Array.from({ length: view.getUint32(512, true) }, (_, index) => {
        const at = 1024 + index * 32;
        return { user: Number(view.getBigUint64(at, true)), error: view.getUint16(at + 8, true), type: memory[at + 10] };
      });
    }

    const second = 1000n * millisecond;
    it('a sleep ends at once, and its time has passed, but not as time of work', () => {
      const guest = program(from);
      const before = now(guest, monotonic);
      expect(poll(guest, { clock: monotonic, timeout: 5n * second })).toEqual([{ user: 0, error: 0, type: 0 }]);
      expect(now(guest, monotonic) - before).toBe(5n * second + millisecond);
      expect(now(guest, cputime)).toBe(3n * millisecond);
    });

    it('the first deadline of several ends it, with all that are reached', () => {
      const guest = program(from);
      const start = now(guest, realtime);
      const wishes: Wish[] = [
        { clock: monotonic, timeout: 3n * second },
        { clock: realtime, timeout: start + second, absolute: true },
        { clock: monotonic, timeout: second },
      ];
      expect(poll(guest, ...wishes)).toEqual([
        { user: 1, error: 0, type: 0 },
        { user: 2, error: 0, type: 0 },
      ]);
    });

    it('a deadline that is over takes no time', () => {
      const guest = program(from);
      const start = now(guest, realtime);
      expect(poll(guest, { clock: realtime, timeout: 5n, absolute: true }, { clock: monotonic, timeout: second })).toHaveLength(1);
      expect(now(guest, realtime) - start).toBe(millisecond);
    });

    it('the console is ready at once; what is wrong is an event of its own', () => {
      const guest = program(from);
      const wishes: Wish[] = [
        { read: 0 },
        { write: 1 },
        { write: 0 },
        { read: 7 },
        { clock: monotonic, timeout: second },
        { clock: 9, timeout: 0n },
        { clock: cputime, timeout: 0n },
      ];
      expect(poll(guest, ...wishes)).toEqual([
        { user: 0, error: errno.success, type: 1 },
        { user: 1, error: errno.success, type: 2 },
        { user: 2, error: errno.badf, type: 2 },
        { user: 3, error: errno.badf, type: 1 },
        { user: 5, error: errno.inval, type: 0 },
        { user: 6, error: errno.notsup, type: 0 },
      ]);
    });

    it('the longest sleep ends, and clocks stay at their end', () => {
      const guest = program(from);
      const end = 2n ** 64n - 1n;
      expect(poll(guest, { clock: realtime, timeout: end })).toHaveLength(1);
      expect(poll(guest, { clock: monotonic, timeout: end })).toHaveLength(1);
      expect([now(guest, realtime), now(guest, monotonic)]).toEqual([end, end]);
    });

    it.each<[string, readonly number[], number]>([
      ['no subscriptions', [1024, 2048, 0, 512], errno.inval],
      ['subscriptions outside', [size - subscriptionSize + 1, 2048, 1, 512], errno.fault],
      ['events outside', [1024, size - 31, 1, 512], errno.fault],
      ['more than memory holds', [1024, 2048, -1, 512], errno.fault],
    ])('%s', (_, args, expected) => {
      expect(program(from).call('poll_oneoff', ...args)).toBe(expected);
    });
  });
});

describe('system errors', () => {
  it.each([
    ['ENOENT', 'noent'],
    ['E2BIG', '2big'],
    ['EWOULDBLOCK', 'again'],
    ['EOPNOTSUPP', 'notsup'],
    ['EDQUOT', 'dquot'],
    ['ENOTCAPABLE', 'notcapable'],
    ['UNKNOWN', 'io'],
    [undefined, 'io'],
  ])('%s is %s', (code, expected) => {
    expect(errnoOfCode(code)).toBe(expected);
  });

  it('every error of this system but those without a number in WASI is known', () => {
    const unknown = Object.keys(constants.errno).filter((code) => errnoOfCode(code) === 'io' && code !== 'EIO');
    // STREAMS, which no file has.
    expect(unknown).toEqual(['ENODATA', 'ENOSR', 'ENOSTR', 'ETIME']);
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
    ['fd_filestat_get', [0, size - 63]],
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
    const linked = link([[wasiModule, name, typeOf(name)]], new TestHost());
    expect(linked.get(name)!.call(new Uint8Array(0), [1, 0, 1, 0])).toBe(errno.fault);
  });
});
