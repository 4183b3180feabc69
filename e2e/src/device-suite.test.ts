/** The official suite's modules on a device (`compile-core --interpreter`): what it says of them, and what their exports do, interpreted and compiled there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { decodeModule, functionTypeOf, validateModule, type FunctionType, type ValidatedModule } from '@fireball/wasm';
import { DeviceLoader, type Wanted } from './testing/device-loader.js';
import { describeWithSuite, suite } from './testing/fireball.js';
import { compiledTargets } from './testing/native.js';

interface ScriptValue {
  readonly type: string;
  readonly value?: string;
}

interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly filename?: string;
  readonly module_type?: string;
  readonly action?: { readonly type: string; readonly module?: string; readonly field: string; readonly args?: readonly ScriptValue[] };
  readonly expected?: readonly ScriptValue[];
}

const scripts = existsSync(suite) ? readdirSync(suite).filter((name) => existsSync(join(suite, name, `${name}.json`))) : [];

/** Words of an argument, or of a result that has one value. */
function wordsOf({ type, value = '0' }: ScriptValue): number[] {
  if (value === 'null') return [0];
  if (type === 'externref') return [Number(value) + 1];
  const bits = BigInt.asUintN(64, BigInt(value));
  return type === 'i64' || type === 'f64' ? [Number(bits & 0xffff_ffffn), Number(bits >> 32n)] : [Number(bits & 0xffff_ffffn)];
}

/** Do these words fit? NaNs are patterns, and a reference without a value is any but null. */
function fits({ type, value }: ScriptValue, words: readonly number[]): boolean {
  const [first = 0, second = 0] = words;
  if (value === undefined) return first !== 0;
  if (!value.startsWith('nan:')) return wordsOf({ type, value }).every((word, index) => word === words[index]);
  const high = (type === 'f64' ? second : first) & 0x7fff_ffff;
  const canonical = type === 'f64' ? 0x7ff8_0000 : 0x7fc0_0000;
  return value === 'nan:canonical' ? high === canonical && (type === 'f32' || first === 0) : (high & canonical) === canonical;
}

function fitResults(expected: readonly ScriptValue[], words: readonly number[]): boolean {
  let at = 0;
  return expected.every((value) => {
    const width = value.type === 'i64' || value.type === 'f64' ? 2 : 1;
    const own = words.slice(at, at + width);
    at += width;
    return fits(value, own);
  });
}

/** What the suite imports by the name of spectest, in firmware's RAM. */
function spectest(device: DeviceLoader, name: string): number {
  const global = (type: number, ...words: readonly number[]): number => device.place([3, type, 0, device.place(words, 8)]);
  switch (name) {
    case 'global_i32':
      return global(0x7f, 666);
    case 'global_i64':
      return global(0x7e, 666);
    case 'global_f32':
      return global(0x7d, 0x4426_a666);
    case 'global_f64':
      return global(0x7c, 0xcccc_cccd, 0x4084_d4cc);
    case 'table':
      return device.place([1, 0x70, 0, device.place([10, 20, device.place([], 80), 20])]);
    case 'memory':
      return device.place([2, 0, 0, device.place([0x1_0000, device.place([], 0x2_0000), 2, 0x1_0000])]);
    default:
      return 0;
  }
}

/** Whatever a module wants, so that it is judged by its own rules. */
function anything(device: DeviceLoader, { kind, valueType, isMutable, least, most, pageBytes }: Wanted): number {
  switch (kind) {
    case 'function':
      return device.returning;
    case 'global':
      return device.place([3, valueType, isMutable, device.place([], 8)]);
    case 'table':
      return device.place([1, valueType, 0, device.place([least, most, device.place([], 4 * least), least])]);
    case 'memory':
      return device.place([2, 0, 0, device.place([least * pageBytes, device.place([]), most, pageBytes])]);
  }
}

const isFunction = (name: string): boolean => /^print(_\w+)?$/.test(name);

/** Counts, and what is not as the script says. */
class Script {
  calls = 0;
  verdicts = 0;
  readonly failures: string[] = [];
  private current: { readonly name: string | undefined; readonly module: ValidatedModule } | undefined;

  constructor(
    private readonly device: DeviceLoader,
    private readonly name: string,
    private readonly settings: { readonly calls?: number; readonly arrivals?: number },
  ) {}

  run(): void {
    const { commands } = JSON.parse(readFileSync(join(suite, this.name, `${this.name}.json`), 'utf8')) as { commands: Command[] };
    for (const command of commands) this.execute(command);
  }

  private execute(command: Command): void {
    const { type, filename } = command;
    if (filename !== undefined && command.module_type !== 'text') this.meet(command, this.bytesOf(filename));
    else if (type === 'assert_return' || type === 'action') this.perform(command, false);
    else if (type === 'assert_trap' || type === 'assert_exhaustion') this.perform(command, true);
  }

  private bytesOf(filename: string): Uint8Array {
    return new Uint8Array(readFileSync(join(suite, this.name, filename)));
  }

  private fail({ type, line }: Command, what: string): void {
    this.failures.push(`${this.name}:${line} ${type}: ${what}`);
  }

  private load(bytes: Uint8Array, isRefused: boolean): string {
    const { device, settings } = this;
    device.clear();
    const imports = (wanted: Wanted): number => {
      const { module, name, kind } = wanted;
      if (isRefused) return anything(device, wanted);
      if (module !== 'spectest') return 0;
      if (kind === 'function') return isFunction(name) ? device.returning : 0;
      return spectest(device, name);
    };
    return device.load(bytes, { imports, tableGrowth: 1000, ...(this.name.startsWith('memory_') ? { memory: 0x10_0000 } : {}), ...settings }).outcome;
  }

  /** A module, and what has to be said of it. */
  private meet(command: Command, bytes: Uint8Array): void {
    const outcome = this.load(bytes, command.type === 'assert_invalid' || command.type === 'assert_malformed');
    this.verdicts++;
    this.current = undefined;
    switch (command.type) {
      case 'module': {
        if (outcome !== 'done') {
          // What other modules of a script export is not there.
          if (outcome !== 'not found') this.fail(command, outcome);
          return;
        }
        const module = validateModule(decodeModule(bytes));
        this.current = { name: command.name, module };
        if (module.module.start !== undefined && this.device.call(module.module.start).trapped) this.fail(command, 'its start function traps');
        return;
      }
      case 'assert_invalid':
      case 'assert_malformed':
        if (outcome !== 'invalid' && outcome !== 'unsupported') this.fail(command, outcome);
        return;
      case 'assert_unlinkable':
        if (outcome !== 'not found' && outcome !== 'incompatible') this.fail(command, outcome);
        return;
      default: {
        // It traps where its segments are out of bounds, or as it starts.
        if (outcome === 'not found' || outcome === 'out of bounds') return;
        const start = outcome === 'done' ? decodeModule(bytes).start : undefined;
        if (start === undefined || !this.device.call(start).trapped) this.fail(command, outcome);
      }
    }
  }

  private perform(command: Command, traps: boolean): void {
    const { action, expected } = command;
    if (this.current === undefined || action?.type !== 'invoke' || (action.module !== undefined && action.module !== this.current.name)) return;
    const { module } = this.current.module;
    const entry = module.exports.find(({ name, kind }) => name === action.field && kind === 'function');
    if (entry === undefined) return;
    this.calls++;
    const type: FunctionType = functionTypeOf(module, entry.index)!;
    const words = this.device.invoke(entry.index, type, (action.args ?? []).flatMap(wordsOf));
    const isRight = words === undefined ? traps : !traps && (expected === undefined || fitResults(expected, words));
    if (!isRight)
      this.fail(command, `${action.field}(${(action.args ?? []).map(({ value }) => value).join(', ')}) ${words === undefined ? 'traps' : words.join(' ')}`);
  }
}

/** The device has 256 KiB for a memory, or 1 MiB: it lets none grow by hundreds of pages, as these have it, and -1 is what `memory.grow` may answer then; one of them has the size in the next call, too. */
const expectedFailures: readonly string[] = [
  'call:359 assert_return: as-memory.grow-value() 4294967295',
  'call_indirect:603 assert_return: as-memory.grow-value() 4294967295',
  'global:256 assert_return: as-memory.grow-value() 4294967295',
  'memory_grow:45 assert_return: grow(800) 4294967295',
  'memory_grow:48 assert_return: grow(1) 3',
  'nop:382 assert_return: as-memory.grow-everywhere(12) 4294967295',
];

describeWithSuite('the modules of the official suite on a device', () => {
  for (const { isa, compiler } of compiledTargets) {
    const device = new DeviceLoader(isa, { compiler });
    afterAll(() => {
      device.close();
    });
    const compiled = { how: `compiled there by the ${compiler} compiler`, settings: { calls: 1, arrivals: 1 } };
    it.each(compiler === 'baseline' ? [compiled] : [{ how: 'interpreted', settings: {} }, compiled])(
      `on ${isa}, $how`,
      ({ settings }) => {
        const totals = { calls: 0, verdicts: 0 };
        const failures: string[] = [];
        for (const name of scripts) {
          const script = new Script(device, name, settings);
          script.run();
          totals.calls += script.calls;
          totals.verdicts += script.verdicts;
          failures.push(...script.failures);
        }
        expect(failures).toEqual(expectedFailures);
        expect(totals.calls).toBeGreaterThan(15_000);
        expect(totals.verdicts).toBeGreaterThan(3000);
      },
      600_000,
    );
  }
});
