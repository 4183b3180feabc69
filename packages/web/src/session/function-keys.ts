import { UsageError, type DebugFunction } from '@fireball/contracts';

/** Functions by numbers that pages name them by. Code that is made anew has a new one. */
export class FunctionKeys {
  readonly #keys = new Map<DebugFunction, number>();
  readonly #functions: DebugFunction[] = [];

  keyOf(code: DebugFunction): number {
    let key = this.#keys.get(code);
    if (key === undefined) {
      key = this.#functions.push(code) - 1;
      this.#keys.set(code, key);
    }
    return key;
  }

  /** @throws UsageError where there is none */
  at(key: number): DebugFunction {
    const code = this.#functions[key];
    if (code === undefined) throw new UsageError(`there is no function ${key}`);
    return code;
  }
}
