import { hex } from '@fireball/contracts';
import type { ValueDifference } from '@fireball/debugger';
import type { ExplainedInstruction, ExplainedSite, Explanation } from './explain.js';

/** Sites beyond this many are counted only: they were executed in loops of one instruction. */
const shownSites = 24;

/** The explanation for people, as lines to stand under the failure on this engine. */
export function formatExplanation(explanation: Explanation, engine: string): string[] {
  if (explanation.kind === 'none') return [`  no explanation: ${explanation.reason}`];
  const { engine: followed, instruction, group, differences, sites, routines, call, boundaries, inPrologue } = explanation;
  const args = call.args.map(({ value }) => value).join(', ');
  return [
    ...(followed === engine ? [] : [`  ${engine} cannot be followed by instructions; native code alone, ${followed}, goes wrong in the same calls:`]),
    `  ${followed} first differs in function ${instruction.function.index} (${instruction.function.name}), ${inPrologue ? 'before' : 'after'} ${formatInstruction(instruction)}`,
    `    in ${call.function}(${args}), at boundary ${boundaries} between instructions`,
    ...differences.flatMap(formatDifference),
    ...(group.length > 1
      ? [
          `    shares its machine code with: ${group
            .filter((other) => other !== instruction)
            .map(formatInstruction)
            .join(', ')}`,
        ]
      : []),
    ...routines.map(({ name, address }) => `    called the ROM routine ${name} at ${hex(address)}`),
    ...(sites.length === 0 ? ['    no machine code was executed for it'] : ['    machine code executed for it:']),
    ...sites.slice(0, shownSites).flatMap((site) => formatSite(site, instruction)),
    ...(sites.length > shownSites ? [`      and ${sites.length - shownSites} templates more`] : []),
  ];
}

function formatInstruction({ wasmOffset, text }: ExplainedInstruction): string {
  return `${hex(wasmOffset, 1)}: ${text}`;
}

function formatDifference({ what, place, expected, actual }: ValueDifference): string[] {
  return [`    ${what}${place === null ? '' : ` (${place})`}`, `      expected ${expected}`, `      actual   ${actual}`];
}

/** A placed template with what fills its holes; of another instruction than the one that is explained, which. */
export function describeSite({ template, holes, function: owner, wasmOffset, wasm, trap }: ExplainedSite, instruction: ExplainedInstruction): string {
  const filled = Object.entries(holes).map(([operand, value]) => `${operand}=${value}`);
  const isOther = wasmOffset !== instruction.wasmOffset || owner.index !== instruction.function.index;
  const of = isOther ? [`; ${hex(wasmOffset, 1)}: ${wasm}${owner.index === instruction.function.index ? '' : ` in function ${owner.index}`}`] : [];
  return [template, ...filled, ...(trap === null ? [] : [`; ${trap}`]), ...of].join(' ');
}

function formatSite(site: ExplainedSite, instruction: ExplainedInstruction): string[] {
  const [first, ...rest] = site.instructions;
  return [
    `      ${hex(first?.address ?? 0).slice(2)}  ${(first?.text ?? '').padEnd(32)}  ${describeSite(site, instruction)}`.trimEnd(),
    ...rest.map(({ address, text }) => `      ${hex(address).slice(2)}  ${text}`),
  ];
}
