import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Unicorn } from './index.js';
import { base, branchToSelf, cortexM4, thrownBy, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

let m: Machine;
beforeEach(() => {
  m = cortexM4();
  // ldr r2, [r1]; nop; nop; ..
  m.code(base, 0x680a, ...Array<number>(30).fill(nop), branchToSelf);
  m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, base);
});
afterEach(() => {
  if (m.engine.errno() !== uc.ERR_HANDLE) m.engine.close();
});

const nop = 0xbf00;
const running = 'The engine is running';
const modes: [string, (engine: Unicorn) => void][] = [
  ['run', (engine) => engine.run({ pc: base, budget: 20 })],
  [
    'emu_start',
    (engine) => {
      engine.emu_start(base | 1, base + 40);
    },
  ],
];

/** Every method that touches the library. */
const calls: [string, (engine: Unicorn) => unknown][] = [
  ['reg_read_i32', (e) => e.reg_read_i32(uc.ARM_REG_R0)],
  [
    'reg_write_i64',
    (e) => {
      e.reg_write_i64(uc.ARM_REG_D0, 1n);
    },
  ],
  ['reg_read', (e) => e.reg_read(uc.ARM_REG_R0, 4)],
  [
    'mem_map',
    (e) => {
      e.mem_map(0x1000, 0x1000, 7);
    },
  ],
  ['mem_map_native', (e) => e.mem_map_native(0x1000, 0x1000, 7)],
  ['reuse.renew', (e) => e.reuse.renew(base, 0x1_0000)],
  ['reuse.recycle', (e) => e.reuse.recycle()],
  [
    'mem_map_ptr',
    (e) => {
      e.mem_map_ptr(0x1000, 0x400, 7, m.ram.buffer as ArrayBuffer);
    },
  ],
  [
    'mem_unmap',
    (e) => {
      e.mem_unmap(base, 0x400);
    },
  ],
  [
    'mem_protect',
    (e) => {
      e.mem_protect(base, 0x400, 7);
    },
  ],
  ['mem_read', (e) => e.mem_read(base, 1)],
  [
    'mem_write',
    (e) => {
      e.mem_write(base, [1]);
    },
  ],
  ['mem_regions', (e) => e.mem_regions()],
  [
    'mmio_map',
    (e) => {
      e.mmio_map(0x1000, 0x1000, { read: () => 0, write: () => undefined });
    },
  ],
  ['hook_add', (e) => e.hook_add(uc.HOOK_CODE, () => undefined)],
  [
    'hook_del',
    (e) => {
      e.hook_del({ id: 1 });
    },
  ],
  [
    'emu_start',
    (e) => {
      e.emu_start(base | 1, 0, 0, 1);
    },
  ],
  [
    'emu_stop',
    (e) => {
      e.emu_stop();
    },
  ],
  ['run', (e) => e.run({ pc: base, budget: 1 })],
  [
    'run_limit',
    (e) => {
      e.run_limit(0);
    },
  ],
  [
    'count_range',
    (e) => {
      e.count_range(0, 1);
    },
  ],
  ['cover_range', (e) => e.cover_range(0, 1)],
  ['trace_runs', (e) => e.trace_runs(1)],
  [
    'context_save',
    (e) => {
      e.context_save(e.context_alloc());
    },
  ],
  [
    'context_restore',
    (e) => {
      e.context_restore(e.context_alloc());
    },
  ],
  ['query_i32', (e) => e.query_i32(uc.QUERY_ARCH)],
  ['ctl_get_cpu_model', (e) => e.ctl_get_cpu_model()],
  [
    'ctl_set_cpu_model',
    (e) => {
      e.ctl_set_cpu_model(9);
    },
  ],
  [
    'ctl_remove_cache',
    (e) => {
      e.ctl_remove_cache(0, 1);
    },
  ],
  [
    'close',
    (e) => {
      e.close();
    },
  ],
];

describe('a closed engine', () => {
  it.each(calls)('refuses %s', (_name, call) => {
    m.engine.close();
    expect(() => call(m.engine)).toThrow('UC_ERR_HANDLE');
    expect(m.engine.errno()).toBe(uc.ERR_HANDLE);
  });
  it('detaches the buffers of its memory', () => {
    const coverage = m.engine.cover_range(base, base + 64);
    m.engine.close();
    expect([m.ram.length, coverage.length]).toEqual([0, 0]);
  });
  it.each(['first', 'second'])('leaves a buffer that another maps too, until that is closed: the %s is closed first', (first) => {
    const other = cortexM4();
    other.engine.mem_map_ptr(0x1000_0000, 0x1000, uc.PROT_ALL, m.ram.buffer as ArrayBuffer);
    const [closed, left] = first === 'first' ? [m.engine, other.engine] : [other.engine, m.engine];
    closed.close();
    m.ram[3] = 77;
    expect(left.mem_read((left === m.engine ? base : 0x1000_0000) + 3, 1)[0]).toBe(77);
    left.close();
    expect(m.ram.length).toBe(0);
  });
});

describe.each(modes)('inside a hook of %s', (_mode, start) => {
  const inHook = (action: () => unknown): void => {
    let calls = 0;
    const hook = m.engine.hook_add(uc.HOOK_CODE, () => {
      if (++calls === 4) action();
    });
    try {
      start(m.engine);
    } finally {
      m.engine.hook_del(hook);
    }
  };
  afterEach(() => {
    expect(m.engine.run({ pc: base, budget: 20 }).executed).toBe(20);
  });

  const refused = ['mem_unmap', 'emu_start', 'run', 'close', 'context_restore', 'trace_runs', 'reuse.renew', 'reuse.recycle'];
  it.each(calls.filter(([name]) => refused.includes(name)))('%s is refused', (_name, call) => {
    expect(() => {
      inHook(() => call(m.engine));
    }).toThrow(running);
  });
  it.each(calls.filter(([name]) => ![...refused, 'hook_del', 'ctl_set_cpu_model'].includes(name)))('%s is possible', (name, call) => {
    inHook(() => {
      call(m.engine);
      // Put back what the call to be tried has overwritten.
      if (name === 'mem_write') m.engine.mem_write(base, [0x0a]);
    });
  });
  it.each<[string, unknown]>([
    ['an error', new RangeError('mine')],
    ['a string', 'mine'],
    ['undefined', undefined],
  ])('%s thrown surfaces from the run', (_name, thrown) => {
    const seen = thrownBy(() => {
      inHook(() => {
        throw thrown as Error;
      });
    });
    expect(seen).toBe(thrown);
  });
  it('deleting the hook that runs is possible', () => {
    let calls = 0;
    const hook = m.engine.hook_add(uc.HOOK_CODE, () => {
      calls++;
      m.engine.hook_del(hook);
    });
    start(m.engine);
    expect(calls).toBe(1);
  });
  it('an exception of a nested host access can be caught', () => {
    m.engine.mmio_map(0x4000_0000, 0x400, {
      read() {
        throw new Error('device');
      },
      write: () => undefined,
    });
    const messages: unknown[] = [];
    inHook(() => {
      messages.push(thrownBy(() => m.engine.mem_read(0x4000_0000, 4)));
    });
    expect(messages).toEqual([expect.objectContaining({ message: 'device' })]);
  });
  it('an exception in a device surfaces from the run', () => {
    m.engine.mmio_map(0x4000_0000, 0x400, {
      read() {
        throw new Error('device');
      },
      write: () => undefined,
    });
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, 0x4000_0000);
    expect(() => {
      start(m.engine);
    }).toThrow('device');
    m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, base);
  });
});

describe('garbage', () => {
  const garbage: unknown[] = [undefined, null, 'x', {}, [], Number.NaN, 1.5, -1, 2n ** 64n, -1n, () => 0];
  /** The engine without its types, as JavaScript sees it. */
  const untyped = (): Record<string, (...args: unknown[]) => unknown> => m.engine as unknown as Record<string, (...args: unknown[]) => unknown>;
  const methods = [
    'reg_read_i32',
    'reg_write',
    'mem_map',
    'mem_map_native',
    'mem_map_ptr',
    'mem_unmap',
    'mem_protect',
    'mem_read',
    'mem_write',
    'mmio_map',
    'hook_add',
    'hook_del',
    'emu_start',
    'run',
    'run_limit',
    'count_range',
    'cover_range',
    'trace_runs',
    'context_save',
    'context_restore',
    'context_free',
    'query_i32',
    'ctl_set_cpu_model',
    'ctl_remove_cache',
  ];
  it.each(methods)('%s throws or ignores it', (name) => {
    for (const first of garbage) {
      for (const second of garbage) {
        try {
          untyped()[name]?.(first, second, first);
        } catch (error) {
          expect(String(error)).toMatch(/Error|Unicorn\.js/);
        }
      }
    }
    expect(m.engine.run({ pc: base, budget: 20 }).executed).toBe(20);
  });
  it.each([-1, 139, 99_999, 2 ** 31 - 1, -(2 ** 31)])('register %i is harmless', (id) => {
    try {
      m.engine.reg_write_i32(id, 1);
      m.engine.reg_read_i32(id);
    } catch (error) {
      expect(String(error)).toContain('UC_ERR_ARG');
    }
  });
  it('objects that are no engines, buffers or contexts are refused', () => {
    const other = cortexM4();
    const context = other.engine.context_alloc();
    other.engine.context_save(context);
    expect(() => {
      m.engine.context_restore(context);
    }).toThrow('UC_ERR_ARG');
    expect(() => {
      m.engine.context_save({} as typeof context);
    }).toThrow('not an object of this library');
    expect(() => {
      m.engine.mem_map_ptr(0x1000, 0x1000, 7, new ArrayBuffer(0x1000));
    }).toThrow('must come from mem_map_native');
    expect(() => {
      m.engine.mem_map_ptr(0x1000, 0x1000, 7, m.ram.buffer as ArrayBuffer, 0x1_0000);
    }).toThrow('UC_ERR_ARG');
    other.engine.close();
  });
  it.each([
    ['architecture', 77, 0, 'UC_ERR_ARCH'],
    ['mode', uc.ARCH_ARM, 0x7fff_ffff, 'UC_ERR_MODE'],
  ])('an unknown %s is refused', (_name, arch, mode, code) => {
    expect(() => new uc.Unicorn(arch, mode)).toThrow(code);
  });
  it('run is for 32-bit Arm and RISC-V', () => {
    const x86 = new uc.Unicorn(uc.ARCH_X86, uc.MODE_32);
    expect(() => x86.run({ pc: 0, budget: 1 })).toThrow('UC_ERR_ARCH');
    x86.close();
  });
  it('a result of a device that is no number is refused', () => {
    m.engine.mmio_map(0x4000_0000, 0x400, {
      read: () => Symbol('no number') as unknown as number,
      write: () => undefined,
    });
    expect(() => m.engine.mem_read(0x4000_0000, 4)).toThrow('Symbol');
  });
});
