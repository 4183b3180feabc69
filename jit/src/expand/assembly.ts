import { InternalError, UnsupportedError } from '@fireball/contracts';
import type { Template, TemplateSet } from '../templates/index.js';
import { mostCodeBytes, originBegin, originOffset, originStride, segmentBegin, segmentEnd, segmentStride } from '../core/layout/masm.js';
import { checkPlaced, identityOf } from '../templates/packing.js';
import type { BranchForm, BranchForms } from './branch-forms.js';
import {
  fixupShift,
  kindShift,
  mostOperandsOfBytes,
  placedBytes,
  placedHead,
  placedLast,
  placedWords,
  roleShift,
  tableFixup,
  templateBits,
  unsignedLast,
} from '../core/layout/placed.js';

/** A position in the code: index into `Assembly`'s labels. */
export type Label = number;

/** The accesses behind one bounds check of a register: each at `delta` bytes from it (wrapping), `size` bytes long. */
export interface SharedCheck {
  readonly register: number;
  readonly members: readonly { readonly wasmOffset: number; readonly delta: number; readonly size: number }[];
}

/** What a placed template is for, where others than listings have to know. By number, from 1 on. */
export const siteRoles = [
  /** It traps: a stub's, or that of `unreachable` in place. */
  'trap',
  /** Data of a branch table. */
  'table entry',
  /** It loads or stores, and not by the frame's registers. */
  'access',
] as const;
/** What a placed template is for, where others than listings have to know. */
export type SiteRole = (typeof siteRoles)[number];

const fewRecords = 32;
const fewLabels = 32;
const nothing = new Int32Array();
const noChecks: ReadonlyMap<number, SharedCheck> = new Map();

/**
 * A function under construction: placed templates and labels, before addresses are known. A placed template is a record of words (records.ts).
 * States: emitting -> laid out (`layOut`) -> linked at an address by `link` (expand.ts).
 */
export class Assembly {
  /** Records one after the other; more than there are. In which order they are code, if that is another one, `segments` says. */
  words: Int32Array = nothing;
  /** How many records there are, of which some may be no part of the code. */
  count = 0;
  /** Per label, the index of the placed template that follows it; -1 while unbound. More than there are. */
  labels: Int32Array = nothing;
  labelCount = 0;
  private readonly emittedOrigins: number[] = [];
  /** Which wasm instructions templates are of, from which one on: rows of `core/layout/masm.ts`. */
  origins: ArrayLike<number> = this.emittedOrigins;
  /** Byte offset of each label, after `layOut`; -1 while unbound. */
  labelOffsets: Int32Array = nothing;
  /** What is code, in its order: rows of `core/layout/masm.ts`. None is all records in their order. */
  private segments: Int32Array = nothing;
  private order: Int32Array | undefined;
  private offsets: Int32Array | undefined;
  private checks: ReadonlyMap<number, SharedCheck> | undefined;
  /** Makes the checks that several accesses share, by the indices of templates that belong to them, when somebody asks for them; undefined where there is none. */
  makeChecks: (() => ReadonlyMap<number, SharedCheck>) | undefined;
  /** Code bytes after `layOut`. */
  size = 0;
  /** Where the code will run, from `link` on. */
  address: number | undefined;
  /** What has been placed takes at least so many. */
  private leastBytes = 0;

  /** @param kinds the kinds of branches that can be placed, by number */
  constructor(
    readonly set: TemplateSet,
    readonly kinds: readonly BranchForms[],
  ) {}

  newLabel(): Label {
    if (this.labelCount === this.labels.length) this.labels = grown(this.labels, fewLabels);
    this.labels[this.labelCount] = -1;
    return this.labelCount++;
  }

  bind(label: Label): void {
    if (this.labels[label] !== -1) throw new InternalError(`label ${label} bound twice`);
    this.labels[label] = this.count;
  }

  /** Places a template, with as many values as it has operands: integers of 32 bits with or without sign. */
  emit(template: Template, wasmOffset: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number): void {
    const values = [a, b, c, d, e, f, g].filter((value) => value !== undefined);
    const { name, operands } = template;
    const last = operands.length - 1;
    if (values.length !== operands.length) throw new InternalError(`template ${name} takes ${operands.length} operands, not ${values.length}`);
    checkPlaced(template);
    const at = this.place(template, wasmOffset);
    values.forEach((value, index) => {
      if (index === last && last < mostOperandsOfBytes) this.putLast(at, value);
      else this.putByte(at + placedBytes, index, value);
    });
  }

  private putLast(at: number, value: number): void {
    this.words[at + placedLast] = value;
    if (this.words[at + placedLast] === value) return;
    if (value >>> 0 !== value) throw new InternalError(`${value} is no value of a template`);
    this.words[at + placedHead]! |= unsignedLast;
  }

  /** Puts a value among others: four of them to a word. */
  private putByte(at: number, index: number, value: number): void {
    if ((value & 0xff) !== value) throw new InternalError(`${value} is no value of a template but for its last operand`);
    this.words[at + (index >> 2)]! |= value << (8 * (index & 3));
  }

  /** Index of the first word of a new record, all of whose other words are 0. */
  private place(template: Template, wasmOffset: number): number {
    const at = this.count * placedWords;
    if (at === this.words.length) this.words = grown(this.words, fewRecords * placedWords);
    this.words[at + placedHead] = identityOf(template);
    if (this.emittedOrigins.at(-1) !== wasmOffset) this.emittedOrigins.push(4 * at, wasmOffset);
    this.count++;
    this.leastBytes += template.size;
    if (this.leastBytes > mostCodeBytes)
      throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: wasmOffset, section: 'code' });
    return at;
  }

  /** Places a branch in its nearest form. `fixup`: what it leads to, of which `target` is the number. */
  branch(forms: BranchForms, fixup: number, target: number, wasmOffset: number, a = 0, b = 0, c = 0, d = 0): void {
    const nearest = forms.forms[0] as BranchForm;
    const at = this.place(nearest.template, wasmOffset);
    this.words[at + placedHead]! |= (fixup << fixupShift) | (forms.number << kindShift);
    this.words[at + placedLast] = target;
    [a, b, c, d].forEach((value, index) => {
      this.putByte(at + placedBytes, index, value);
    });
  }

  tableEntry(template: Template, from: Label, target: Label, jump: BranchForms, wasmOffset: number): void {
    const at = this.place(template, wasmOffset);
    this.words[at + placedHead]! |= (tableFixup << fixupShift) | (jump.number << kindShift) | ((siteRoles.indexOf('table entry') + 1) << roleShift);
    this.words[at + placedBytes] = from;
    this.words[at + placedLast] = target;
  }

  /** The function is laid out, anew or for the first time. */
  settle(segments: Int32Array, labelOffsets: Int32Array, size: number): void {
    this.segments = segments;
    this.labelOffsets = labelOffsets;
    this.size = size;
    this.order = undefined;
    this.offsets = undefined;
  }

  /** Segments as the core has them. */
  get rows(): Int32Array {
    if (this.segments.length > 0) return this.segments;
    const rows = new Int32Array(segmentStride >> 2);
    rows[segmentEnd >> 2] = 4 * placedWords * this.count;
    return rows;
  }

  /** How many templates are placed. */
  get placedCount(): number {
    const { rows } = this;
    let bytes = 0;
    for (let row = 0; row < rows.length; row += segmentStride >> 2) bytes += rows[row + (segmentEnd >> 2)]! - rows[row + (segmentBegin >> 2)]!;
    return bytes / (4 * placedWords);
  }

  /** Indices of records in the order of the code. */
  get indices(): Int32Array {
    if (this.order?.length === this.placedCount) return this.order;
    const { rows } = this;
    const order = new Int32Array(this.placedCount);
    let next = 0;
    for (let row = 0; row < rows.length; row += segmentStride >> 2) {
      const end = rows[row + (segmentEnd >> 2)]! / (4 * placedWords);
      for (let index = rows[row + (segmentBegin >> 2)]! / (4 * placedWords); index < end; index++) order[next++] = index;
    }
    return (this.order = order);
  }

  /** Byte offset of the template at an index, after `layOut`. */
  offsetOf(index: number): number {
    return (this.offsets ??= this.makeOffsets())[index]!;
  }

  private makeOffsets(): Int32Array {
    const offsets = new Int32Array(this.count);
    let offset = 0;
    for (const index of this.indices) {
      offsets[index] = offset;
      offset += this.set.templates[this.words[index * placedWords + placedHead]! & templateBits]!.size;
    }
    return offsets;
  }

  /** Offset of the wasm instruction that the template at an index is of, from the start of the module; 0 where that is not known. */
  wasmOffsetOf(index: number): number {
    const { origins } = this;
    const row = originStride >> 2;
    let [low, high] = [0, origins.length / row];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (origins[middle * row + (originBegin >> 2)]! <= 4 * placedWords * index) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : origins[(low - 1) * row + (originOffset >> 2)]!;
  }

  /** The bounds check to which the template at an index belongs, if several accesses share it. */
  sharedCheckAt(index: number): SharedCheck | undefined {
    return (this.checks ??= this.makeChecks?.() ?? noChecks).get(index);
  }

  /** Byte offset of a bound label, after `layOut`. */
  labelOffset(label: Label): number {
    const offset = this.labelOffsets[label] ?? -1;
    if (offset < 0) throw new InternalError(`label ${label} was never bound`);
    return offset;
  }
}

function grown(array: Int32Array, least: number): Int32Array {
  const into = new Int32Array(Math.max(least, 2 * array.length));
  into.set(array);
  return into;
}
