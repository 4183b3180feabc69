/** Faults planted into the code of one function, as a wrong selector or template would have made it. */
import { loadTemplates, patch, type CodeSite, type CodeVerifier, type FactInputs, type Template } from '@fireball/jit';
import type { Isa } from '@fireball/contracts';

export type Holes = Readonly<Record<string, number>>;

export interface Fault {
  /** Place: a template by its name, the `nth` of those that fit. */
  readonly template: RegExp;
  readonly where?: (holes: Holes) => boolean;
  readonly nth?: number;
  readonly change: (holes: Holes, template: Template) => Holes;
}

/** Where the fault lies now. */
interface Planted {
  readonly template: string;
  readonly wasmOffset: number;
  readonly address: number;
}

/** Changes the code of function `index` between linking and installation; tells where. */
export function planter(isa: Isa, index: number, fault: Fault): { verifier: CodeVerifier; planted: () => Planted } {
  const templates = loadTemplates(isa);
  let planted: Planted | undefined;
  return {
    verifier: {
      verify({ source, code }: FactInputs) {
        if (source.index !== index) return;
        const fitting = code.sites.filter((site) => fault.template.test(site.template) && (fault.where?.(holesOf(site)) ?? true));
        const site = fitting.at(fault.nth ?? 0);
        if (site === undefined) throw new RangeError(`no template ${String(fault.template)} among ${code.sites.map(({ template }) => template).join(' ')}`);
        const template = templates.require(site.template);
        const changed = fault.change(holesOf(site), template);
        patch(
          code.bytes,
          site.offset,
          template,
          template.operands.map(({ name }) => changed[name] ?? 0),
        );
        planted = { template: site.template, wasmOffset: site.wasmOffset, address: code.address + site.offset };
      },
    },
    planted: () => {
      if (planted === undefined) throw new RangeError('the fault was not planted');
      return planted;
    },
  };
}

function holesOf(site: CodeSite): Holes {
  return Object.fromEntries(site.holes.map(({ operand, value }) => [operand, value]));
}
