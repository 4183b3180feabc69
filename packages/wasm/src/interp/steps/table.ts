import type { Step } from '../structure.js';
import type { TableInstance } from '../table.js';
import { popThree } from './memory.js';

export const tableGet =
  (table: TableInstance): Step =>
  (m) => {
    const top = (m.sp - 1) << 1;
    m.words[top] = table.get(m.words[top]! >>> 0);
  };

export const tableSet =
  (table: TableInstance): Step =>
  (m) => {
    const at = (m.sp -= 2) << 1;
    table.set(m.words[at]! >>> 0, m.words[at + 2]!);
  };

export const tableSize =
  (table: TableInstance): Step =>
  (m) => {
    m.words[m.sp++ << 1] = table.size;
  };

export const tableGrow =
  (table: TableInstance): Step =>
  (m) => {
    const top = --m.sp << 1;
    const more = m.words[top]! >>> 0;
    const old = table.grow(more, m.words[top - 2]!);
    m.words[top - 2] = old;
    if (old >= 0) m.units += more;
  };

export const tableFill =
  (table: TableInstance): Step =>
  (m) => {
    const [start, reference, length] = popThree(m);
    table.fill(start, reference, length);
    m.units += length;
  };

export const tableCopy =
  (destination: TableInstance, source: TableInstance): Step =>
  (m) => {
    const [to, from, length] = popThree(m);
    destination.copy(source, to, from, length);
    m.units += length;
  };

/** `elements` gives the segment's references, none once it was dropped. */
export const tableInit =
  (table: TableInstance, elements: () => Int32Array): Step =>
  (m) => {
    const [to, from, length] = popThree(m);
    table.init(elements(), to, from, length);
    m.units += length;
  };
