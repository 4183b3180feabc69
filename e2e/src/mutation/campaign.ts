/** How much of what can go wrong in generated code each level of checking finds. */
import { FireballError, type Isa } from '@fireball/contracts';
import { DeepVerifier, factsOf, loadTemplates, seededRandom, verifyStructure, type FactInputs, type TemplateSet } from '@fireball/jit';
import { damage, type Damage, type DamageKind } from './damage.js';
import { cpus } from './mutants.js';
import { native, reference } from './pipeline.js';
import type { Subject } from './subject.js';

interface CampaignOptions {
  readonly isa: Isa;
  /** What is damaged. */
  readonly subjects: readonly Subject[];
  readonly kinds: readonly DamageKind[];
  /** Mutants of each kind. */
  readonly mutants: number;
  readonly seed: string;
}

export interface CampaignRow {
  readonly isa: Isa;
  readonly kind: DamageKind;
  readonly mutants: number;
  /** Refused by the structural verifier, had the plan asked for such code. A flipped bit is in no plan. */
  readonly structural: number;
  readonly deep: number;
  /** Another result, trap or crash than the reference interpreter's in any call. */
  readonly differential: number;
  /** Found by none: among them mutants that change nothing that can be seen. */
  readonly none: number;
  /** Ran, wrote or read outside what the module owns (a fault of the emulated CPU, or what the sandbox saw), and deep verification let it pass. */
  readonly escaped: number;
}

/** Guest instructions of a call: damaged loops must end. */
const fuel = 200_000;

/** What the virtual SoC hands to its verifier: one function's code, which may be changed. */
interface Saboteur {
  verify(inputs: FactInputs): void;
}

export async function mutationCampaign({ isa, subjects, kinds, mutants, seed }: CampaignOptions): Promise<CampaignRow[]> {
  const deep = await DeepVerifier.open();
  const set = loadTemplates(isa);
  const expected = new Map(subjects.map((subject) => [subject, reference(subject.module, subject.calls)]));
  return kinds.map((kind) => {
    const random = seededRandom(`${seed} ${isa} ${kind}`);
    const row = { isa, kind, mutants: 0, structural: 0, deep: 0, differential: 0, none: 0, escaped: 0 };
    for (let attempt = 0; row.mutants < mutants && attempt < 20 * mutants; attempt++) {
      const subject = subjects[attempt % subjects.length] as Subject;
      const judged = judge(subject, expected.get(subject) ?? [], kind, isa, set, deep, random);
      if (judged === undefined) continue;
      row.mutants++;
      if (judged.structural) row.structural++;
      if (judged.deep) row.deep++;
      if (judged.differential) row.differential++;
      if (!judged.structural && !judged.deep && !judged.differential) row.none++;
      if (judged.crashed && !judged.deep) row.escaped++;
    }
    return row;
  });
}

interface Judgement {
  readonly structural: boolean;
  readonly deep: boolean;
  readonly differential: boolean;
  readonly crashed: boolean;
}

function refused(check: () => unknown): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (error instanceof FireballError) return true;
    throw error;
  }
}

/** One mutant in one function of the subject; undefined where the function offers none. */
function judge(
  subject: Subject,
  expected: readonly string[],
  kind: DamageKind,
  isa: Isa,
  set: TemplateSet,
  deep: DeepVerifier,
  random: ReturnType<typeof seededRandom>,
): Judgement | undefined {
  const victim = random() % subject.module.functions.length;
  let found: { made: Damage; structural: boolean; deep: boolean } | undefined;
  let seen = 0;
  const saboteur: Saboteur = {
    verify(inputs) {
      if (seen++ !== victim) return;
      const { code } = inputs;
      const made = damage(kind, code, set, random);
      if (made === undefined) return;
      const callees = factsOf(inputs).functions.keys();
      const entries = [{ begin: 0, end: code.address }, ...Array.from(callees, (begin) => ({ begin, end: begin + 1 }))];
      found = {
        made,
        structural: refused(() => verifyStructure(made.plan, made.bytes, entries)),
        deep: refused(() => deep.verify({ ...inputs, code: { ...code, sites: code.sites, bytes: made.bytes } })),
      };
      code.bytes.set(made.bytes);
    },
  };
  const lines = native(subject.module, subject.calls, { isa, cpu: cpus[isa], fuel, verifier: saboteur, sandbox: {} });
  if (found === undefined) return undefined;
  return {
    structural: found.structural,
    deep: found.deep,
    differential: lines.length !== expected.length || lines.some((line, index) => line !== expected[index]),
    crashed: lines.some((line) => line.includes('memory-fault') || line.startsWith('SandboxViolationError')),
  };
}

/** The rows as a table for people. */
export function campaignTable(rows: readonly CampaignRow[]): string {
  const share = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
  const lines = rows.map(({ isa, kind, mutants, structural, deep, differential, none, escaped }) =>
    [isa, kind, String(mutants), share(structural, mutants), share(deep, mutants), share(differential, mutants), share(none, mutants), String(escaped)].join(
      ' | ',
    ),
  );
  return [
    'target | mutant | mutants | structural | deep | differential | none | escaped',
    '--- | --- | ---: | ---: | ---: | ---: | ---: | ---:',
    ...lines,
  ].join('\n');
}
