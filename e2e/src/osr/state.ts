/** The state of a module between the reference interpreter and the virtual SoC: memories, globals, tables, frames. */
import { InternalError } from '@fireball/contracts';
import type { Vsoc, VsocInstance, VsocValue } from '@fireball/vsoc';
import { WasmFunction, type Instance, type ReferenceType, type Value, type ValueType } from '@fireball/wasm';

/** An instance of the reference interpreter and one of the same module as machine code. */
export interface Twins {
  readonly reference: Instance;
  readonly vsoc: Vsoc;
  readonly native: VsocInstance;
}

function isReference(type: ValueType): type is ReferenceType {
  return type === 'funcref' || type === 'externref';
}

/** The guest's word for a reference that the interpreter knows by number. */
function guestReference({ reference, vsoc, native }: Twins, type: ReferenceType, number: number): number {
  const { functions, externs } = reference.store.codec;
  if (type === 'externref') return vsoc.store.references.toWord(type, externs.itemOf(number));
  const item = functions.itemOf(number);
  return item === null ? 0 : vsoc.store.references.toWord(type, native.functions[reference.functions.indexOf(item)]);
}

/** The same value on the virtual SoC, as a text to compare. */
export function textOf({ reference, native }: Twins, { type, value }: Value | VsocValue): string {
  if (type !== 'funcref' || value === null) return `${type} ${String(value)}`;
  const index = value instanceof WasmFunction ? reference.functions.indexOf(value) : native.functions.findIndex((candidate) => candidate === value);
  return `funcref of function ${index}`;
}

/** A frame as the guest has it: references among the locals are translated, operands are taken to be numbers. */
export function guestFrame(twins: Twins, index: number, frame: Int32Array): Int32Array {
  const callee = twins.reference.functions[index];
  if (!(callee instanceof WasmFunction)) throw new InternalError(`function ${index} has no body`);
  const translated = frame.slice();
  let local = 0;
  for (const { type, count } of callee.validated.locals.runs) {
    for (const end = local + count; local < end; local++) {
      if (isReference(type)) translated[2 * local] = guestReference(twins, type, frame[2 * local] ?? 0);
    }
  }
  return translated;
}

/** Has a passive segment been dropped? The virtual SoC cannot be told from outside. */
export function hasDropped({ module, data, elements }: Instance): boolean {
  const isGone = (segment: { readonly mode: string }, content: ArrayLike<unknown> | undefined): boolean => segment.mode === 'passive' && content?.length === 0;
  return [...module.data].some((segment, index) => isGone(segment, data[index])) || module.elements.some((segment, index) => isGone(segment, elements[index]));
}

/** Gives the native instance, which is new, the contents that the reference has now. */
export function copyState(twins: Twins): void {
  const { reference, vsoc, native } = twins;
  const { dataMemory } = vsoc;
  reference.memories.forEach((memory, index) => {
    const twin = native.memories[index]!;
    twin.grow(memory.pages - twin.byteLength / memory.pageSize);
    twin.bytes.set(memory.bytes.subarray(0, memory.byteLength));
  });
  reference.globals.forEach(({ type, words }, index) => {
    const { cell } = native.globals[index]!;
    dataMemory.writeWord(cell, isReference(type.type) ? guestReference(twins, type.type, words[0] ?? 0) : (words[0] ?? 0));
    dataMemory.writeWord(cell + 4, words[1] ?? 0);
  });
  reference.tables.forEach((table, index) => {
    const { record, elements, type } = native.tables[index]!;
    dataMemory.writeWord(record, table.size);
    for (let at = 0; at < table.size; at++) dataMemory.writeWord(elements + 4 * at, guestReference(twins, type.element, table.at(at) ?? 0));
  });
}

/** What differs between the two now; undefined where nothing does. */
export function differenceOf(twins: Twins): string | undefined {
  const { reference, vsoc, native } = twins;
  const { dataMemory } = vsoc;
  for (const [index, memory] of reference.memories.entries()) {
    if (Buffer.compare(memory.bytes.subarray(0, memory.byteLength), native.memory(index)) !== 0) return `memory ${index}`;
  }
  for (const [index, global] of reference.globals.entries()) {
    if (textOf(twins, reference.store.globalValue(global)) !== textOf(twins, native.global(index))) return `global ${index}`;
  }
  for (const [index, table] of reference.tables.entries()) {
    const { record, elements, type } = native.tables[index]!;
    if (dataMemory.readWord(record) !== table.size) return `size of table ${index}`;
    for (let at = 0; at < table.size; at++) {
      const expected = guestReference(twins, type.element, table.at(at) ?? 0);
      if (dataMemory.readWord(elements + 4 * at) !== expected) return `element ${at} of table ${index}`;
    }
  }
  return undefined;
}
