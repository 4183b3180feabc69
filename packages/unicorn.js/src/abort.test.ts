import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Unicorn } from './index.js';
import { base, cortexM4, rv32, thrownBy, uc } from './testing/machines.js';

// What ends a process that uses libunicorn itself: asserts, wild jumps, loops over every page of an address space. Here each
// is a refusal. The cases were found by scripts/misuse.mjs, which goes on with seeds of its own.

const open: Unicorn[] = [];
const opened = (arch: number, mode: number): Unicorn => {
  const engine = new uc.Unicorn(arch, mode);
  open.push(engine);
  return engine;
};
afterEach(() => {
  for (const engine of open.splice(0)) if (engine.errno() !== uc.ERR_HANDLE) engine.close();
});
const arm = (): Unicorn => opened(uc.ARCH_ARM, uc.MODE_THUMB);
const nothing = { read: () => 0, write: () => undefined };

describe('memory regions', () => {
  const page = 0x1000;
  const tooMany = 'Too many memory regions';
  it.each<[string, (engine: Unicorn, index: number) => void]>([
    [
      'mem_map, apart',
      (e, index) => {
        e.mem_map(0x10_0000 + 2 * index * page, page, uc.PROT_ALL);
      },
    ],
    [
      'mem_map, side by side',
      (e, index) => {
        e.mem_map(0x10_0000 + index * page, page, uc.PROT_ALL);
      },
    ],
    [
      'mem_map_native',
      (e, index) => {
        e.mem_map_native(0x10_0000 + index * page, page, uc.PROT_ALL);
      },
    ],
    [
      'mmio_map',
      (e, index) => {
        e.mmio_map(0x10_0000 + index * page, page, nothing);
      },
    ],
    [
      'mem_protect in the middle',
      (e, index) => {
        e.mem_protect(0x4000_0000 + (2 * index + 1) * page, page, uc.PROT_READ);
      },
    ],
    [
      'mem_unmap in the middle',
      (e, index) => {
        e.mem_unmap(0x4000_0000 + (2 * index + 1) * page, page);
      },
    ],
  ])('%s is refused where the library has no room for more, and goes on', (_name, call) => {
    const engine = arm();
    // No larger than its pieces need: the library copies what it splits.
    engine.mem_map(0x4000_0000, 0x0200_0000, uc.PROT_ALL);
    const thrown = thrownBy(() => {
      for (let index = 0; index < 2000; index++) call(engine, index);
    });
    expect(String(thrown)).toContain(tooMany);
    // A target page of Arm has 1,024 bytes.
    const regions = engine.mem_regions();
    expect(regions.length).toBeGreaterThan(1020);
    const code = BigInt(0x4000_0000 + 4 * page);
    const { begin, end } = regions.find((region) => code < region.begin || code > region.end)!;
    engine.mem_unmap(begin, end - begin + 1n);
    engine.mem_write(0x4000_0000 + 4 * page, [0x01, 0x30]); // adds r0, #1
    engine.emu_start(0x4000_0001 + 4 * page, 0x4000_0002 + 4 * page);
    expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(1);
  });
  it('larger than 4 GiB are refused: the library visits every page', () => {
    const engine = arm();
    for (const map of [
      () => {
        engine.mmio_map(0, 2n ** 63n, nothing);
      },
      () => {
        engine.mem_map(0, 2 ** 33, 7);
      },
      () => engine.mem_map_native(0, 2 ** 33, 7),
    ]) {
      expect(map).toThrow('larger than 4 GiB');
    }
  });
});

describe('inside a device', () => {
  const changes: [string, (engine: Unicorn) => unknown][] = [
    [
      'mem_map',
      (e) => {
        e.mem_map(0x9000, 0x1000, 7);
      },
    ],
    ['mem_map_native', (e) => e.mem_map_native(0x9000, 0x1000, 7)],
    [
      'mmio_map',
      (e) => {
        e.mmio_map(0x9000, 0x1000, nothing);
      },
    ],
    [
      'mem_protect',
      (e) => {
        e.mem_protect(base, 0x1000, 7);
      },
    ],
    [
      'mem_unmap',
      (e) => {
        e.mem_unmap(base, 0x1000);
      },
    ],
    [
      'mem_write to read-only memory',
      (e) => {
        e.mem_write(0x2800_0ff0, new Uint8Array(32));
      },
    ],
    [
      'close',
      (e) => {
        e.close();
      },
    ],
    [
      'emu_start',
      (e) => {
        e.emu_start(base | 1, base + 2);
      },
    ],
    ['run', (e) => e.run({ pc: base, budget: 1 })],
  ];
  const access: [string, (engine: Unicorn) => unknown][] = [
    ['the host reads', (e) => e.mem_read(0x4000_0000, 64)],
    [
      'the host writes',
      (e) => {
        e.mem_write(0x4000_0000, new Uint8Array(64));
      },
    ],
    ['the guest reads', (e) => e.run({ pc: base, budget: 1 })],
  ];
  it.each(access.flatMap(([who, start]) => changes.map(([name, change]) => [name, who, change, start] as const)))(
    '%s is refused while %s',
    (_name, _who, change, start) => {
      const m = cortexM4();
      open.push(m.engine);
      m.code(base, 0x680a); // ldr r2, [r1]
      m.engine.reg_write_i32(uc.ARM_REG_R0 + 1, 0x4000_0000);
      const attempt = (): number => {
        change(m.engine);
        return 0;
      };
      m.engine.mem_map(0x2800_0000, 0x1000, uc.PROT_ALL);
      m.engine.mem_map(0x2800_1000, 0x1000, uc.PROT_READ);
      m.engine.mem_map(0x2800_2000, 0x1000, uc.PROT_ALL);
      m.engine.mmio_map(0x4000_0000, 0x1000, { read: attempt, write: attempt });
      expect(() => start(m.engine)).toThrow(/cannot change while a device|The engine is running/);
    },
  );
});

describe('a fresh CPU', () => {
  it.each([
    // beq over a nop
    ['m68k', uc.ARCH_M68K, uc.MODE_BIG_ENDIAN, [0x67, 0x02, 0x4e, 0x71, 0x4e, 0x71], 6],
    // be .+16, and a nop in its delay slot
    ['SPARC', uc.ARCH_SPARC, uc.MODE_SPARC32 | uc.MODE_BIG_ENDIAN, [0x02, 0x80, 0, 4, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], 16],
  ])('%s has flags to branch by', (_name, arch, mode, code, length) => {
    const engine = opened(arch, mode);
    let seen = 0;
    engine.mem_map(0x1000, 0x1000, uc.PROT_ALL);
    engine.mem_write(0x1000, code);
    engine.hook_add(uc.HOOK_CODE, (_e: Unicorn, address: bigint) => {
      seen += 1;
      expect(address).toBeGreaterThanOrEqual(0x1000n);
    });
    engine.emu_start(0x1000, 0x1000 + length, 0, 10);
    expect(seen).toBeGreaterThan(1);
    expect(engine.mem_regions()).toHaveLength(1);
  });
});

describe('a program counter', () => {
  it('of SPARC is aligned', () => {
    const engine = opened(uc.ARCH_SPARC, uc.MODE_SPARC32 | uc.MODE_BIG_ENDIAN);
    engine.mem_map(0x1000, 0x1000, uc.PROT_ALL);
    for (const start of [
      () => {
        engine.emu_start(0x1001, 0x1010);
      },
      () => {
        engine.reg_write_i32(uc.SPARC_REG_PC, 0x1002);
      },
    ]) {
      expect(start).toThrow('not aligned');
    }
  });
  it('to translate from lies in executable pages', () => {
    const { engine } = rv32();
    open.push(engine);
    engine.mem_map(0x1000, 0x1000, uc.PROT_READ);
    engine.mem_map(0x2000, 0x1000, uc.PROT_ALL);
    for (const address of [0x1000, 0x2000, 0x9000]) {
      expect(() => engine.ctl_request_cache(address)).toThrow('UC_ERR_FETCH_UNMAPPED');
    }
    engine.mem_map(0x1_0000_0000, 0x2000, uc.PROT_ALL);
    expect(() => engine.ctl_request_cache(0x1_0000_0000)).toThrow('UC_ERR_ARG');
  });
});

describe('a saved context', () => {
  it("takes a program counter, which is the engine's after it is restored", () => {
    const m = cortexM4();
    const { engine } = m;
    open.push(engine);
    m.code(base, 0x3001, 0x3001);
    const context = engine.context_alloc();
    engine.reg_write_i32(uc.ARM_REG_PC, base | 1);
    engine.context_save(context);
    engine.context_reg_write_i32(context, uc.ARM_REG_PC, (base + 2) | 1);
    engine.context_reg_write_i32(context, uc.ARM_REG_R0, 41);
    expect(engine.reg_read_i32(uc.ARM_REG_PC)).toBe(base);
    expect([engine.context_reg_read_i32(context, uc.ARM_REG_PC), engine.context_reg_read_i32(context, uc.ARM_REG_R0)]).toEqual([base + 2, 41]);
    engine.context_restore(context);
    expect(engine.reg_read_i32(uc.ARM_REG_PC)).toBe(base + 2);
  });

  it('takes no bytes that have pointers of another state, and none for its header', () => {
    const contextOf = ({ engine }: Pick<ReturnType<typeof cortexM4>, 'engine'>) => {
      open.push(engine);
      const context = engine.context_alloc();
      engine.context_save(context);
      return { engine, context, bytes: engine.context_bytes(context) };
    };
    const [one, other] = [contextOf(cortexM4()), contextOf(cortexM4())];
    const patch = (offset: number, bytes: Uint8Array) => () => {
      one.engine.context_patch(one.context, offset, bytes);
    };
    const refusal = "A saved context's pointers belong to the state that it was saved from";
    // Its own are no change.
    patch(0, one.bytes)();
    const pointer = one.bytes.findIndex((byte, at) => at >= 16 && byte !== other.bytes[at]) & ~7;
    expect(pointer).toBeGreaterThan(0);
    expect(patch(0, other.bytes)).toThrow(refusal);
    for (let at = pointer; at < pointer + 8; at++) expect(patch(at, Uint8Array.of(~one.bytes[at]!))).toThrow(refusal);
    expect(patch(pointer, new Uint8Array(8))).toThrow(refusal);
    expect(patch(0, Uint8Array.of(~one.bytes[0]!))).toThrow(refusal);
    expect(one.engine.context_bytes(one.context)).toEqual(one.bytes);
    one.engine.context_restore(one.context);
  });
});

const script = fileURLToPath(new URL('../scripts/misuse.mjs', import.meta.url));
const seed = process.env['MISUSE_SEED'] ?? '1';
const cases = process.env['MISUSE_CASES'] ?? '20';

/** Runs `count` cases and goes on behind one that ended the process; what was asked for last in each of those. */
async function failures(first: number, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let next = first; next < first + count;) {
    const child = spawn(process.execPath, [script, String(next), String(first + count - next)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    // Two minutes without a word is a hang.
    const hang = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.stdout.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4096);
      hang.refresh();
    });
    child.stderr.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-4096);
    });
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (code, by) => resolve([code, by])));
    clearTimeout(hang);
    if (status === 0) return found;
    const last = output.trim().split('\n').at(-1) ?? '';
    found.push(`${last} | ${signal ?? `status ${status}`} | ${complaint.trim().split('\n')[0]}`);
    next = Number.parseInt(last, 10) + 1;
    if (Number.isNaN(next)) return found;
  }
  return found;
}

describe('random misuse', () => {
  it(
    `of ${cases} machines from seed ${seed} on ends no process`,
    async () => {
      expect(await failures(Number(seed), Number(cases))).toEqual([]);
    },
    4 * 3_600_000,
  );
  it('is repeated by its seed', () => {
    const lines = (): string => spawnSync(process.execPath, [script, '7', '1', '20'], { encoding: 'utf8' }).stdout;
    expect(lines()).toBe(lines());
  });
});
