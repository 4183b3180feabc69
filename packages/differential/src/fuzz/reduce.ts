import { FireballError } from '@fireball/contracts';
import { decodeModule, validateModule } from '@fireball/wasm';
import { encodeModule } from './encode.js';
import type { FuzzCall } from './generator/module.js';
import { nodeAt, replaceAt, simplerNodes, withBody, withoutUnused } from './reduce-tree.js';
import { zero, type TreeModule } from './tree.js';

interface ReducibleCase {
  readonly tree: TreeModule;
  readonly calls: readonly FuzzCall[];
}

/** Does the smaller case still show what was found? */
export type Oracle = (bytes: Uint8Array, calls: readonly FuzzCall[]) => Promise<boolean>;

/**
 * Makes a case smaller as long as the oracle agrees, and until `deadline` (milliseconds of `performance.now()`). Every
 * candidate that the oracle sees is a valid module.
 */
export async function reduceCase(start: ReducibleCase, oracle: Oracle, deadline: number): Promise<ReducibleCase> {
  const reducer = new Reducer(start, oracle, deadline);
  await reducer.calls();
  for (let before: ReducibleCase | undefined; reducer.best !== before && !reducer.late;) {
    before = reducer.best;
    await reducer.functions();
    for (const index of start.tree.functions.keys()) await reducer.body(index);
    await reducer.calls();
    await reducer.unused();
  }
  return reducer.best;
}

class Reducer {
  constructor(
    public best: ReducibleCase,
    private readonly oracle: Oracle,
    private readonly deadline: number,
  ) {}

  get late(): boolean {
    return performance.now() > this.deadline;
  }

  private async attempt(candidate: ReducibleCase): Promise<boolean> {
    if (this.late) return false;
    const exported = new Set(candidate.tree.functions.map((entry) => entry.exported));
    if (!candidate.calls.every((call) => exported.has(call.function))) return false;
    const bytes = validBytes(candidate.tree);
    if (bytes === undefined || !(await this.oracle(bytes, candidate.calls))) return false;
    this.best = candidate;
    return true;
  }

  private tryTree(tree: TreeModule): Promise<boolean> {
    return this.attempt({ ...this.best, tree });
  }

  async calls(): Promise<void> {
    for (let length = this.best.calls.length; length > 0; length >>= 1) {
      for (let from = 0; from < this.best.calls.length;) {
        const calls = this.best.calls.filter((_, index) => index < from || index >= from + length);
        if (calls.length === this.best.calls.length || !(await this.attempt({ ...this.best, calls }))) from += length;
      }
    }
  }

  /** Functions that only return zeros. */
  async functions(): Promise<void> {
    for (const [index, { type, body }] of this.best.tree.functions.entries()) {
      if (body.length > type.results.length) await this.tryTree(withBody(this.best.tree, index, type.results.map(zero)));
    }
  }

  async body(index: number): Promise<void> {
    for (let place = 0; !this.late;) {
      const body = this.best.tree.functions[index]?.body;
      const node = body === undefined ? undefined : nodeAt(body, place);
      if (body === undefined || node === undefined) return;
      let changed = false;
      for (const simpler of simplerNodes(node)) {
        changed = await this.tryTree(withBody(this.best.tree, index, replaceAt(body, place, simpler)));
        if (changed) break;
      }
      if (!changed) place += 1;
    }
  }

  async unused(): Promise<void> {
    for (let changed = true; changed && !this.late;) {
      changed = false;
      const before = this.best;
      for (const tree of withoutUnused(before.tree, new Set(before.calls.map((call) => call.function)))) {
        if (isSmaller(tree, before.tree)) changed = await this.tryTree(tree);
        if (changed) break;
      }
    }
  }
}

/** Whether something was there to take away. */
function isSmaller(after: TreeModule, before: TreeModule): boolean {
  const size = (module: TreeModule): number => encodedSize(module) ?? 0;
  const [smaller, larger] = [size(after), size(before)];
  return smaller > 0 && smaller < larger;
}

function encodedSize(module: TreeModule): number | undefined {
  return validBytes(module)?.length;
}

/** The module's bytes; undefined where it cannot be written down or does not validate. */
function validBytes(module: TreeModule): Uint8Array | undefined {
  try {
    const bytes = encodeModule(module);
    validateModule(decodeModule(bytes));
    return bytes;
  } catch (error) {
    if (error instanceof FireballError) return undefined;
    throw error;
  }
}
