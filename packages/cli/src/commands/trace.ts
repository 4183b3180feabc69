import { escapeJson, UsageError, unknownName, type Isa } from '@fireball/contracts';
import { kindsOf, MachineTexts, trace, type TraceFilter, type Unit } from '@fireball/debugger';
import { openDecoder } from '@fireball/disasm';
import { debugCall, writeDescriptor, type DebugCall } from '@fireball/engines';
import { functionName, ProgramExit } from '@fireball/wasm';
import { InvalidArgumentError, Option } from 'commander';
import type { Report } from '../report.js';
import { compareTraces, formatComparison } from '../trace/compare.js';
import { documentOfEntry, formatEntry } from '../trace/format.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addCallOptions, describeCallEnd, endOfTarget, namedCall, type CallOptions, type NamedCall } from './native-call.js';

interface TraceOptions extends CallOptions {
  readonly engine: Isa;
  readonly layer: Unit;
  readonly against?: Isa | 'interp';
  readonly function: readonly string[];
  readonly kind?: string;
  readonly range?: { readonly begin: number; readonly end: number };
  readonly from?: number;
  readonly to?: number;
  readonly json?: true;
}

const stdout = 1;
/** Characters that are written at once. */
const chunk = 1 << 16;

function addressRange(text: string): { readonly begin: number; readonly end: number } {
  const [, first, last] = /^(0x[\da-f]{1,8}|\d{1,10})-(0x[\da-f]{1,8}|\d{1,10})$/i.exec(text) ?? [];
  if (first === undefined || Number(first) > Number(last))
    throw new InvalidArgumentError('It must be the first address and the last, such as 0x10200-0x1023f.');
  return { begin: Number(first), end: Number(last) + 1 };
}

export const registerTrace: CommandRegistration = (program, run) => {
  const natives = ['thumb2', 'rv32'] as const satisfies Isa[];
  const command = program
    .command('trace')
    .description('list what one call does in native code, by wasm instruction, template or machine instruction; or compare it with another engine')
    .argument('<file>', 'module, .wasm or .wat; - reads it from standard input')
    .addOption(
      new Option(
        '--layer <layer>',
        'wasm: instructions with operands and locals; template: what they became; machine: instructions, with the registers that they change',
      )
        .choices(['wasm', 'template', 'machine'] satisfies Unit[])
        .default('wasm'),
    )
    .addOption(new Option('--engine <name>', 'whose code is followed').choices(natives).default('thumb2'))
    .addOption(
      new Option(
        '--against <engine>',
        'list nothing, but compare with this engine, and show the first difference; the reference interpreter leads the way for both',
      ).choices(['interp', ...natives]),
    )
    .addOption(
      new Option('--function <name>', 'only code of this function, by name or fINDEX; may be repeated')
        .argParser((text: string, list: readonly string[]) => [...list, text])
        .default([], 'all'),
    )
    .option('--kind <name>', 'only this template, or this wasm instruction, such as i32.load')
    .addOption(new Option('--range <first-last>', 'only machine code at these addresses').argParser(addressRange))
    .addOption(new Option('--from <count>', 'begin after so many machine instructions').argParser(wholeNumber(0)))
    .addOption(new Option('--to <count>', 'end after so many machine instructions').argParser(wholeNumber(0)));
  addCallOptions(command);
  run(command, async (_, file: string, options: TraceOptions) => {
    const call = await namedCall(file, options);
    return options.against === undefined ? list(call, options) : compare(call, options, options.against);
  });
};

function functionsNamed<T extends { readonly index: number; readonly name: string }>(names: readonly string[], all: readonly T[]): ReadonlySet<T> | undefined {
  if (names.length === 0) return undefined;
  return new Set(
    names.map((wanted) => {
      const found = all.find(({ name }) => name === wanted) ?? all.find(({ index }) => wanted === `f${index}`);
      if (found === undefined)
        throw unknownName(
          'function',
          wanted,
          all.map(({ name }) => name),
        );
      return found;
    }),
  );
}

function compare(call: NamedCall, { engine, against, ...options }: TraceOptions, other: Isa | 'interp'): Report {
  for (const [name, value] of Object.entries({ kind: options.kind, range: options.range, from: options.from, to: options.to })) {
    if (value !== undefined) throw new UsageError(`--${name} is for one trace, not for --against`);
  }
  if (options.layer !== 'wasm') throw new UsageError(`engines have only the wasm layer in common: --against has no meaning for --layer ${options.layer}`);
  if (engine === other) throw new UsageError(`--against wants another engine than ${engine}`);
  const { module, validated } = call.loaded;
  const functions = functionsNamed(
    options.function,
    validated.functions.map(({ index }) => ({ index, name: functionName(module, index) })),
  );
  const indices = functions === undefined ? undefined : new Set([...functions].map(({ index }) => index));
  const comparison = compareTraces(call, other === 'interp' ? [engine] : [engine, other], indices);
  return { exitStatus: comparison.difference === null ? 0 : 1, document: { engines: [engine, other], ...comparison }, text: formatComparison(comparison) };
}

async function list(call: NamedCall, options: TraceOptions): Promise<Report> {
  const { loaded } = call;
  const native = debugCall(loaded, { isa: options.engine, tier: 'compiled' }, call.options, call.entry, call.args);
  const decoder = await openDecoder(options.engine);
  try {
    const filter = filterOf(native, options);
    const texts = new MachineTexts(native.target, native.code, (bytes, address) => {
      const [first] = bytes.length === 0 ? [] : decoder.decode(bytes, address);
      return first === undefined ? undefined : `${first.mnemonic} ${first.op_str}`.trimEnd();
    });
    const entries = trace({ ...native, view: native.code, texts }, options.layer, filter);
    const { json = false, layer } = options;
    const write = json ? new JsonTrace({ layer, engine: options.engine }) : new Lines();
    for (;;) {
      const next = await entries.next();
      if (next.done === true) {
        const isOver = next.value.why !== 'count';
        const end = isOver ? describeCallEnd(loaded.module, endOfTarget(native)) : `${native.target.instructions} instructions executed`;
        write.end(end);
        return { exitStatus: next.value.why === 'fault' ? 1 : 0, document: undefined, text: '' };
      }
      write.entry(json ? JSON.stringify(documentOfEntry(next.value, layer)) : formatEntry(next.value, layer));
    }
  } catch (error) {
    // Who reads has had enough.
    if (error instanceof ProgramExit) return { exitStatus: error.code, document: undefined, text: '' };
    throw error;
  } finally {
    decoder.close();
    native.target.close();
  }
}

function filterOf({ code }: DebugCall, { kind, range, from = 0, to = Infinity, function: names }: TraceOptions): TraceFilter {
  const functions = functionsNamed(names, code.functions);
  if (kind !== undefined && !kindsOf(code.functions).includes(kind)) throw unknownName('template or instruction', kind, [...kindsOf(code.functions)]);
  if (from > to) throw new UsageError(`--from ${from} is behind --to ${to}`);
  return { ...(functions === undefined ? {} : { functions }), ...(kind === undefined ? {} : { kind }), ...(range === undefined ? {} : { range }), from, to };
}

/** Writes as it comes, in pieces that are worth it. */
class Lines {
  #text = '';

  entry(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length >= chunk) this.flush();
  }

  end(text: string): void {
    this.entry(text);
    this.flush();
  }

  protected flush(): void {
    writeDescriptor(stdout, Buffer.from(this.#text));
    this.#text = '';
  }
}

/** One document, a line for each entry. */
class JsonTrace extends Lines {
  #comma = '';

  constructor(head: object) {
    super();
    super.entry(`${JSON.stringify(head).slice(0, -1)},"entries":[`);
  }

  override entry(json: string): void {
    super.entry(`${this.#comma}${escapeJson(json)}`);
    this.#comma = ',';
  }

  override end(text: string): void {
    super.entry(`],"end":${escapeJson(JSON.stringify(text))}}`);
    this.flush();
  }
}
