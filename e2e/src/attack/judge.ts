import { FireballError, type Isa } from '@fireball/contracts';
import { createVsoc, type Vsoc, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { decodeModule, instantiate, Store, validateModule, type Instance, type ValidatedModule, type Value } from '@fireball/wasm';
import { withPages } from '../testing/pages.js';
import { bytesOfText } from '../testing/native.js';
import { argumentsFor, type Attack, type AttackFunction, type AttackModule, type Random } from './program.js';

/** What one program came to. */
interface Verdict {
  /** Calls made on an emulated CPU. */
  readonly executions: number;
  /** Of those, the ones that trapped. */
  readonly traps: number;
  /** The first thing that went wrong on each target, with the call that shows it. */
  readonly failures: readonly string[];
}

interface Contestant {
  readonly isa: Isa;
  readonly vsoc: Vsoc;
  readonly instances: readonly VsocInstance[];
}

/** Most wasm instructions of a call; hostile loops are short. */
const fuel = 200_000;

function assemble({ text, pages }: AttackModule): ValidatedModule {
  const bytes = bytesOfText(text);
  return validateModule(decodeModule(pages === undefined ? bytes : withPages(bytes, pages)));
}

/**
 * Runs `calls` calls of a program in the reference interpreter and, with every memory access watched, on the targets. Results,
 * traps, memories and globals must agree after every call.
 */
export function judge(attack: Attack, targets: readonly Isa[], calls: number, random: Random, options: Partial<VsocOptions> = {}): Verdict {
  const modules = attack.modules.map(assemble);
  const store = new Store();
  const reference: Instance[] = [];
  for (const module of modules) {
    reference.push(instantiate(store, module, (from, field) => reference[indexOf(attack, from)]?.exports.get(field)));
  }
  const failures: string[] = [];
  let contestants: Contestant[] = [];
  let executions = 0;
  let traps = 0;
  const drop = (lost: Contestant, what: string): void => {
    failures.push(`${lost.isa}: ${what}`);
    lost.vsoc.close();
    contestants = contestants.filter((one) => one !== lost);
  };
  try {
    for (const isa of targets) contestants.push(open(isa, attack, modules, options));
    for (let call = 0; call < calls && contestants.length > 0; call++) {
      const callee = random.pick(attack.functions);
      const args = valuesOf(callee, argumentsFor(random, callee));
      const expected = reference.at(-1)!.invoke(callee.name, args, { fuel });
      const ending = 'trap' in expected ? `trap: ${expected.trap.kind}` : show(expected.results);
      // What does not end says nothing of those that cannot be stopped as exactly.
      if (ending === 'trap: out of fuel') break;
      const shown = `${callee.name}(${show(args)})`;
      for (const one of [...contestants]) {
        executions++;
        const actual = outcomeOf(one, callee.name, args);
        if (actual.startsWith('trap')) traps++;
        const isInconclusive = attack.exhausts === true && (ending === exhaustion || actual === exhaustion);
        if (isInconclusive && !actual.startsWith(broken)) continue;
        const difference = actual === ending ? stateDifference(store, reference, one.instances) : `expected ${ending}, got ${actual}`;
        if (difference !== undefined) drop(one, `${shown}: ${difference}`);
      }
    }
  } finally {
    for (const { vsoc } of contestants) vsoc.close();
  }
  return { executions, traps, failures };
}

const exhaustion = 'trap: call stack exhausted';
const broken = 'error: ';

function open(isa: Isa, attack: Attack, modules: readonly ValidatedModule[], options: Partial<VsocOptions>): Contestant {
  const vsoc = createVsoc({ isa, sandbox: {}, fuel: 20 * fuel, ...options });
  const instances: VsocInstance[] = [];
  for (const module of modules) {
    instances.push(vsoc.instantiate(module, (from, field) => instances[indexOf(attack, from)]?.exports.get(field)));
  }
  return { isa, vsoc, instances };
}

function indexOf({ modules }: Attack, name: string): number {
  return modules.findIndex((module) => module.name === name);
}

function valuesOf({ params }: AttackFunction, args: readonly (number | bigint)[]): Value[] {
  return params.map((type, index) => ({ type, value: args[index] }) as Value);
}

function show(values: readonly { readonly value: unknown }[]): string {
  return values.map(({ value }) => String(value)).join(', ');
}

/** A bug of ours, a violation of the sandbox above all, is a line like any other outcome. */
function outcomeOf({ instances }: Contestant, name: string, args: readonly Value[]): string {
  try {
    const { trap, results } = instances.at(-1)!.invoke(name, args);
    return trap === null ? show(results) : `trap: ${trap.kind}`;
  } catch (error) {
    if (error instanceof FireballError) return `${broken}${error.name}: ${error.message}`;
    throw error;
  }
}

function stateDifference(store: Store, expected: readonly Instance[], actual: readonly VsocInstance[]): string | undefined {
  for (const [index, reference] of expected.entries()) {
    const native = actual[index]!;
    for (const [number, memory] of reference.memories.entries()) {
      const bytes = memory.bytes.subarray(0, memory.byteLength);
      const found = native.memory(number);
      if (Buffer.compare(bytes, found) === 0) continue;
      const at = bytes.findIndex((byte, offset) => byte !== found[offset]);
      return `memory has ${found.length} bytes, not ${bytes.length}, or another byte at ${at}`;
    }
    for (const [number, global] of reference.globals.entries()) {
      const wanted = store.globalValue(global);
      const got = native.global(number);
      if (wanted.value !== got.value) return `global ${number}: ${String(got.value)}, not ${String(wanted.value)}`;
    }
  }
  return undefined;
}
