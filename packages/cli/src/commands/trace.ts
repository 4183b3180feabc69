import { escapeJson, UsageError, unknownName, type CodeView, type DebugTarget } from '@fireball/contracts';
import { functionsNamed, kindsOf, MachineTexts, operationsOf, trace, type NamedFunction, type TraceFilter, type Unit } from '@fireball/debugger';
import { openDecoder, withAbsoluteTarget } from '@fireball/disasm';
import { debugCall, debuggedEngineNames, engineNamed, readInput, referenceEngine, writeDescriptor, type DebugCall } from '@fireball/engines';
import { functionName } from '@fireball/wasm';
import { InvalidArgumentError, Option } from 'commander';
import { openFirmware } from '../emulate/debuggee.js';
import { untilReaderGoes } from '../reader.js';
import type { Report } from '../report.js';
import { compareTraces, formatComparison } from '../trace/compare.js';
import { documentOfEntry, formatEntry } from '../trace/format.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addCallOptions, describeCallEnd, endOfTarget, namedCall, type CallOptions, type NamedCall } from './native-call.js';

interface TraceOptions extends CallOptions {
  readonly engine: string;
  readonly board?: string;
  readonly input?: string;
  readonly layer: Unit;
  readonly against?: string;
  readonly function: readonly string[];
  readonly kind?: string;
  readonly range?: { readonly begin: number; readonly end: number };
  readonly from?: number;
  readonly to?: number;
  readonly json?: true;
}

const [stdout, stderr] = [1, 2];
/** Characters that are written at once. */
const chunk = 1 << 16;

function addressRange(text: string): { readonly begin: number; readonly end: number } {
  const [, first, last] = /^(0x[\da-f]{1,8}|\d{1,10})-(0x[\da-f]{1,8}|\d{1,10})$/i.exec(text) ?? [];
  if (first === undefined || Number(first) > Number(last))
    throw new InvalidArgumentError('It must be the first address and the last, such as 0x10200-0x1023f.');
  return { begin: Number(first), end: Number(last) + 1 };
}

export const registerTrace: CommandRegistration = (program, run) => {
  const command = program
    .command('trace')
    .description('list what one call does, by wasm instruction, template or machine instruction, or what firmware does; or compare a call with another engine')
    .argument('<file>', 'module, .wasm or .wat; - reads it from standard input; firmware with --board')
    .addOption(
      new Option(
        '--layer <layer>',
        'wasm: instructions with operands and locals; template: what they became; machine: instructions, with the registers that they change',
      )
        .choices(['wasm', 'template', 'machine'] satisfies Unit[])
        .default('wasm'),
    )
    .addOption(
      new Option('--engine <name>', 'who runs it; of vsoc engines interpreted instructions are followed, and code as it is compiled')
        .choices(debuggedEngineNames)
        .default('thumb2'),
    )
    .option('--board <name>', 'the file is firmware for this board: its machine instructions are listed, with symbols; until it ends, or --to')
    .option('--input <file>', 'with --board: what is typed at the beginning')
    .addOption(
      new Option(
        '--against <engine>',
        'list nothing, but compare with this engine, and show the first difference; the reference interpreter leads the way for both',
      ).choices([referenceEngine.name, ...debuggedEngineNames]),
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
    if (options.board !== undefined) return listFirmware(file, options.board, options);
    if (options.input !== undefined) throw new UsageError('--input is for firmware, with --board');
    const call = await namedCall(file, options);
    return options.against === undefined ? list(call, options) : compare(call, options, options.against);
  });
};

function wantedFunctions<T extends NamedFunction>(names: readonly string[], all: readonly T[]): ReadonlySet<T> | undefined {
  return names.length === 0 ? undefined : new Set(names.flatMap((name) => functionsNamed(name, all)));
}

function compare(call: NamedCall, { engine, against, ...options }: TraceOptions, other: string): Report {
  for (const [name, value] of Object.entries({ kind: options.kind, range: options.range, from: options.from, to: options.to })) {
    if (value !== undefined) throw new UsageError(`--${name} is for one trace, not for --against`);
  }
  if (options.layer !== 'wasm') throw new UsageError(`engines have only the wasm layer in common: --against has no meaning for --layer ${options.layer}`);
  if (engine === other) throw new UsageError(`--against wants another engine than ${engine}`);
  const { module, validated } = call.loaded;
  const functions = wantedFunctions(
    options.function,
    validated.functions.map(({ index }) => ({ index, name: functionName(module, index) })),
  );
  const indices = functions === undefined ? undefined : new Set([...functions].map(({ index }) => index));
  const comparison = compareTraces(call, other === referenceEngine.name ? [engine] : [engine, other], indices);
  return { exitStatus: comparison.difference === null ? 0 : 1, document: { engines: [engine, other], ...comparison }, text: formatComparison(comparison) };
}

/** What a trace is of, and how it is told at its end. */
interface Traced {
  readonly target: DebugTarget;
  readonly view: CodeView;
  readonly engine: string;
  readonly outcome: () => string;
  readonly filter: TraceFilter;
}

async function list({ loaded, options: engineOptions, entry, args }: NamedCall, options: TraceOptions): Promise<Report> {
  const call = debugCall(loaded, engineNamed(options.engine).vsoc!, engineOptions, entry, args);
  const { target, code: view } = call;
  try {
    const outcome = (): string => describeCallEnd(loaded.module, endOfTarget(call));
    return await untilReaderGoes(() => write({ target, view, engine: options.engine, outcome, filter: filterOf(call, options) }, options));
  } finally {
    target.close();
  }
}

/** Firmware has machine instructions only. Its console goes to standard error: the trace is on standard output. */
async function listFirmware(file: string, board: string, options: TraceOptions): Promise<Report> {
  for (const [name, value] of Object.entries({ against: options.against, kind: options.kind, invoke: options.invoke })) {
    if (value !== undefined) throw new UsageError(`--${name} is for modules, not for firmware on a --board`);
  }
  const debuggee = await openFirmware({ file, board }, options.input === undefined ? undefined : readInput(options.input), (bytes) => {
    writeDescriptor(stderr, bytes);
  });
  try {
    const { target, view } = debuggee.session;
    for (const name of options.function) if (view.addressOf?.(name) === undefined) throw new UsageError(`there is no symbol '${name}'`);
    const routines = options.function.length === 0 ? {} : { routines: new Set(options.function) };
    const filter = { ...placesOf(options), ...routines };
    return await untilReaderGoes(() => write({ target, view, engine: board, outcome: () => debuggee.outcome(), filter }, { ...options, layer: 'machine' }));
  } finally {
    debuggee.close();
  }
}

async function write({ target, view, engine, outcome, filter }: Traced, { json, layer }: Pick<TraceOptions, 'json' | 'layer'>): Promise<Report> {
  const decoder = await openDecoder(target.architecture);
  try {
    const texts = new MachineTexts(target, view, (bytes, address) => {
      const [first] = bytes.length === 0 ? [] : decoder.decode(bytes, address);
      return first === undefined ? undefined : withAbsoluteTarget(target.architecture, address, `${first.mnemonic} ${first.op_str}`.trimEnd());
    });
    const entries = trace({ target, view, texts }, layer, filter);
    const lines = json === true ? new JsonTrace({ layer, engine }) : new Lines();
    for (;;) {
      const next = await entries.next();
      if (next.done === true) {
        const { why } = next.value;
        lines.end(why === 'count' ? `${target.instructions} instructions executed` : why === 'asleep' ? 'it waits for input' : outcome());
        return { exitStatus: why === 'fault' ? 1 : 0, document: undefined, text: '' };
      }
      lines.entry(json === true ? JSON.stringify(documentOfEntry(next.value, layer)) : formatEntry(next.value, layer));
    }
  } finally {
    decoder.close();
  }
}

function filterOf({ code }: DebugCall, options: TraceOptions): TraceFilter {
  const { kind, layer, function: names } = options;
  const functions = wantedFunctions(names, code.functions);
  // Of code that is compiled later any template may be.
  const kinds = layer === 'wasm' ? operationsOf(code.functions) : [...kindsOf(code.functions), ...(code.interpreter === undefined ? [] : code.templates)];
  if (kind !== undefined && !kinds.includes(kind)) throw unknownName(layer === 'wasm' ? 'wasm instruction' : 'template or instruction', kind, kinds);
  return {
    ...placesOf(options),
    ...(functions === undefined ? {} : { functions: new Set([...functions].map(({ index }) => index)) }),
    ...(kind === undefined ? {} : { kind }),
  };
}

function placesOf({ range, from = 0, to = Infinity }: TraceOptions): Pick<TraceFilter, 'range' | 'from' | 'to'> {
  if (from > to) throw new UsageError(`--from ${from} is behind --to ${to}`);
  return { ...(range === undefined ? {} : { range }), from, to };
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
