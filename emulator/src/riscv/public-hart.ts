import { MissingPartError } from '@fireball/contracts';
import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { csrNumbers, mode } from './csr.js';
import type { Hart, RiscvCore } from './hart.js';

const codeBase = 0x8000_0000;
const mret = 0x3020_0073;
/** SSIP, which every core lets the host set. */
const probe = 2;

/** Where the library's saved contexts have what its public interface does not reach. In bytes; fields have the width of a register. */
interface ContextLayout {
  readonly mode: number;
  readonly mip: number;
}

/**
 * The hart by the library's public interface alone, for releases whose internals are not known. The library takes no interrupts then, and what it
 * has of PMP is out of reach of the host. It is slow: every look at a CSR goes through a saved context.
 */
export function publicHart(core: RiscvCore, uc: UnicornModule, engine: Unicorn): Hart {
  const layout = contextLayout(core, uc);
  const width = core.xlen / 8;
  const registers = new Map<number, number>();
  for (const [name, number] of Object.entries(csrNumbers)) {
    const id = (uc as unknown as Readonly<Record<string, unknown>>)[`RISCV_REG_${name.toUpperCase()}`];
    if (typeof id === 'number') registers.set(number, id);
  }
  const context = engine.context_alloc();
  const save = (): Uint8Array => {
    engine.context_save(context);
    return engine.context_bytes(context);
  };
  const patch = (offset: number, value: bigint): void => {
    engine.context_save(context);
    engine.context_patch(context, offset, littleEndian(value, width));
    engine.context_restore(context);
  };
  const currentMode = (): number => save()[layout.mode] ?? mode.machine;
  /** The library answers the host as it would the guest. */
  const asMachine = <Result>(action: () => Result): Result => {
    const before = currentMode();
    if (before === mode.machine) return action();
    patch(layout.mode, BigInt(mode.machine));
    const result = action();
    patch(layout.mode, BigInt(before));
    return result;
  };
  const readCsr = (number: number): bigint | undefined => {
    const id = registers.get(number);
    return id === undefined ? undefined : asMachine(() => BigInt.asUintN(core.xlen, engine.reg_read_i64(id)));
  };
  const writeCsr = (number: number, value: bigint): boolean => {
    const id = registers.get(number);
    if (id === undefined) return false;
    asMachine(() => {
      engine.reg_write_i64(id, BigInt.asUintN(core.xlen, value));
    });
    return true;
  };
  return {
    takesTraps: false,
    readCsr,
    writeCsr,
    get mode() {
      return currentMode();
    },
    set mode(value) {
      patch(layout.mode, BigInt(value));
    },
    setPending: (mask, value) => {
      const before = readCsr(csrNumbers.mip) ?? 0n;
      const after = (before & ~BigInt(mask)) | BigInt(value);
      if (after !== before) patch(layout.mip, after);
    },
    // The library's own flush of everything takes seconds. A change of satp makes it forget translations, which are all that there is to forget.
    flush: () => {
      const satp = core.supervisor ? readCsr(csrNumbers.satp) : undefined;
      if (satp === undefined) return;
      writeCsr(csrNumbers.satp, satp ^ 1n);
      writeCsr(csrNumbers.satp, satp);
    },
  };
}

/** Found by what an engine of the same core changes there: MRET to user mode, and a write of mip. */
function contextLayout(core: RiscvCore, uc: UnicornModule): ContextLayout {
  const engine = core.open(uc);
  const code = new Uint32Array(engine.mem_map_native(codeBase, 0x1000, uc.PROT_ALL));
  code[0] = mret;
  const context = engine.context_alloc();
  const change = (from: number, to: number, action: () => void): number => {
    const save = (): Uint8Array => {
      engine.context_save(context);
      return engine.context_bytes(context);
    };
    const before = save();
    action();
    return onlyChange(before, save(), core.xlen / 8, from, to);
  };
  const mip = change(0, probe, () => {
    engine.reg_write_i64(uc.RISCV_REG_MIP, BigInt(probe));
  });
  engine.reg_write_i64(uc.RISCV_REG_MEPC, BigInt(codeBase + 4));
  const modeAt = change(mode.machine, mode.user, () => {
    engine.run({ pc: codeBase, budget: 1 });
  });
  engine.close();
  return { mode: modeAt, mip };
}

/** The one place where a field went from one value to another. */
function onlyChange(before: Uint8Array, after: Uint8Array, width: number, from: number, to: number): number {
  const [first, second] = [littleEndian(BigInt(from), width), littleEndian(BigInt(to), width)];
  const isAt = (bytes: Uint8Array, at: number, field: Uint8Array): boolean => field.every((byte, index) => bytes[at + index] === byte);
  const places: number[] = [];
  for (let at = 0; at + width <= before.length; at += width) if (isAt(before, at, first) && isAt(after, at, second)) places.push(at);
  const [place] = places;
  if (place === undefined || places.length !== 1)
    throw new MissingPartError('a libunicorn that keeps the state of RISC-V CPUs in a known way', 'install libunicorn-dev of Debian 12');
  return place;
}

function littleEndian(value: bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes.subarray(0, width);
}
