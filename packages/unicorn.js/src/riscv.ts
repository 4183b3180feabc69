import { core } from './constants/core.js';
import type { Receiver } from './hooks.js';
import type { Integer, NativeEngine } from './native.js';
import type { TrapListener, TrapLog } from './trap-log.js';

/** Keeps a receiver under a number, for as long as it is registered by that; the result is the number. */
type KeepReceiver = (functionName: string, receiver: Receiver, register: (id: number) => number) => number;

/** What traps of RISC-V need of the library beyond its public interface (README, "RISC-V traps"). */
export class RiscvTraps {
  readonly #native: NativeEngine;
  readonly #view: DataView;
  readonly #check: (functionName: string, code: number) => void;
  readonly #keep: KeepReceiver;
  readonly #log: TrapLog;
  #listener: TrapListener = () => undefined;

  /**
   * @param view the scratch page, by which values come back
   * @param keep registers a receiver of calls from native code
   * @param log traps that native code has written down
   */
  constructor(native: NativeEngine, view: DataView, check: (functionName: string, code: number) => void, keep: KeepReceiver, log: TrapLog) {
    this.#native = native;
    this.#view = view;
    this.#check = check;
    this.#keep = keep;
    this.#log = log;
  }

  /**
   * Looks for what the methods below need of the library beyond its public interface, and tries it; the CPU must be in machine mode. From now on
   * runs enter the traps of the exceptions in `entered` by themselves, as the CPU does, each counted as an instruction: bit n stands for mcause
   * n. One at the first instruction of the machine's trap handler, which would never end, stops the run as before.
   * @returns false where the library is another release than the one that is known, or behaves in another way: the methods below do not work then
   */
  internals(entered: number): boolean {
    const code = this.#native.riscv_internals(entered);
    if (code !== core.ERR_VERSION) this.#check('riscv_internals', code);
    return code === core.ERR_OK;
  }

  /** Tells of interrupts and traps that runs take by themselves, at once: the CPU's registers may be read. After `internals`, once. */
  listen(listener: TrapListener): void {
    this.#listener = listener;
    const receiver: Receiver = ([interrupt, code, pc, executed]) => {
      this.settle();
      listener(interrupt === 1, Number(code), Number(pc), Number(executed));
      return 0;
    };
    this.#keep('riscv_listen', receiver, (id) => this.#native.riscv_listen(id));
  }

  /**
   * Has the listener told of these later, by `settle`, which takes a tenth of the time; or at once, where many have come together. All are told of in their order.
   * @param exceptions bit n, below 31, stands for mcause n
   * @param interrupts all of them
   */
  log(exceptions: number, interrupts: boolean): void {
    this.#check('riscv_log', this.#native.riscv_log(exceptions + (interrupts ? 2 ** 31 : 0)));
  }

  /** To be called within the run, by a callback, or behind it. */
  settle(): void {
    this.#log.tell(this.#listener);
  }

  /** A CSR, whatever the mode; undefined where the CPU has none of that number. */
  csr_read(number: number): bigint | undefined {
    const code = this.#native.riscv_csr_read(number);
    if (code === core.ERR_ARG) return undefined;
    this.#check('riscv_csr_read', code);
    return this.#view.getBigUint64(0, true);
  }

  /** @returns false where the CPU has no such CSR, or it is read only */
  csr_write(number: number, value: Integer): boolean {
    const code = this.#native.riscv_csr_write(number, value);
    if (code !== core.ERR_ARG) this.#check('riscv_csr_write', code);
    return code === core.ERR_OK;
  }

  /** 0: user, 1: supervisor, 3: machine. */
  mode_read(): number {
    return this.#native.riscv_mode_read();
  }
  mode_write(mode: number): void {
    this.#check('riscv_mode_write', this.#native.riscv_mode_write(mode));
  }

  /** Bits of mip that devices drive; an interrupt is taken before the next instruction at which it is enabled. Between runs. */
  pending(mask: number, value: number): void {
    this.#check('riscv_pending', this.#native.riscv_pending(mask, value));
  }

  /** Forgets translated addresses and rights: after changes of PMP or page tables. */
  flush(): void {
    this.#check('riscv_flush', this.#native.riscv_flush());
  }

  /**
   * All 64 bits of a floating-point register, of which `reg_read` gives the lower half. Singles of a core with doubles are NaN-boxed.
   * @param number 0 to 31
   * @returns undefined where the library is another release than the one that is known
   */
  double_read(number: number): bigint | undefined {
    const code = this.#native.riscv_double_read(number);
    if (code === core.ERR_VERSION) return undefined;
    this.#check('riscv_double_read', code);
    return this.#view.getBigUint64(0, true);
  }

  /** @returns false where the library is another release than the one that is known */
  double_write(number: number, bits: Integer): boolean {
    const code = this.#native.riscv_double_write(number, bits);
    if (code !== core.ERR_VERSION) this.#check('riscv_double_write', code);
    return code === core.ERR_OK;
  }

  /**
   * SYSTEM instructions at which runs stop, as `trap`, without executing them. Needs no internals.
   * @param instructions 8,192 bytes by the instruction's upper 12 bits, not 0 for those to stop at: first accesses of CSRs, then the others (ECALL,
   *   MRET, WFI, SFENCE.VMA ..)
   */
  watch(instructions: Uint8Array): void {
    this.#check('riscv_watch', this.#native.riscv_watch(instructions));
  }
}
