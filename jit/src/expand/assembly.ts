import { InternalError, UnsupportedError } from '@fireball/contracts';
import type { Template, TemplateSet } from '../templates/index.js';
import { mostCodeBytes } from '../core/layout/masm.js';
import type { BranchForm, BranchForms } from './branch-forms.js';
import {
  checkShift,
  placedFixup,
  placedKind,
  placedNote,
  placedOffset,
  placedTarget,
  placedTemplate,
  placedUnsigned,
  placedValues,
  placedWasm,
  placedWords,
  siteFixup,
  tableFixup,
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

/** Templates `begin` to `end` (exclusive) of the list. */
export interface PlacedRange {
  readonly begin: number;
  readonly end: number;
}

const fewRecords = 32;
const fewLabels = 32;
const nothing = new Int32Array();

/**
 * A function under construction: placed templates and labels, before addresses are known. A placed template is a record of words (records.ts).
 * States: emitting -> laid out (`layOut`) -> linked at an address by `link` (expand.ts).
 */
export class Assembly {
  /** Records one after the other; more than are placed. */
  words: Int32Array = nothing;
  /** How many templates are placed. */
  count = 0;
  /** Per label, the index of the placed template that follows it; -1 while unbound. More than there are. */
  labels: Int32Array = nothing;
  labelCount = 0;
  private checks: readonly SharedCheck[] | undefined;
  /** Makes the checks that several accesses share, when somebody asks for them; undefined where there is none. */
  makeChecks: (() => SharedCheck[]) | undefined;
  /** Labels that are bound in front of what comes at this index. */
  private latestAt = 0;
  private readonly latest: Label[] = [];
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
    this.bindHere(label);
  }

  /** The labels that are bound in front of whatever comes next. */
  labelsHere(): readonly Label[] {
    return this.latestAt === this.count ? [...this.latest] : [];
  }

  /** Binds labels here, wherever they were bound. */
  rebind(labels: readonly Label[]): void {
    for (const label of labels) this.bindHere(label);
  }

  private bindHere(label: Label): void {
    if (this.latestAt !== this.count) {
      this.latestAt = this.count;
      this.latest.length = 0;
    }
    this.latest.push(label);
    this.labels[label] = this.count;
  }

  /** Places a template, with as many values as it has operands: integers of 32 bits with or without sign. */
  emit(template: Template, wasmOffset: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number): void {
    const at = this.place(template, wasmOffset) + placedValues;
    let count = 0;
    if (a !== undefined) this.put(at, count++, a);
    if (b !== undefined) this.put(at, count++, b);
    if (c !== undefined) this.put(at, count++, c);
    if (d !== undefined) this.put(at, count++, d);
    if (e !== undefined) this.put(at, count++, e);
    if (f !== undefined) this.put(at, count++, f);
    if (g !== undefined) this.put(at, count++, g);
    if (count !== template.operands.length) throw new InternalError(`template ${template.name} takes ${template.operands.length} operands, not ${count}`);
  }

  private put(at: number, index: number, value: number): void {
    this.words[at + index] = value;
    if (this.words[at + index] !== value) this.putUnsigned(at, index, value);
  }

  private putUnsigned(at: number, index: number, value: number): void {
    if (value >>> 0 !== value) throw new InternalError(`${value} is no value of a template`);
    const unsigned = at - placedValues + placedUnsigned;
    this.words[unsigned] = (this.words[unsigned] as number) | (1 << index);
  }

  /** Index of the first word of a new record, all of whose other words are 0. */
  private place(template: Template, wasmOffset: number): number {
    const at = this.count * placedWords;
    if (at === this.words.length) this.words = grown(this.words, fewRecords * placedWords);
    this.words[at + placedTemplate] = template.id;
    this.words[at + placedWasm] = wasmOffset;
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
    const { words } = this;
    words[at + placedFixup] = fixup;
    words[at + placedTarget] = target;
    words[at + placedKind] = forms.number;
    words[at + placedValues] = a;
    words[at + placedValues + 1] = b;
    words[at + placedValues + 2] = c;
    words[at + placedValues + 3] = d;
  }

  tableEntry(template: Template, from: Label, target: Label, jump: BranchForms, wasmOffset: number): void {
    const at = this.place(template, wasmOffset);
    const { words } = this;
    words[at + placedFixup] = tableFixup;
    words[at + placedTarget] = target;
    words[at + placedKind] = jump.number;
    words[at + placedValues] = from;
    this.setRole('table entry');
  }

  /** Says what the template is for that was placed last. */
  setRole(role: SiteRole): void {
    const at = (this.count - 1) * placedWords + placedNote;
    this.words[at] = ((this.words[at] as number) & -(1 << checkShift)) | (siteRoles.indexOf(role) + 1);
  }

  /** Bounds checks that several accesses share, by number. */
  get sharedChecks(): readonly SharedCheck[] {
    return (this.checks ??= this.makeChecks?.() ?? []);
  }

  /** Says to which shared check the templates from index `begin` on belong. */
  share(check: number, begin: number): void {
    for (let at = begin * placedWords + placedNote; at < this.count * placedWords; at += placedWords)
      this.words[at] = ((this.words[at] as number) & ((1 << checkShift) - 1)) | (check << checkShift);
  }

  /**
   * Moves ranges, disjoint or nested, no two with one beginning, behind everything that there is now, each without those inside it. Control must not
   * run into a range, nor out of it. A label stays with the template that it is bound in front of.
   */
  moveBehind(ranges: readonly PlacedRange[]): void {
    const byBegin = new Map(ranges.filter(({ begin, end }) => begin < end).map((range) => [range.begin, range]));
    if (byBegin.size === 0) return;
    const { words, count } = this;
    const into = new Int32Array(words.length);
    const moved = new Int32Array(count + 1);
    let next = 0;
    const waiting: PlacedRange[] = [{ begin: 0, end: count }];
    for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
      for (let index = range.begin; index < range.end;) {
        const inner = byBegin.get(index);
        if (inner === undefined || inner === range) {
          into.set(words.subarray(index * placedWords, (index + 1) * placedWords), next * placedWords);
          moved[index++] = next++;
        } else {
          waiting.push(inner);
          index = inner.end;
        }
      }
    }
    moved[count] = count;
    this.words = into;
    for (let label = 0; label < this.labelCount; label++) {
      const bound = this.labels[label] as number;
      if (bound >= 0) this.labels[label] = moved[bound] as number;
    }
  }

  /** Marks where the function is left; `finish` puts the code there. */
  leaveSite(filler: Template, site: number, wasmOffset: number): void {
    const at = this.place(filler, wasmOffset);
    this.words[at + placedFixup] = siteFixup;
    this.words[at + placedTarget] = site;
  }

  /**
   * Puts the prologue in front and the code that leaves the function at every site. Both are known
   * only after the body: they depend on the registers and slots that it used.
   */
  finish(prologue: () => void, leave: (site: number, wasmOffset: number) => void): void {
    const { words, count, labelCount } = this;
    const moved = new Int32Array(count + 1);
    const bound = this.labels.slice(0, labelCount);
    this.words = new Int32Array(words.length);
    this.count = 0;
    prologue();
    for (let from = 0; from < count;) {
      // Runs of templates that stay are moved at once.
      let to = from;
      for (; to < count && words[to * placedWords + placedFixup] !== siteFixup; to++) moved[to] = this.count + to - from;
      this.append(words.subarray(from * placedWords, to * placedWords));
      if (to < count) {
        moved[to] = this.count;
        leave(words[to * placedWords + placedTarget] as number, words[to * placedWords + placedWasm] as number);
        to++;
      }
      from = to;
    }
    moved[count] = this.count;
    for (let label = 0; label < labelCount; label++) {
      const index = bound[label] as number;
      if (index >= 0) this.labels[label] = moved[index] as number;
    }
  }

  private append(records: Int32Array): void {
    const used = this.count * placedWords;
    while (used + records.length > this.words.length) this.words = grown(this.words, fewRecords * placedWords);
    this.words.set(records, used);
    this.count += records.length / placedWords;
  }

  /** Byte offset of a bound label, after `layOut`. */
  labelOffset(label: Label): number {
    const index = label < this.labelCount ? (this.labels[label] as number) : -1;
    if (index < 0) throw new InternalError(`label ${label} was never bound`);
    return index < this.count ? (this.words[index * placedWords + placedOffset] as number) : this.size;
  }
}

function grown(array: Int32Array, least: number): Int32Array {
  const into = new Int32Array(Math.max(least, 2 * array.length));
  into.set(array);
  return into;
}
