import { InternalError, UnsupportedError } from '@fireball/contracts';
import type { Template } from '../templates/index.js';

/** Most code of one function: far above any budget, below every unconditional branch's reach. */
export const mostCodeBytes = 1 << 20;

/** A position in the code: index into `Assembly`'s labels. */
export type Label = number;

/** Where a relative operand points: a label of this function, an address outside it, or another function's entry, whose place is known when the code is linked. */
export type Target = { readonly label: Label } | { readonly address: number } | { readonly callee: number };

/** The accesses behind one bounds check of a register: each at `delta` bytes from it (wrapping), `size` bytes long. */
export interface SharedCheck {
  readonly register: number;
  readonly members: readonly { readonly wasmOffset: number; readonly delta: number; readonly size: number }[];
}

/** What a placed template is for, where others than listings have to know. */
export type SiteRole =
  /** It traps: a stub's, or that of `unreachable` in place. */
  | 'trap'
  /** Data of a branch table. */
  | 'table entry'
  /** It loads or stores, and not by the frame's registers. */
  | 'access';

/** One encoding of a branch. */
export interface BranchForm {
  readonly template: Template;
  /** Index of the operand that takes the distance. */
  readonly relative: number;
  /** For every other operand, in order of the operands, the index of the branch's value that it takes; `~index` for that value with bit 0 flipped. */
  readonly sources: readonly number[];
}

/** The encodings of one kind of branch, nearest first. Constants of a target, told apart by identity. */
export type BranchForms = readonly BranchForm[];

/** A branch encoding whose last operand is the distance. */
export function branchForm(template: Template, ...sources: number[]): BranchForm {
  return { template, relative: sources.length, sources };
}

/** The operands of an encoding; the distance is 0. */
export function formValues({ relative, sources }: BranchForm, values: readonly number[]): number[] {
  const operands: number[] = [];
  for (const source of sources) {
    if (operands.length === relative) operands.push(0);
    operands.push(source < 0 ? (values[~source] as number) ^ 1 : (values[source] as number));
  }
  if (operands.length === relative) operands.push(0);
  return operands;
}

/** A branch: one operand is the distance from its instruction to `target`, the others come from `values`. */
export interface RelativeFixup {
  readonly kind: 'relative';
  target: Target;
  readonly forms: BranchForms;
  /** Index of the form in use. */
  form: number;
  readonly values: readonly number[];
}

/** An entry of a branch table: the distance in half-words from label `from`, where the table begins, to `target`. */
export interface TableFixup {
  readonly kind: 'table';
  readonly operand: number;
  /** The greatest distance that the entry holds. */
  readonly reach: number;
  readonly from: Label;
  target: Label;
  /** The jump that stands behind the table where an entry does not reach. */
  readonly jump: BranchForms;
}

/** One placed template. `fixup` says which operand depends on the final layout. */
export interface PlacedTemplate {
  template: Template;
  values: number[];
  /** Offset of the wasm instruction, from the start of the module. */
  readonly wasmOffset: number;
  /** Byte offset from the start of the function; set by `layOut`. */
  offset: number;
  /** A place where the function is left, by number: what stands here is known with the frame (`finish`). */
  site: number | undefined;
  role: SiteRole | undefined;
  /** A bounds check that several accesses share: what tells them apart if it fails. */
  sharedCheck: SharedCheck | undefined;
  fixup: RelativeFixup | TableFixup | undefined;
}

function newTemplate(template: Template, values: number[], wasmOffset: number): PlacedTemplate {
  return { template, values, wasmOffset, offset: -1, site: undefined, role: undefined, sharedCheck: undefined, fixup: undefined };
}

/** A branch in its nearest form, not placed yet. */
export function newBranch(forms: BranchForms, values: readonly number[], target: Target, wasmOffset: number): PlacedTemplate {
  const first = forms[0];
  if (first === undefined) throw new InternalError('a branch needs at least one form');
  const entry = newTemplate(first.template, formValues(first, values), wasmOffset);
  entry.fixup = { kind: 'relative', target, forms, form: 0, values };
  return entry;
}

/** Templates that shall stand in front of the one at index `at`. */
export interface Insertion {
  readonly at: number;
  readonly entries: readonly PlacedTemplate[];
}

/** Templates `begin` to `end` (exclusive) of the list. */
export interface PlacedRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * A function under construction: placed templates and labels, before addresses are known.
 * States: emitting -> laid out (`layOut`) -> linked at an address by `link` (expand.ts).
 */
export class Assembly {
  readonly placed: PlacedTemplate[] = [];
  /** Per label, the index of the placed template that follows it; -1 while unbound. */
  readonly labels: number[] = [];
  /** Labels that are bound in front of what comes at this index. */
  private latest: { readonly at: number; readonly labels: Label[] } = { at: 0, labels: [] };
  /** Code bytes after `layOut`. */
  size = 0;
  /** What has been placed takes at least so many. */
  leastBytes = 0;

  newLabel(): Label {
    this.labels.push(-1);
    return this.labels.length - 1;
  }

  bind(label: Label): void {
    if (this.labels[label] !== -1) throw new InternalError(`label ${label} bound twice`);
    this.bindHere(label);
  }

  /** The labels that are bound in front of whatever comes next. */
  labelsHere(): readonly Label[] {
    return this.latest.at === this.placed.length ? [...this.latest.labels] : [];
  }

  /** Binds labels here, wherever they were bound. */
  rebind(labels: readonly Label[]): void {
    for (const label of labels) this.bindHere(label);
  }

  private bindHere(label: Label): void {
    const at = this.placed.length;
    if (this.latest.at !== at) this.latest = { at, labels: [] };
    this.latest.labels.push(label);
    this.labels[label] = at;
  }

  emit(template: Template, values: number[], wasmOffset: number): PlacedTemplate {
    return this.place(newTemplate(template, values, wasmOffset));
  }

  private place(entry: PlacedTemplate): PlacedTemplate {
    this.placed.push(entry);
    this.leastBytes += entry.template.size;
    if (this.leastBytes > mostCodeBytes)
      throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: entry.wasmOffset, section: 'code' });
    return entry;
  }

  branch(forms: BranchForms, values: readonly number[], target: Target, wasmOffset: number): PlacedTemplate {
    return this.place(newBranch(forms, values, target, wasmOffset));
  }

  tableEntry(template: Template, operand: number, from: Label, target: Label, jump: BranchForms, wasmOffset: number): void {
    const entry = this.emit(template, [0], wasmOffset);
    entry.role = 'table entry';
    entry.fixup = { kind: 'table', operand, reach: template.operands[operand]?.max ?? 0, from, target, jump };
  }

  /** Puts templates in front of those at the `at` of ascending insertions, and of the labels bound there; returns the labels of each insertion's templates. */
  insertAll(insertions: readonly Insertion[]): Label[][] {
    const old = this.placed.splice(0);
    const moved = new Int32Array(old.length + 1);
    const begins: number[] = [];
    let next = 0;
    for (let index = 0; index <= old.length; index++) {
      for (let insertion = insertions[next]; insertion?.at === index; insertion = insertions[++next]) {
        begins.push(this.placed.length);
        for (const entry of insertion.entries) this.placed.push(entry);
      }
      moved[index] = this.placed.length;
      if (index < old.length) this.placed.push(old[index] as PlacedTemplate);
    }
    this.labels.forEach((bound, label) => {
      if (bound >= 0) this.labels[label] = moved[bound] as number;
    });
    return insertions.map(({ entries }, insertion) => entries.map((_, position) => this.labels.push((begins[insertion] as number) + position) - 1));
  }

  /**
   * Moves ranges, disjoint or nested, no two with one beginning, behind everything that there is now, each without those inside it. Control must not
   * run into a range, nor out of it. A label stays with the template that it is bound in front of.
   */
  moveBehind(ranges: readonly PlacedRange[]): void {
    const byBegin = new Map(ranges.filter(({ begin, end }) => begin < end).map((range) => [range.begin, range]));
    const order: number[] = [];
    const waiting: PlacedRange[] = [{ begin: 0, end: this.placed.length }];
    for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
      for (let index = range.begin; index < range.end;) {
        const inner = byBegin.get(index);
        if (inner === undefined || inner === range) order.push(index++);
        else {
          waiting.push(inner);
          index = inner.end;
        }
      }
    }
    const position: number[] = [];
    order.forEach((from, to) => {
      position[from] = to;
    });
    position[order.length] = order.length;
    this.labels.forEach((bound, label) => {
      if (bound >= 0) this.labels[label] = position[bound] as number;
    });
    order
      .map((index) => this.placed[index] as PlacedTemplate)
      .forEach((entry, index) => {
        this.placed[index] = entry;
      });
  }

  /** Marks where the function is left; `finish` puts the code there. */
  leaveSite(filler: Template, site: number, wasmOffset: number): void {
    this.emit(filler, [], wasmOffset).site = site;
  }

  /**
   * Puts the prologue in front and the code that leaves the function at every site. Both are known
   * only after the body: they depend on the registers and slots that it used.
   */
  finish(prologue: () => void, leave: (site: number, wasmOffset: number) => void): void {
    const body = this.placed.splice(0);
    const bound = this.labels.map((index) => index);
    prologue();
    const moved = body.map((entry) => {
      const index = this.placed.length;
      if (entry.site !== undefined) leave(entry.site, entry.wasmOffset);
      else this.placed.push(entry);
      return index;
    });
    moved.push(this.placed.length);
    bound.forEach((index, label) => {
      if (index >= 0) this.labels[label] = moved[index] as number;
    });
  }

  /** Byte offset of a bound label, after `layOut`. */
  labelOffset(label: Label): number {
    const index = this.labels[label];
    if (index === undefined || index < 0) throw new InternalError(`label ${label} was never bound`);
    return this.placed[index]?.offset ?? this.size;
  }
}
