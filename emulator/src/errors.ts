import { FireballError } from '@fireball/contracts';

/** What is wrong with a region. */
export type MapProblem = 'unaligned' | 'overlapping' | 'outside' | 'unmapped';

const explanations: Record<MapProblem, string> = {
  unaligned: 'is not a multiple of the page size',
  overlapping: 'overlaps a mapped region',
  outside: 'is empty or leaves the 32-bit address space',
  unmapped: 'is not mapped',
};

const hex = (value: number): string => `0x${value.toString(16)}`;

/** A region that cannot be mapped or changed, from a board description or a caller. Exit status 65. */
export class MemoryMapError extends FireballError {
  readonly exitStatus = 65;
  constructor(
    readonly problem: MapProblem,
    readonly base: number,
    readonly size: number,
    readonly pageSize: number,
  ) {
    super(`memory region ${hex(base)}..${hex(base + size)} ${explanations[problem]}` + (problem === 'unaligned' ? ` of ${pageSize} bytes` : ''));
  }
}
