import type { FunctionType } from './types.js';

/** Numbers for function types, equal for structurally equal ones: from 1 on, in the order in which they are asked for. */
export class TypeNumbers {
  private readonly numbers = new Map<string, number>();

  of({ params, results }: FunctionType): number {
    const key = `${params.join()}:${results.join()}`;
    const number = this.numbers.get(key) ?? this.numbers.size + 1;
    this.numbers.set(key, number);
    return number;
  }
}
