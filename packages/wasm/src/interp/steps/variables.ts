import type { GlobalInstance } from '../global.js';
import type { ExecutionState, Step } from '../structure.js';

function copySlot(m: ExecutionState, to: number, from: number): void {
  const { words } = m;
  words[to << 1] = words[from << 1]!;
  words[(to << 1) + 1] = words[(from << 1) + 1]!;
}

export const localGet =
  (index: number): Step =>
  (m) =>
    copySlot(m, m.sp++, m.fp + index);

export const localSet =
  (index: number): Step =>
  (m) =>
    copySlot(m, m.fp + index, --m.sp);

export const localTee =
  (index: number): Step =>
  (m) =>
    copySlot(m, m.fp + index, m.sp - 1);

export const globalGet =
  ({ words }: GlobalInstance): Step =>
  (m) => {
    const top = m.sp++ << 1;
    m.words[top] = words[0]!;
    m.words[top + 1] = words[1]!;
  };

export const globalSet =
  ({ words }: GlobalInstance): Step =>
  (m) => {
    const top = --m.sp << 1;
    words[0] = m.words[top]!;
    words[1] = m.words[top + 1]!;
  };

/** Any constant, as its two words. */
export const constant =
  (low: number, high: number): Step =>
  (m) => {
    const top = m.sp++ << 1;
    m.words[top] = low;
    m.words[top + 1] = high;
  };

export const drop: Step = (m) => {
  m.sp--;
};

export const select: Step = (m) => {
  const condition = m.words[--m.sp << 1]!;
  m.sp--;
  if (condition === 0) copySlot(m, m.sp - 1, m.sp);
};

export const refIsNull: Step = (m) => {
  const top = (m.sp - 1) << 1;
  m.words[top] = m.words[top] === 0 ? 1 : 0;
};
