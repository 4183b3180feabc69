import { MemoryMapError } from './errors.js';
import type { MapProblem } from './errors.js';

const addressSpace = 2 ** 32;

/** Which addresses of a 32-bit space are taken, so that mistakes are named before the library sees them. */
export class AddressMap {
  readonly #regions: { readonly begin: number; readonly end: number }[] = [];

  constructor(readonly pageSize: number) {}

  #checkShape(base: number, size: number): void {
    const problem = this.#shapeProblem(base, size);
    if (problem !== undefined) throw new MemoryMapError(problem, base, size, this.pageSize);
  }

  #shapeProblem(base: number, size: number): MapProblem | undefined {
    if (!(base >= 0 && size > 0 && base + size <= addressSpace)) return 'outside';
    return base % this.pageSize === 0 && size % this.pageSize === 0 ? undefined : 'unaligned';
  }

  /** @throws MemoryMapError unless [base, base + size) is whole pages and free. */
  checkFree(base: number, size: number): void {
    this.#checkShape(base, size);
    if (this.#regions.some(({ begin, end }) => base < end && base + size > begin)) {
      throw new MemoryMapError('overlapping', base, size, this.pageSize);
    }
  }

  /** @throws MemoryMapError unless [base, base + size) is whole pages and mapped throughout. */
  checkMapped(base: number, size: number): void {
    this.#checkShape(base, size);
    let next = base;
    for (const { begin, end } of this.#regions) {
      if (begin <= next && next < end) next = end;
    }
    if (next < base + size) throw new MemoryMapError('unmapped', base, size, this.pageSize);
  }

  /** The free pages of [base, base + size), as ranges. */
  gaps(base: number, size: number): { readonly base: number; readonly size: number }[] {
    const gaps: { readonly base: number; readonly size: number }[] = [];
    let next = Math.floor(base / this.pageSize) * this.pageSize;
    const last = Math.min(addressSpace, Math.ceil((base + size) / this.pageSize) * this.pageSize);
    for (const { begin, end } of [...this.#regions, { begin: last, end: last }]) {
      const until = Math.min(begin, last);
      if (until > next) gaps.push({ base: next, size: until - next });
      next = Math.max(next, end);
    }
    return gaps;
  }

  add(base: number, size: number): void {
    this.#regions.push({ begin: base, end: base + size });
    this.#regions.sort((a, b) => a.begin - b.begin);
  }
}
