import { functionSource } from '@fireball/jit';
import type { ValidatedModule } from '@fireball/wasm';
import type { CompileTarget } from '../runtime/compile-target.js';
import type { IndexSpaces } from '../runtime/instance/index-spaces.js';
import type { InstanceEnvironment, Linkage } from '../runtime/instance/linkage.js';
import type { Program } from '../runtime/interpreter/program.js';
import type { CodeCache } from './code-cache.js';
import { InstanceFunction } from './instance-function.js';

interface MixedInstanceInputs {
  readonly target: CompileTarget;
  readonly cache: CodeCache;
  readonly validated: ValidatedModule;
  readonly program: Program;
  readonly spaces: IndexSpaces;
  readonly linkage: Linkage;
}

/** An instance in mixed mode: functions that become native one by one, linked against the same. */
export class MixedInstance {
  readonly program: Program;
  /** Those with a body, in order. */
  readonly functions: readonly InstanceFunction[];
  private environment: InstanceEnvironment | undefined;

  constructor(private readonly inputs: MixedInstanceInputs) {
    const { target, validated, program, spaces, linkage } = inputs;
    this.program = program;
    this.functions = validated.functions.map(
      (entry, position) =>
        new InstanceFunction({
          target,
          program,
          position,
          slot: spaces.slotOf(entry.index),
          source: functionSource(validated, entry),
          environment: () => (this.environment ??= linkage.environment()),
          memoryBytes: () => spaces.memoryBytes,
        }),
    );
    spaces.memories[0]?.onResize(() => this.unfixMemory());
  }

  /** Somebody else can grow the memory from now on: code with the size in it goes. */
  private unfixMemory(): void {
    const { cache, linkage } = this.inputs;
    if (!linkage.unfixMemory()) return;
    this.environment = undefined;
    for (const owner of this.functions) cache.remove(owner);
  }

  get nativeFunctions(): number {
    return this.functions.filter(({ code }) => code !== undefined).length;
  }

  get codeBytes(): number {
    return this.functions.reduce((bytes, { code }) => bytes + (code?.bytes.length ?? 0), 0);
  }
}
