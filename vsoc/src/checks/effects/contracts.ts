/**
 * Holds what templates declare to read, write and destroy against what they do: instances run on an emulated CPU from
 * random states. Everything that is different afterwards must be a declared output or clobber. Then everything that is
 * no declared input gets other values: results, memory and the way on must stay the same.
 */
import type { Isa } from '@fireball/contracts';
import { cores, isDataTemplate, seededRandom, type Features, type Template, type TemplateSet } from '@fireball/jit';
import { changesOf, disagree, type Run } from './compare.js';
import { Blame, contains, namesOf, resourcesNamed, setOf, type Resource, type ResourceSet } from './resources.js';
import { floatCount } from './float-bank.js';
import { randomMemory, registerCounts, TemplateRunner, type TemplateState } from './runner.js';
import { allBut, enumChoices, mixed, randomInstance, randomState } from './states.js';

/** What running templates on random states found out about their declared effects. */
export interface ContractCheck {
  /** Runs of instances. */
  readonly runs: number;
  /** One line each, naming template, register and what to declare; empty if all is well. */
  readonly problems: readonly string[];
  /** What is declared without need: it costs, but harms nobody. */
  readonly warnings: readonly string[];
}

/** What memory holds, and what else it may hold. */
/** Made when they are needed first. */
let memories: readonly [Uint8Array, Uint8Array] | undefined;
const randomMemories = (): readonly [Uint8Array, Uint8Array] => (memories ??= [randomMemory('first'), randomMemory('second')]);
/** Instances of a template: some of every combination of its enum values. */
const leastInstances = 16;
const mostInstances = 160;
const instancesPerChoice = 2;
/** Runs of an instance that met no missing memory, and tries to get them. */
const states = 4;
const mostTries = 24;
/** Search for the culprit among all registers, at most so often in one template. */
const mostSearches = 6;

/** @throws UsageError if there is no emulated core of the set's architecture */
export function checkContracts(set: TemplateSet): ContractCheck {
  const { isa } = set;
  const runners = new Map<string, TemplateRunner>();
  let runs = 0;
  const problems: string[] = [];
  const warnings: string[] = [];
  try {
    for (const template of set.templates) {
      if (isDataTemplate(isa, template)) continue;
      const [cpu, features] = coreFor(isa, template);
      let runner = runners.get(cpu);
      if (runner === undefined) runners.set(cpu, (runner = new TemplateRunner(isa, cpu, features.size > 0)));
      const checked = new TemplateContract(template, runner).check();
      runs += checked.runs;
      problems.push(...checked.problems);
      warnings.push(...checked.warnings);
    }
  } finally {
    for (const runner of runners.values()) runner.close();
  }
  return { runs, problems, warnings };
}

/** The first core that has what the template requires. */
function coreFor(isa: Isa, { json }: Template): [string, Features] {
  const all = Object.entries(cores[isa]);
  return all.find(([, features]) => json.requires.every((word) => (features as ReadonlySet<string>).has(word))) ?? all[0]!;
}

class TemplateContract {
  private readonly isa: Isa;
  private readonly random: () => number;
  private readonly problems: string[] = [];
  private readonly undeclaredChanges = new Blame();
  private readonly undeclaredInputs = new Blame();
  private readonly warnings: string[] = [];
  /** Declared names that were seen to change. */
  private readonly changed = new Set<string>();
  private runs = 0;
  private completed = 0;
  private searches = 0;
  private isUnexplained = false;

  constructor(
    private readonly template: Template,
    private readonly runner: TemplateRunner,
  ) {
    this.isa = runner.isa;
    this.random = seededRandom(template.name);
  }

  check(): ContractCheck {
    const { inputs, outputs, clobbers } = this.template.json;
    for (const [list, names] of [
      ['inputs', inputs],
      ['outputs', outputs],
      ['clobbers', clobbers],
    ] as const) {
      for (const name of names) {
        if (resourcesNamed(this.template, [], name) === undefined)
          this.problem(`${list}: ${name} is no register operand, no register, not flags and not memory`);
      }
    }
    const choices = enumChoices(this.template);
    const count = Math.min(mostInstances, Math.max(leastInstances, instancesPerChoice * choices.length));
    for (let index = 0; index < count; index++) {
      const values = randomInstance(this.template, choices[index % choices.length] ?? new Map(), this.random);
      if (values !== undefined) this.instance(values);
    }
    for (const name of this.undeclaredChanges.culprits()) {
      this.problem(`changes ${name}, which is neither an output nor a clobber; add it to //@ outputs if that is a result, otherwise to //@ clobbers`);
    }
    for (const name of this.undeclaredInputs.culprits()) this.problem(`reads ${name}, which is no declared input; add it to //@ inputs`);
    if (this.completed === 0) this.warn('was never executed to its end: it needs memory or devices where there are none here, so its contract is unproven');
    else this.declaredForNothing();
    // Where only several together make a difference, they are found one by one as soon as others are declared.
    if (this.isUnexplained && this.problems.length === 0)
      this.problem('gives other results where what is no declared input has other values; declare all that it reads in //@ inputs');
    return { runs: this.runs, problems: this.problems, warnings: this.warnings };
  }

  private instance(values: readonly number[]): void {
    const { template, runner, isa, random } = this;
    const { inputs, outputs, clobbers } = template.json;
    const resources = (names: readonly string[]): ResourceSet => setOf(names.flatMap((name) => resourcesNamed(template, values, name) ?? []));
    const declared = { inputs: resources(inputs), outputs: resources(outputs), changes: resources([...outputs, ...clobbers]) };
    runner.place(template, values);
    for (let attempt = 0, complete = 0; attempt < mostTries && complete < states; attempt++) {
      const before = randomState(isa, randomMemories()[0], random);
      const first = this.run(before);
      if (!first.after.isComplete) continue;
      complete++;
      this.completed++;
      this.changes(values, first, declared.changes);
      const other = randomState(isa, randomMemories()[1], random);
      const second = this.run(mixed(before, other, allBut(declared.inputs)));
      if (disagree(isa, first, second, declared.outputs)) this.undeclaredInput(values, first, other, declared);
    }
  }

  private run(before: TemplateState): Run {
    this.runs++;
    return { before, after: this.runner.run(before) };
  }

  private changes(values: readonly number[], run: Run, declared: ResourceSet): void {
    const { outputs, clobbers } = this.template.json;
    const seen = changesOf(this.isa, run);
    for (const resource of seen) {
      if (!contains(declared, resource)) this.undeclaredChanges.add(namesOf(this.template, values, resource));
    }
    // Where two names mean the same register, the change proves neither.
    const meanings = [...new Set([...outputs, ...clobbers])].map((name) => ({ name, resources: resourcesNamed(this.template, values, name) ?? [] }));
    for (const resource of seen) {
      const meant = meanings.filter(({ resources }) => contains(setOf(resources), resource));
      if (meant.length === 1) this.changed.add(meant[0]!.name);
    }
  }

  /** Which of what is no declared input makes the difference? */
  private undeclaredInput(values: readonly number[], first: Run, other: TemplateState, declared: { inputs: ResourceSet; outputs: ResourceSet }): void {
    if (this.searches++ >= mostSearches) return;
    const all: Resource[] = [
      ...Array.from({ length: registerCounts[this.isa] }, (_, number): Resource => ({ kind: 'register', number })),
      ...Array.from({ length: floatCount }, (_, number): Resource => ({ kind: 'float', number })),
      { kind: 'flags' },
      { kind: 'memory' },
    ];
    const isSame = (a: Resource, b: Resource): boolean => a.kind === b.kind && (!('number' in a) || !('number' in b) || a.number === b.number);
    const culprits = all.filter(allBut(declared.inputs)).filter((resource) => {
      const changed = this.run(mixed(first.before, other, (each) => isSame(each, resource)));
      return disagree(this.isa, first, changed, declared.outputs);
    });
    this.isUnexplained ||= culprits.length === 0;
    for (const culprit of culprits) this.undeclaredInputs.add(namesOf(this.template, values, culprit));
  }

  private declaredForNothing(): void {
    const { outputs, clobbers } = this.template.json;
    for (const name of outputs) if (!this.changed.has(name)) this.problem(`declares the output ${name}, but never changes it; take it out of //@ outputs`);
    for (const name of clobbers) {
      if (!this.changed.has(name) && !outputs.includes(name)) this.warn(`declares the clobber ${name}, but never changes it`);
    }
  }

  private problem(text: string): void {
    this.problems.push(`${this.template.name}: ${text}`);
  }

  private warn(text: string): void {
    this.warnings.push(`${this.template.name}: ${text}`);
  }
}
