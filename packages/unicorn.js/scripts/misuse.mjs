// Misuses unicorn.js at random, in the process that it runs in: `node misuse.mjs SEED CASES [STEPS]`. The process
// must end with status 0, whatever is asked of the library. Every call is written to stdout before it is made, so that
// the last line names the one that ended the process: a case is repeated by its own seed and a count of 1.
import { writeSync } from 'node:fs';
import { UnicornError, loadUnicorn } from '../dist/index.js';

const uc = loadUnicorn();
const [firstSeed, cases, steps = 60] = process.argv.slice(2).map(Number);

/** Architecture, mode, and what runs for ever there. */
const guests = [
  ['ARM', uc.MODE_THUMB],
  ['ARM', uc.MODE_ARM],
  ['ARM', uc.MODE_THUMB | uc.MODE_MCLASS],
  ['ARM', uc.MODE_ARM | uc.MODE_BIG_ENDIAN],
  ['RISCV', uc.MODE_RISCV32],
  ['RISCV', uc.MODE_RISCV64],
  ['ARM64', uc.MODE_ARM],
  ['X86', uc.MODE_16],
  ['X86', uc.MODE_32],
  ['X86', uc.MODE_64],
  ['MIPS', uc.MODE_MIPS32],
  ['MIPS', uc.MODE_MIPS64 | uc.MODE_BIG_ENDIAN],
  ['PPC', uc.MODE_PPC32 | uc.MODE_BIG_ENDIAN],
  ['PPC', uc.MODE_PPC64 | uc.MODE_BIG_ENDIAN],
  ['SPARC', uc.MODE_SPARC32 | uc.MODE_BIG_ENDIAN],
  ['M68K', uc.MODE_BIG_ENDIAN],
  ['S390X', uc.MODE_BIG_ENDIAN],
  ['TRICORE', uc.MODE_LITTLE_ENDIAN],
].filter(([arch]) => uc.arch_supported(uc[`ARCH_${arch}`]));

/** xorshift32. */
function randomOf(seed) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

class Case {
  constructor(seed) {
    this.seed = seed;
    this.random = randomOf(seed);
    this.engines = [];
    this.contexts = [];
    this.hooks = [];
    this.buffers = [];
    this.depth = 0;
  }

  pick(list) {
    return list[this.random(list.length)];
  }

  say(text) {
    writeSync(1, `${this.seed}: ${'  '.repeat(this.depth)}${text}\n`);
  }

  open() {
    const [arch, mode] = this.pick(guests);
    const odd = this.random(20) === 0;
    const anyMode = odd ? this.pick([0, 1, 2, 4, 8, 16, 64, 0x40000000, -1, 0x7fffffff, mode | 8]) : mode;
    this.say(`open ${arch} ${anyMode}`);
    const engine = new uc.Unicorn(uc[`ARCH_${arch}`], anyMode);
    this.engines.push(engine);
    this.buffers.push(engine);
  }

  address() {
    const { random } = this;
    const page = this.pick([0x1000, 0x2000, 0x3000, 0x10000, 0x2000_0000, 0xffff_f000, 0x400, 0, 0xe000_e000, 0xffff_ffff]);
    switch (random(8)) {
      case 0:
        return page + random(0x2000);
      case 1:
        return this.pick([2n ** 64n - 0x1000n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 32n, 2n ** 40n, 2n ** 52n, 0x7fff_ffff_f000n]);
      default:
        return page + 0x1000 * random(4);
    }
  }

  size() {
    return this.pick([
      0,
      1,
      2,
      0x400,
      0x1000,
      0x1000,
      0x2000,
      0x3000,
      0x4000,
      0x10000,
      0xfff,
      2 ** 32,
      2 ** 33,
      2n ** 63n,
      2n ** 64n - 0x1000n,
      2n ** 64n - 1n,
    ]);
  }

  small() {
    return this.pick([0, 1, 2, 3, 4, 8, 0x400, 0x1000, 0x2001]);
  }

  number() {
    return this.random(3) === 0 ? this.pick([-1, 0, 1, 0x7fff_ffff, -0x8000_0000, 1000, 255, 256, 512]) : this.random(300);
  }

  value() {
    const low = BigInt(this.random(2 ** 32));
    return this.pick([0n, -1n, 1n, low, (low << 32n) | low, 0x3000n, 0x1001n, 0x2000_0000n, 1n << 63n]);
  }

  /** Instructions: random bytes, small ones, and what is often an instruction. */
  code() {
    const length = 4 * (1 + this.random(16));
    const style = this.random(3);
    return Uint8Array.from({ length }, (_, index) =>
      style === 0 ? this.random(256) : style === 1 ? this.random(2) * this.random(256) : [0x00, 0xbf, 0x13, 0x90][index & 3],
    );
  }

  perms() {
    return this.pick([7, 7, 7, 5, 3, 1, 0, 2, 4, 6, 8, -1, 255]);
  }

  /** Called by the library, with the guest on the stack. */
  callback(name, result) {
    return () => {
      if (this.depth > 2 || this.calls++ > 12) {
        for (const engine of this.engines) this.attempt('emu_stop', () => engine.emu_stop());
        return result;
      }
      this.depth++;
      this.say(`in ${name}`);
      try {
        if (this.random(30) === 0) throw new Error('thrown in a callback');
        for (let count = this.random(3); count > 0; count--) this.step();
      } finally {
        this.depth--;
      }
      return this.random(4) === 0 ? this.pick([true, undefined, -1, 2n ** 64n, 'x', 1.5, {}, Symbol('x')]) : result;
    };
  }

  attempt(text, action) {
    this.say(text);
    try {
      return action();
    } catch (error) {
      if (
        error instanceof UnicornError ||
        error instanceof TypeError ||
        error instanceof RangeError ||
        error instanceof SyntaxError ||
        /^thrown in/.test(error?.message)
      )
        return undefined;
      throw error;
    }
  }

  step() {
    const engine = this.pick(this.engines);
    const actions = Case.actions;
    const name = this.pick(actions);
    this[name](engine);
  }

  mem_map(e) {
    const args = [this.address(), this.size(), this.perms()];
    this.attempt(`mem_map ${args}`, () => e.mem_map(...args));
  }
  mem_map_many(e) {
    if (this.random(40) !== 0) return;
    const [count, size] = [1200 + this.random(200), this.pick([0x1000, 0x400])];
    this.attempt(`mem_map ${count} of ${size}`, () => {
      for (let index = 0; index < count; index++) e.mem_map(0x100_0000 + 2 * index * size, size, 7);
    });
  }
  mem_map_native(e) {
    const args = [this.address(), this.size(), this.perms()];
    const buffer = this.attempt(`mem_map_native ${args}`, () => e.mem_map_native(...args));
    if (buffer !== undefined) this.buffers.push(buffer);
  }
  mem_map_ptr(e) {
    const args = [this.address(), this.size(), this.perms(), this.pick(this.buffers), this.pick([0, 0, 1, 0x1000, 0x400, 2n ** 64n - 1n])];
    this.attempt(`mem_map_ptr ${args.map(String)}`, () => e.mem_map_ptr(...args));
  }
  mem_unmap(e) {
    const args = [this.address(), this.size()];
    this.attempt(`mem_unmap ${args}`, () => e.mem_unmap(...args));
  }
  mem_protect(e) {
    const args = [this.address(), this.size(), this.perms()];
    this.attempt(`mem_protect ${args}`, () => e.mem_protect(...args));
  }
  mem_read(e) {
    const args = [this.address(), this.small()];
    this.attempt(`mem_read ${args}`, () => e.mem_read(...args));
  }
  mem_write(e) {
    const args = [this.address(), this.code()];
    this.attempt(`mem_write ${args}`, () => e.mem_write(...args));
  }
  mem_regions(e) {
    this.attempt('mem_regions', () => e.mem_regions());
  }
  mmio_map(e) {
    const args = [this.address(), this.size()];
    this.attempt(`mmio_map ${args}`, () => e.mmio_map(...args, { read: this.callback('device read', 0), write: this.callback('device write') }));
  }
  reg_read(e) {
    const [id, size] = [this.number(), this.pick([1, 4, 8, 64, 65, -1])];
    this.attempt(`reg_read ${id} ${size}`, () => e.reg_read(id, size));
  }
  reg_write(e) {
    const [id, value] = [this.number(), this.value()];
    this.attempt(`reg_write ${id} ${value}`, () => e.reg_write_i64(id, value));
  }
  reg_write_bytes(e) {
    const [id, bytes] = [this.number(), Uint8Array.from({ length: this.random(80) }, () => this.random(256))];
    this.attempt(`reg_write ${id} [${bytes}]`, () => e.reg_write(id, bytes));
  }
  hook_add(e) {
    const type = this.random(4) === 0 ? this.number() : 1 << this.random(17);
    const range = this.pick([
      [1, 0],
      [0, 0xffff_ffff],
      [this.address(), this.address()],
    ]);
    const extra = this.pick([0, 1, 2, 4, uc.X86_INS_IN, uc.X86_INS_OUT, uc.X86_INS_SYSCALL, uc.X86_INS_CPUID, this.number()]);
    const args = [type, this.callback(`hook ${type}`, false), {}, ...range, extra, this.random(5)];
    const hook = this.attempt(`hook_add ${type} ${args.slice(3)}`, () => e.hook_add(...args));
    if (hook !== undefined) this.hooks.push(hook);
  }
  hook_del(e) {
    const hook = this.pick([...this.hooks, { id: this.number() }]);
    this.attempt(`hook_del ${hook.id}`, () => e.hook_del(hook));
  }
  emu_start(e) {
    this.calls = 0;
    const args = [this.address(), this.address(), this.pick([2000, 1000]), 1 + this.random(50)];
    this.attempt(`emu_start ${args}`, () => e.emu_start(...args));
  }
  run(e) {
    this.calls = 0;
    const args = { pc: this.address(), budget: this.random(200) };
    this.attempt(`run ${args.pc} ${args.budget}`, () => e.run(args));
  }
  emu_stop(e) {
    this.attempt('emu_stop', () => e.emu_stop());
  }
  ranges(e) {
    const name = this.pick(['count_range', 'cover_range']);
    const args = [this.address(), this.address()];
    this.attempt(`${name} ${args}`, () => e[name](...args));
  }
  trace(e) {
    const limit = this.pick([0, 1, 100, 2 ** 24, 2 ** 24 + 1]);
    this.attempt(`trace_runs ${limit}`, () => e.trace_runs(limit));
  }
  guard(e) {
    const [codeBegin, codeEnd, stackBegin, stackEnd] = [0x1000, this.pick([0x3000, 0x1000, 0]), 0x2000, this.pick([0x3000, 0])];
    this.attempt(`guard_memory ${codeBegin} ${codeEnd} ${stackEnd}`, () => e.guard_memory({ codeBegin, codeEnd, stackBegin, stackEnd }));
    this.attempt('guard_rules', () =>
      e.guard_rules([{ begin: 0x1000, argumentBytes: this.random(99), owner: this.number() }], [[{ begin: 0, end: 0x3000, rights: this.random(64) }]]),
    );
    this.attempt('guard_take', () => e.guard_take());
    this.attempt('guard_frames', () => e.guard_frames(this.random(3)));
  }
  context(e) {
    if (this.contexts.length === 0 || this.random(4) === 0) this.contexts.push(e.context_alloc());
    const context = this.pick(this.contexts);
    const name = this.pick(['context_save', 'context_save', 'context_restore', 'context_restore', 'context_free']);
    this.attempt(`${name} ${this.contexts.indexOf(context)}`, () => e[name](context));
  }
  context_registers(e) {
    const context = this.pick([...this.contexts, e.context_alloc()]);
    const [id, bytes] = [this.number(), Uint8Array.from({ length: this.random(65) }, () => this.random(256))];
    this.attempt(`context_reg_write ${id} [${bytes}]`, () => e.context_reg_write(context, id, bytes));
    this.attempt(`context_reg_read ${id}`, () => e.context_reg_read(context, id, 64));
    this.attempt('context_size', () => e.context_size());
  }
  batch(e) {
    const ids = Array.from({ length: this.random(9) }, () => this.number());
    const values = ids.map(() => this.value());
    this.attempt(`reg_write_batch ${ids} ${values}`, () => e.reg_write_batch(ids, values));
    this.attempt(`reg_read_batch ${ids}`, () => e.reg_read_batch(ids));
  }
  request(e) {
    const [id, bytes] = [
      this.pick([uc.X86_REG_MSR, uc.ARM_REG_CP_REG, uc.ARM64_REG_CP_REG]),
      Uint8Array.from({ length: this.random(40) }, () => this.random(16)),
    ];
    this.attempt(`reg_read ${id} of [${bytes}]`, () => e.reg_read(id, 64, bytes));
    this.attempt(`reg_write ${id} of [${bytes}]`, () => e.reg_write(id, bytes));
  }
  query(e) {
    const type = this.pick([0, 1, 2, 3, 4, 5, 6, -1, 99]);
    this.attempt(`query ${type}`, () => e.query_i64(type));
  }
  ctl(e) {
    const name = this.pick([
      'ctl_get_arch',
      'ctl_get_mode',
      'ctl_get_page_size',
      'ctl_get_timeout',
      'ctl_get_exits_cnt',
      'ctl_exits_enable',
      'ctl_exits_disable',
      'ctl_flush_tb',
    ]);
    switch (this.random(8)) {
      case 3:
      case 4:
        return this.attempt(name, () => e[name]());
      case 5: {
        const exits = Array.from({ length: this.random(5) }, () => this.address());
        this.attempt(`ctl_set_exits ${exits}`, () => e.ctl_set_exits(exits));
        return this.attempt('ctl_get_exits', () => e.ctl_get_exits(this.random(6)));
      }
      case 6: {
        const address = this.address();
        return this.attempt(`ctl_request_cache ${address}`, () => e.ctl_request_cache(address));
      }
      case 7: {
        const size = this.pick([0, 1, 512, 1024, 4096, 65536, 131072, 4097, 2n ** 32n]);
        return this.attempt(`ctl_set_page_size ${size}`, () => e.ctl_set_page_size(size));
      }
      case 0: {
        const model = this.number();
        return this.attempt(`ctl_set_cpu_model ${model}`, () => e.ctl_set_cpu_model(model));
      }
      case 1:
        return this.attempt('ctl_get_cpu_model', () => e.ctl_get_cpu_model());
      default: {
        const args = [this.address(), this.address()];
        return this.attempt(`ctl_remove_cache ${args}`, () => e.ctl_remove_cache(...args));
      }
    }
  }
  close(e) {
    if (this.random(6) === 0) this.attempt('close', () => e.close());
  }
  another() {
    if (this.engines.length < 3 && this.random(4) === 0) this.attempt('another engine', () => this.open());
  }

  go() {
    this.attempt('first engine', () => this.open());
    if (this.engines.length === 0) return;
    // Often a machine that can run, with something in its registers.
    if (this.random(3) !== 0) {
      const [e] = this.engines;
      if (this.random(2) === 0) this.ctl(e);
      this.attempt('mem_map 0x1000', () => e.mem_map(0x1000, 0x3000, 7));
      for (const at of [0x1000, 0x2000, 0x3000]) {
        const bytes = this.code();
        this.attempt(`mem_write ${at} ${bytes}`, () => e.mem_write(at, bytes));
      }
    }
    for (let step = 0; step < steps; step++) this.step();
    for (const engine of this.engines) this.attempt('close', () => engine.close());
  }
}
Case.actions = [
  'mem_map',
  'mem_map_many',
  'mem_map_native',
  'mem_map_ptr',
  'mem_unmap',
  'mem_protect',
  'mem_read',
  'mem_write',
  'mem_regions',
  'mmio_map',
  'reg_read',
  'reg_write',
  'reg_write',
  'reg_write_bytes',
  'hook_add',
  'hook_add',
  'hook_del',
  'emu_start',
  'emu_start',
  'emu_start',
  'run',
  'run',
  'emu_stop',
  'ranges',
  'trace',
  'guard',
  'context',
  'context',
  'context_registers',
  'batch',
  'request',
  'query',
  'ctl',
  'ctl',
  'close',
  'another',
];

for (let seed = firstSeed; seed < firstSeed + cases; seed++) new Case(seed).go();
writeSync(1, 'done\n');
