import { parentPort } from 'node:worker_threads';
import { decodeModule, SizeLimits } from '@fireball/wasm';
import initWabt from 'wabt';
import { exposeState, globalExport, memoryExport } from '../v8/expose.js';
import type { WasmGlobal, WasmInstance, WasmMemory } from '../v8/webassembly.js';

// The thread in which wabt reads text. Its parser is recursive, and its own stack is 64 KiB, below which lie its tables: 250
// nested blocks write over them. So it gets a larger stack here, beyond V8's of this thread: that one ends first, with
// a RangeError, whatever the text.

export interface TextJob {
  readonly kind: 'module' | 'script';
  readonly source: Uint8Array;
}

/** A script as wast2json writes it: the JSON document, and the files beside it in the order in which it names them. */
export interface ConvertedScript {
  readonly document: string;
  readonly files: readonly Uint8Array[];
}

export type TextReply =
  | { readonly kind: 'module'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'script' } & ConvertedScript)
  | { readonly kind: 'syntax error'; readonly message: string }
  | { readonly kind: 'too deep' };

/** Bytes of wabt's stack: several times what it needs for each byte of V8's. */
const stackBytes = 64 * 1024 * 1024;
const maxPages = 65_536;

/** What our decoder knows, and what it refuses by name, with remedy; typed references wabt encodes as an old draft did. */
const features = {
  annotations: true,
  exceptions: true,
  extended_const: true,
  memory64: true,
  multi_memory: true,
  relaxed_simd: true,
  tail_call: true,
  threads: true,
};

type Pointer = number;

/** What wabt.js exports of its C functions besides its documented interface (wabt, src/emscripten-helpers.cc). */
interface RawWabt {
  _malloc(size: number): Pointer;
  _wabt_new_features(): Pointer;
  _wabt_new_errors(): Pointer;
  _wabt_new_wast_buffer_lexer(name: Pointer, source: Pointer, size: number, errors: Pointer): Pointer;
  _wabt_parse_wast(lexer: Pointer, features: Pointer, errors: Pointer): Pointer;
  _wabt_parse_wast_result_get_result(parsed: Pointer): number;
  _wabt_parse_wast_result_release_module(parsed: Pointer): Pointer;
  _wabt_format_text_errors(errors: Pointer, lexer: Pointer): Pointer;
  _wabt_write_binary_spec_script(
    script: Pointer,
    source: Pointer,
    out: Pointer,
    log: number,
    canonicalLebs: number,
    relocatable: number,
    debugNames: number,
  ): Pointer;
  _wabt_output_buffer_get_data(buffer: Pointer): Pointer;
  _wabt_output_buffer_get_size(buffer: Pointer): number;
}

interface Instantiated {
  readonly instance: WasmInstance;
}
interface Instantiator {
  instantiate(bytes: Uint8Array, imports: unknown): Promise<Instantiated>;
}

/** Starts wabt with memory and stack pointer in our hands: it embeds its module, and shows neither. */
async function open() {
  const api = (globalThis as unknown as { readonly WebAssembly: Instantiator }).WebAssembly;
  const instantiate = api.instantiate.bind(api);
  let state: { readonly memory: WasmMemory; readonly stackPointer: { value: unknown } } | undefined;
  api.instantiate = async (bytes, imports) => {
    const module = decodeModule(bytes);
    const result = await instantiate(exposeState(module, new SizeLimits(maxPages)), imports);
    const { exports } = result.instance;
    state = { memory: exports[memoryExport(module, 0)] as WasmMemory, stackPointer: exports[globalExport(module, 0)] as WasmGlobal };
    return result;
  };
  const wabt = await initWabt();
  const raw = wabt as unknown as RawWabt;
  const { memory, stackPointer } = state!;
  stackPointer.value = raw._malloc(stackBytes) + stackBytes;
  return { wabt, raw, memory };
}

const { wabt, raw, memory } = await open();

function assemble(source: Uint8Array): Uint8Array {
  // Given as bytes: wabt.js takes strings for ASCII.
  const parsed = wabt.parseWat('input.wat', source, features);
  try {
    parsed.resolveNames();
    return parsed.toBinary({ write_debug_names: true }).buffer;
  } finally {
    parsed.destroy();
  }
}

/** Bytes in wabt's memory, with a zero behind them. They stay there: scripts are few. */
function put(bytes: Uint8Array): Pointer {
  const at = raw._malloc(bytes.length + 1);
  const place = new Uint8Array(memory.buffer, at, bytes.length + 1);
  place.set(bytes);
  place[bytes.length] = 0;
  return at;
}

function takeBuffer(buffer: Pointer): Uint8Array {
  return new Uint8Array(memory.buffer, raw._wabt_output_buffer_get_data(buffer), raw._wabt_output_buffer_get_size(buffer)).slice();
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function convert(source: Uint8Array): ConvertedScript {
  const errors = raw._wabt_new_errors();
  const name = put(new TextEncoder().encode('script.wast'));
  const lexer = raw._wabt_new_wast_buffer_lexer(name, put(source), source.length, errors);
  const enabled = raw._wabt_new_features();
  for (const feature of Object.keys(features)) {
    (raw as unknown as Record<string, (features: Pointer, on: number) => void>)[`_wabt_set_${feature}_enabled`]!(enabled, 1);
  }
  const parsed = raw._wabt_parse_wast(lexer, enabled, errors);
  if (raw._wabt_parse_wast_result_get_result(parsed) !== 0) throw new Error(text(takeBuffer(raw._wabt_format_text_errors(errors, lexer))));
  const script = raw._wabt_parse_wast_result_release_module(parsed);
  const written = raw._wabt_write_binary_spec_script(script, name, put(new TextEncoder().encode('script.json')), 0, 1, 0, 1);
  return readConverted(written);
}

/**
 * Reads WabtWriteScriptResult, for which wabt.js exports no functions: the result, then pointers to the buffers of JSON and log, then
 * begin and end of a vector whose elements are a file name (std::string, three words) and a pointer to its buffer.
 */
function readConverted(written: Pointer): ConvertedScript {
  const word = (at: Pointer): number => new DataView(memory.buffer).getUint32(at, true);
  if (word(written) !== 0) throw new Error('error: this script cannot be converted');
  const document = text(takeBuffer(word(written + 4)));
  const files: Uint8Array[] = [];
  for (let at = word(written + 12); at < word(written + 16); at += 16) files.push(takeBuffer(word(at + 12)));
  return { document, files };
}

function work({ kind, source }: TextJob): TextReply {
  try {
    return kind === 'module' ? { kind, bytes: assemble(source) } : { kind, ...convert(source) };
  } catch (error) {
    return error instanceof RangeError ? { kind: 'too deep' } : { kind: 'syntax error', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort!.on('message', (job: TextJob) => parentPort!.postMessage(work(job)));
