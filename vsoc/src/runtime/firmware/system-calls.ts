import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { trapKinds, wordCount } from '@fireball/jit';
import { decodeModule, LinkError, validateModule, type FunctionType, type ValidatedModule } from '@fireball/wasm';
import type { CallResult } from '../calls.js';
import type { Chip } from '../../chip/chip.js';
import type { VsocFunction } from '../externs.js';
import type { HostCall } from '../host-functions.js';
import type { VsocInstance } from '../instance/instance.js';
import type { JitControl } from '../../tier/jit-control.js';
import { InstantiationTrap, type VsocTrap } from '../traps.js';
import type { VsocValue } from '../values.js';
import type { FirmwareMemory } from './firmware-memory.js';
import { firmwareErrors, systemCallNumbers, type SystemCallName } from './system-call-table.js';

/** What firmware's system calls reach. */
export interface FirmwareHost {
  /** What firmware writes to the console; the bytes are the guest's memory, as it is now. */
  console(bytes: Uint8Array): void;
}

/** The services that system calls hand on to. */
export interface ServedSystem extends Chip {
  readonly systemCalls: { provide(number: number, type: FunctionType, call: HostCall): void };
  readonly execution: {
    /** Virtual time. */
    readonly now: number;
  };
  readonly jit: JitControl;
  instantiate(module: ValidatedModule): VsocInstance;
  call(callee: VsocFunction, args: readonly VsocValue[]): CallResult;
}

/** Arguments and answer of a system call, 32-bit words; a `u64` answer comes in the first two registers. */
interface SystemCall {
  readonly words: number;
  readonly answer?: 'i64';
  readonly call: (...args: number[]) => number;
}

/** Bytes of an argument or result of `wasm_call`. */
const valueBytes = 8;
/** `wasm_call` answers 0, or this and the number of the trap's kind. */
const firstTrap = 1;
/** A call that ran out of fuel is none of the kinds that generated code has. */
const outOfFuel = 255;

/** The services that firmware calls (vsoc/SYSCALLS.md). Addresses are checked: bad ones are an answer, not a crash. */
export function installSystemCalls(system: ServedSystem, memory: FirmwareMemory, host: FirmwareHost): void {
  const modules: VsocInstance[] = [];

  const functionOf = (handle: number, index: number): VsocFunction | number => {
    const instance = modules[handle - 1];
    return instance === undefined ? firmwareErrors['no such module'] : (instance.functions[index >>> 0] ?? firmwareErrors['no such function']);
  };
  const about = (answer: (target: VsocFunction) => number): SystemCall => ({
    words: 2,
    call: (handle = 0, index = 0) => {
      const target = functionOf(handle, index);
      return typeof target === 'number' ? target : answer(target);
    },
  });

  const calls: Record<SystemCallName, SystemCall> = {
    console_write: {
      words: 2,
      call(address = 0, length = 0) {
        const bytes = memory.view(address >>> 0, length >>> 0);
        if (bytes === undefined) return firmwareErrors['bad address'];
        host.console(bytes);
        return length;
      },
    },
    clock: { words: 0, answer: 'i64', call: () => system.execution.now },
    wasm_load: {
      words: 2,
      call(address = 0, length = 0) {
        const bytes = memory.view(address >>> 0, length >>> 0);
        if (bytes === undefined) return firmwareErrors['bad address'];
        try {
          return modules.push(system.instantiate(validateModule(decodeModule(bytes.slice()))));
        } catch (error) {
          return loadFailure(error);
        }
      },
    },
    wasm_export: {
      words: 3,
      call(handle = 0, address = 0, length = 0) {
        const instance = modules[handle - 1];
        if (instance === undefined) return firmwareErrors['no such module'];
        const name = memory.view(address >>> 0, length >>> 0);
        if (name === undefined) return firmwareErrors['bad address'];
        const found = instance.exports.get(new TextDecoder().decode(name));
        const index = found?.kind === 'function' ? instance.functions.indexOf(found) : -1;
        return index < 0 ? firmwareErrors['no such function'] : index;
      },
    },
    wasm_call: {
      words: 4,
      call(handle = 0, index = 0, argumentAddress = 0, resultAddress = 0) {
        const target = functionOf(handle, index);
        if (typeof target === 'number') return target;
        const { params, results } = target.type;
        const passed = memory.view(argumentAddress >>> 0, valueBytes * params.length);
        const returned = memory.view(resultAddress >>> 0, valueBytes * results.length);
        if ((params.length > 0 && passed === undefined) || (results.length > 0 && returned === undefined)) return firmwareErrors['bad address'];
        const outcome = system.call(target, readValues(passed, params));
        if (outcome.trap !== null) return trapNumber(outcome.trap);
        writeValues(returned, outcome.results);
        return 0;
      },
    },
    jit_hint: about((target) => system.jit.hint(target)),
    jit_compile: about((target) => system.jit.compile(target)),
    jit_lookup: about((target) => system.jit.lookup(target)),
    jit_invalidate: about((target) => system.jit.invalidate(target)),
    jit_stats: { words: 1, answer: 'i64', call: (counter = 0) => system.jit.stats(counter >>> 0) },
    jit_enable: { words: 0, call: () => system.jit.setEnabled(true) },
    jit_disable: { words: 0, call: () => system.jit.setEnabled(false) },
  };
  for (const [name, { words, answer = 'i32', call }] of Object.entries(calls)) {
    const type: FunctionType = { params: Array<'i32'>(words).fill('i32'), results: [answer] };
    system.systemCalls.provide(systemCallNumbers[name as SystemCallName], type, (args) => {
      const result = call(...args.map(({ value }) => Number(value)));
      return [answer === 'i64' ? { type: answer, value: BigInt(result) } : { type: answer, value: result }];
    });
  }
}

function loadFailure(error: unknown): number {
  if (error instanceof LinkError) return firmwareErrors['bad import'];
  if (error instanceof InvalidInputError || error instanceof UnsupportedError || error instanceof InstantiationTrap) return firmwareErrors['bad module'];
  throw error;
}

function trapNumber({ kind }: VsocTrap): number {
  const number = trapKinds.findIndex((known) => known === kind);
  return firstTrap + (number < 0 ? outOfFuel : number);
}

/** Eight bytes a value, little-endian, whatever its type; references are function or host words and do not cross. */
function readValues(bytes: Uint8Array | undefined, types: VsocFunction['type']['params']): VsocValue[] {
  const view = viewOf(bytes);
  return types.map((type, index): VsocValue => {
    const offset = valueBytes * index;
    switch (type) {
      case 'i32':
        return { type, value: view.getInt32(offset, true) };
      case 'f32':
        return { type, value: view.getUint32(offset, true) };
      case 'i64':
        return { type, value: view.getBigInt64(offset, true) };
      case 'f64':
        return { type, value: view.getBigUint64(offset, true) };
      case 'funcref':
      case 'externref':
        return { type, value: null };
    }
  });
}

function writeValues(bytes: Uint8Array | undefined, values: readonly VsocValue[]): void {
  const view = viewOf(bytes);
  values.forEach(({ type, value }, index) => {
    const isWide = wordCount([type]) === 2;
    const bits = typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(isWide ? value : value >>> 0) : 0n;
    view.setBigUint64(valueBytes * index, BigInt.asUintN(64, bits), true);
  });
}

function viewOf(bytes: Uint8Array = new Uint8Array()): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
