import { InternalError } from '@fireball/contracts';
import { compileFunction, TemplateSet, type CompiledFunction, type CompilerCore, type EntryRange, type FunctionSource, type LinkedCode } from '@fireball/jit';
import type { CompileTarget } from '../runtime/compile-target.js';
import { codeWord } from '../runtime/externs.js';
import type { InstanceEnvironment } from '../runtime/instance/linkage.js';
import { profile } from '../runtime/interpreter/layout.js';
import type { Program } from '../runtime/interpreter/program.js';
import type { CompileFault, TieredFunction } from './tiered-function.js';

interface InstanceFunctionInputs {
  readonly target: CompileTarget;
  readonly program: Program;
  /** Position among the functions with a body. */
  readonly position: number;
  readonly slot: number;
  readonly source: FunctionSource;
  environment(): InstanceEnvironment;
  memoryBytes(): number;
}

/** A function of an instance in mixed mode. */
export class InstanceFunction implements TieredFunction {
  readonly id: string;
  readonly wasmBytes: number;
  readonly profileAddress: number;
  /** That of the last compilation. */
  private linkEnvironment: InstanceEnvironment | undefined;
  /** What calls run; undefined: the interpreter. */
  code: LinkedCode | undefined;
  /** Loops at which interpreted activations have asked to go on natively. */
  private readonly osrLoops = new Set<number>();
  private callThreshold = 0;
  private loopThreshold = 0;

  constructor(private readonly inputs: InstanceFunctionInputs) {
    const { program, position, slot, source } = inputs;
    this.id = String(slot);
    this.wasmBytes = source.end - source.start;
    this.profileAddress = program.profileOf(position);
  }

  /** Counts calls and arrivals at loops from now on. */
  arm(callThreshold: number, loopThreshold: number): void {
    this.callThreshold = callThreshold;
    this.loopThreshold = loopThreshold;
    this.rearm();
  }

  rearm(): void {
    const { target, program, position } = this.inputs;
    this.write(profile.COUNTER, this.callThreshold);
    for (const [counter, wasmOffset] of program.loopsOf(position)) {
      const isEntered = this.code?.osrEntries.some((entry) => entry.wasmOffset === wasmOffset) === true;
      target.dataMemory.writeWord(counter, isEntered ? 0 : this.loopThreshold);
    }
  }

  compilation(osrLoop: number | undefined, fault: CompileFault | undefined): (core: CompilerCore | undefined) => CompiledFunction {
    const { target, source } = this.inputs;
    if (osrLoop !== undefined) this.osrLoops.add(osrLoop);
    const templates = fault === undefined ? target.templates : spoiled(target.templates, fault);
    const options = { osrLoops: [...this.osrLoops], branches: target.branches, locations: target.locations };
    let environment: InstanceEnvironment | undefined;
    return (core) => {
      // That may have no room for a routine: a failure as others.
      environment ??= this.linkEnvironment = this.inputs.environment();
      return compileFunction(source, templates, environment, options, core);
    };
  }

  get isCurrent(): boolean {
    return this.linkEnvironment === this.inputs.environment();
  }

  verify(code: LinkedCode): void {
    const { target, source } = this.inputs;
    if (this.linkEnvironment === undefined) throw new InternalError('code is verified that was not compiled');
    target.verifier?.verify({ isa: target.isa, cpu: target.cpu.cpu, source, environment: this.linkEnvironment, code });
  }

  get entries(): readonly EntryRange[] {
    return this.linkEnvironment?.entries ?? [];
  }

  get index(): number {
    return this.inputs.source.index;
  }

  get slot(): number {
    return this.inputs.slot;
  }

  memoryBytes(): number {
    return this.inputs.memoryBytes();
  }

  switchTo(code: LinkedCode | undefined): void {
    const { target, program, position, slot } = this.inputs;
    this.code = code;
    this.write(profile.NATIVE, code === undefined ? 0 : codeWord(target.isa, code.address));
    this.write(profile.COUNTER, this.callThreshold);
    target.store.setCode(slot, code?.address ?? program.entryOf(position));
  }

  get used(): boolean {
    const { target, slot } = this.inputs;
    return this.code !== undefined && target.dataMemory.readWord(slot) === (codeWord(target.isa, this.code.address) | 0);
  }

  forgetUse(): void {
    const { target, program, position, slot } = this.inputs;
    target.store.setCode(slot, program.entryOf(position));
    // Calls within the instance do not come by the entry while their counter lasts.
    this.write(profile.COUNTER, 0);
  }

  private write(field: number, value: number): void {
    this.inputs.target.dataMemory.writeWord(this.profileAddress + field, value);
  }
}

/** Of each set, by fault. */
const spoiledSets = new WeakMap<TemplateSet, Map<CompileFault, TemplateSet>>();

/** The set without a template that every function needs, or with registers that no value fits: selection does not look at those. */
function spoiled(set: TemplateSet, fault: CompileFault): TemplateSet {
  const known = spoiledSets.get(set) ?? new Map<CompileFault, TemplateSet>();
  spoiledSets.set(set, known);
  const made = known.get(fault) ?? spoil(set, fault);
  known.set(fault, made);
  return made;
}

function spoil({ json }: TemplateSet, fault: CompileFault): TemplateSet {
  if (fault === 'missing-template') return new TemplateSet({ ...json, templates: json.templates.slice(1) });
  const templates = json.templates.map((template) => ({
    ...template,
    operands: template.operands.map((operand) => (operand.kind === 'reg' ? { ...operand, min: 1, max: 0 } : operand)),
  }));
  return new TemplateSet({ ...json, templates });
}
