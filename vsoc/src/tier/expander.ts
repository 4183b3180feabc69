import { InternalError, type CpuBackend } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, type LinkedCode, type TemplateSet } from '@fireball/jit';
import { loadCodeImage, type CodeImage } from '../chip/code-image.js';
import { defaultCpu } from '../chip/default-cpu.js';
import { ExpanderError, expanderErrors } from './expander-error.js';
import { packedSet, setDigest, type PackedSet } from './packed-set.js';
import { codeWord } from '../runtime/externs.js';

/** Guest instructions that a device spends on one function, from selection stream to checked code. */
export interface ExpansionCost {
  /** Reading the stream, and fixing the offsets of labels and branches. */
  readonly layout: number;
  /** Copying templates and filling their holes. */
  readonly patch: number;
  readonly crc: number;
}

/** The price of compiling a selected function in virtual time. */
export function totalCost({ layout, patch, crc }: ExpansionCost): number {
  return layout + patch + crc;
}

/** What a device's expander made of a function. */
export interface Expansion {
  readonly bytes: Uint8Array;
  /** CRC-32 as the device computed it. */
  readonly crc: number;
  readonly cost: ExpansionCost;
  /** Labels and branches, which are needed while the function is expanded. */
  readonly workBytes: number;
}

/** What the expander takes of a device, in bytes. */
export interface ExpanderSizes {
  /** Its own code, with templates and branch forms in it where they are compiled in. */
  readonly code: number;
  readonly templates: number;
  readonly branches: number;
  /** RAM that it keeps: where in the packed set everything lies. */
  readonly index: number;
}

const flashBase = 0x0800_0000;
const flashBytes = 0x4_0000;
/** Behind where calls return to. */
const codeBase = flashBase + 16;
const ramBase = 0x2000_0000;
/** Behind every buffer, and never written. */
const guardBytes = 64;
const guardByte = 0xa5;
const stackBytes = 0x1000;
const bufferBytes = { index: 0x1000, stream: 0x10_0000, work: 0x10_0000, code: 0x20_0000 } as const;
/** Words of `struct template_set` and `struct function`, and which of these says how much work is used. */
const setWords = 10;
const functionWords = 9;
const workUsed = 7;
/** More than the largest function takes; only a fault of the expander reaches it. */
const mostInstructions = 2 ** 32;

/**
 * The expander, patcher and CRC-32 of vsoc/guest/expander on an emulated CPU of their own. What they cost is what compilation
 * costs on a device once its functions are selected; the selector itself runs on the host.
 */
export class DeviceExpander {
  readonly sizes: ExpanderSizes;
  /** Are the templates part of its code? Only the built-in sets are; others are data, which it checks once and reads for every instance. */
  readonly isCompiledIn: boolean;
  /** Guest instructions that checking and indexing the template set took, once. */
  readonly loadCost: number;
  private readonly cpu: CpuBackend;
  private readonly entries: ReadonlyMap<string, number>;
  private readonly ram: Uint8Array;
  private readonly words: DataView;
  private readonly exit: number;
  private readonly addresses: Readonly<Record<keyof typeof bufferBytes | 'set' | 'function' | 'stack', number>>;
  private readonly guards: readonly number[];
  private deepest = 0;

  /**
   * @param cpu name of the core; the virtual SoC's default for the set's target unless told otherwise
   * @param data templates and branch forms that the device carries as data; undefined: compiled in if they can be, otherwise what the set packs into
   * @throws ExpanderError if the device refuses the packed set
   */
  constructor(
    readonly templates: TemplateSet,
    cpu: string = defaultCpu[templates.isa],
    data?: PackedSet,
  ) {
    const { isa } = templates;
    const packed = data ?? packedSet(templates);
    const compiled = data === undefined ? compiledIn(packed, isa) : undefined;
    this.isCompiledIn = compiled !== undefined;
    const image = compiled ?? loadCodeImage('expander/packed', isa, codeBase);
    this.entries = image.entries;
    this.exit = flashBase;
    this.cpu = createCpu({ isa, cpu });
    const flash = this.cpu.mapRam(flashBase, flashBytes, { read: true, write: false, execute: true });
    flash.set(exitRoutine(templates).linkAt(this.exit), 0);
    flash.set(image.code, 16);
    const templatesAt = 16 + image.code.length;
    const branchesAt = templatesAt + packed.templates.length;
    if (!this.isCompiledIn) {
      flash.set(packed.templates, templatesAt);
      flash.set(packed.branches, branchesAt);
    }

    const guards: number[] = [];
    let next = ramBase;
    const buffer = (bytes: number): number => {
      const at = next;
      guards.push(at + bytes);
      next += bytes + guardBytes;
      return at;
    };
    this.addresses = {
      stack: buffer(stackBytes) + stackBytes,
      set: buffer(4 * setWords),
      function: buffer(4 * functionWords),
      index: buffer(bufferBytes.index),
      stream: buffer(bufferBytes.stream),
      work: buffer(bufferBytes.work),
      code: buffer(bufferBytes.code),
    };
    this.guards = guards;
    const ramBytes = Math.ceil((next - ramBase) / this.cpu.pageSize) * this.cpu.pageSize;
    this.ram = this.cpu.mapRam(ramBase, ramBytes, { read: true, write: true, execute: false });
    this.words = new DataView(this.ram.buffer, this.ram.byteOffset, this.ram.length);
    for (const guard of guards) this.ram.fill(guardByte, guard - ramBase, guard - ramBase + guardBytes);
    this.ram.fill(guardByte, 0, stackBytes);
    this.cpu.invalidateCode(flashBase, flashBytes);

    const { set, index } = this.addresses;
    this.write(set, [flashBase + templatesAt, packed.templates.length, flashBase + branchesAt, packed.branches.length, index, bufferBytes.index / 2]);
    try {
      this.loadCost = this.call('load', [set]).instructions;
    } catch (error) {
      this.close();
      throw error;
    }
    const indexed = [6, 7, 8].reduce((count, word) => count + this.words.getUint32(set - ramBase + 4 * word, true), 0);
    const asData = ({ length }: Uint8Array): number => (this.isCompiledIn ? 0 : length);
    this.sizes = { code: image.code.length, templates: asData(packed.templates), branches: asData(packed.branches), index: 2 * indexed };
  }

  /** Stack that the calls so far needed. */
  get stackBytes(): number {
    return this.deepest;
  }

  /**
   * Makes machine code of a selection stream.
   * @param address where the code will run
   * @param capacity bytes of the staging buffer that the device has for it
   * @throws ExpanderError if the device refuses the stream
   */
  expand(stream: Uint8Array, address: number, capacity: number = bufferBytes.code): Expansion {
    const { set, function: record, stream: streamAt, work, code } = this.addresses;
    if (stream.length > bufferBytes.stream) throw new InternalError(`a selection stream of ${stream.length} bytes`);
    // Behind the stream lies the guard: what is read there would be no part of it.
    const start = streamAt + bufferBytes.stream - stream.length;
    this.ram.set(stream, start - ramBase);
    this.ram.fill(guardByte, code + capacity - ramBase, code + capacity + guardBytes - ramBase);
    this.write(record, [start, stream.length, work, bufferBytes.work / 4, code, capacity, address]);
    const layout = this.call('layout', [set, record]);
    const patch = this.call('emit', [set, record]);
    const size = patch.result;
    if (size !== layout.result) throw new InternalError(`the device laid out ${layout.result} bytes and placed ${size}`);
    this.checkGuard(code + capacity);
    const crc = this.call('crc32', [code, size]);
    return {
      bytes: this.ram.slice(code - ramBase, code - ramBase + size),
      crc: crc.result >>> 0,
      cost: { layout: layout.instructions, patch: patch.instructions, crc: crc.instructions },
      workBytes: 4 * this.words.getUint32(record - ramBase + 4 * workUsed, true),
    };
  }

  /**
   * Makes the code of a linked function once more.
   * @throws InternalError where the device's code or CRC-32 is not the host's
   */
  expandSame({ stream, address, bytes, crc }: LinkedCode): Expansion {
    const expansion = this.expand(stream, address);
    if (Buffer.compare(expansion.bytes, bytes) !== 0 || expansion.crc !== crc)
      throw new InternalError(`the device makes other code than the host at 0x${address.toString(16)}`);
    return expansion;
  }

  close(): void {
    this.cpu.close();
  }

  private write(address: number, words: readonly number[]): void {
    words.forEach((word, index) => this.words.setUint32(address - ramBase + 4 * index, word >>> 0, true));
  }

  private call(entry: string, args: readonly number[]): { readonly result: number; readonly instructions: number } {
    const { cpu } = this;
    const isThumb = cpu.isa === 'thumb2';
    const first = isThumb ? 'r' : 'a';
    const at = this.entries.get(entry);
    if (at === undefined) throw new InternalError(`the expander has no entry ${entry}`);
    args.forEach((value, index) => cpu.writeRegister(`${first}${index}`, value));
    cpu.writeRegister('sp', this.addresses.stack);
    cpu.writeRegister(isThumb ? 'lr' : 'ra', codeWord(cpu.isa, this.exit));
    const { reason, pc, executed } = cpu.run(at, mostInstructions);
    if (reason.kind !== 'invalid-instruction' || pc !== this.exit)
      throw new InternalError(`${entry} on the device ended with ${reason.kind} at 0x${pc.toString(16)}`);
    for (const guard of this.guards) this.checkGuard(guard);
    this.deepest = Math.max(this.deepest, stackBytes - this.ram.findIndex((byte) => byte !== guardByte));
    const result = cpu.readRegister(`${first}0`) | 0;
    const error = entry === 'crc32' ? undefined : expanderErrors[-result - 1];
    if (error !== undefined) throw new ExpanderError(error);
    return { result, instructions: executed };
  }

  private checkGuard(address: number): void {
    const at = address - ramBase;
    if (this.ram.subarray(at, at + guardBytes).some((byte) => byte !== guardByte))
      throw new InternalError(`the device wrote outside a buffer, behind 0x${address.toString(16)}`);
  }
}

/** The expander that this set is compiled into. */
function compiledIn(packed: PackedSet, isa: TemplateSet['isa']): CodeImage | undefined {
  const image = loadCodeImage('expander/compiled', isa, codeBase);
  return image.templates === setDigest(packed) ? image : undefined;
}
