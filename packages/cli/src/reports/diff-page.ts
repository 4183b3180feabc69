import { formatCount, groupBy, hex } from '@fireball/contracts';
import { describeSite, type DiffFailure, type DiffTotals, type ExplainedInstruction, type Explanation, type RefusedModule } from '@fireball/differential';
import { engineNamed } from '@fireball/engines';
import type { ReportBlock, ReportPage, ReportSection, ReportText } from '@fireball/web';

/** What `diff` found, as a page. */
interface DiffFindings extends Omit<DiffTotals, 'failures'> {
  readonly failures: readonly DiffFailure[];
  readonly refused: readonly RefusedModule[];
  readonly engines: readonly string[];
  /** Why too few calls could be compared. */
  readonly tooInconclusive: string | undefined;
}

type Divergence = Extract<Explanation, { readonly kind: 'divergence' }>;

/** The page of a comparison: calls that went wrong in the same way are one section. */
export function diffPage(paths: readonly string[], findings: DiffFindings): ReportPage {
  const { failures, refused, engines, modules, functions, calls, mismatches, inconclusive, fallbacks } = findings;
  const groups = groupBy(failures, ({ module, function: called, engine, expected, actual }) => JSON.stringify([module, called, engine, expected, actual]));
  return {
    title: `Comparison of engines: ${paths.join(', ')}`,
    verdict: verdictOf(findings),
    facts: [
      ['engines', engines.join(', ')],
      ...Object.entries({ modules, functions, calls, mismatches, inconclusive, fallbacks }).map(([name, value]): [string, string] => [
        name,
        formatCount(value),
      ]),
    ],
    sections: [
      ...groups.flatMap(([first, ...others]) => failureSections(first, others.length)),
      ...(refused.length === 0
        ? []
        : [{ heading: 'Refused modules', level: 2 as const, blocks: [{ kind: 'list' as const, items: refused.map(({ reason }) => reason) }] }]),
    ],
  };
}

function verdictOf({ failures, modules, mismatches, fallbacks, tooInconclusive }: DiffFindings): ReportPage['verdict'] {
  if (failures.length > 0) return { isGood: false, text: `Mismatches: ${formatCount(mismatches)}; fallbacks: ${formatCount(fallbacks)}.` };
  if (tooInconclusive !== undefined) return { isGood: false, text: `${tooInconclusive}.` };
  return modules === 0 ? { isGood: false, text: 'Nothing could be compared.' } : { isGood: true, text: 'All engines agree.' };
}

function failureSections({ module, function: called, args, engine, expected, actual, wasmOffset, explanation }: DiffFailure, others: number): ReportSection[] {
  const call = called === null ? '' : `: ${called}(${args.map(({ value }) => value).join(', ')})`;
  const place = wasmOffset === null ? '' : `at offset ${hex(wasmOffset, 1)}`;
  const blocks: ReportBlock[] = [{ kind: 'comparison', rows: [{ what: 'outcome of the call', place, expected, actual }] }];
  if (others > 0) blocks.push({ kind: 'text', text: `The same happens in ${formatCount(others)} more calls.` });
  if (explanation?.kind === 'none') blocks.push({ kind: 'text', text: `No explanation: ${explanation.reason}` });
  const section: ReportSection = { heading: `${module}${call} on ${engine}`, level: 2, blocks };
  return explanation?.kind === 'divergence' ? [section, ...divergenceSections(explanation, engine)] : [section];
}

function divergenceSections(explanation: Divergence, engine: string): ReportSection[] {
  const { engine: followed, call, boundaries, instruction, group, inPrologue, differences, sites, routines, columns } = explanation;
  const text = (content: string): ReportBlock => ({ kind: 'text', text: content });
  const shared = group.filter((other) => other !== instruction).map(nameOf);
  const isa = engineNamed(followed).isa ?? 'thumb2';
  const executed = new Set(sites.flatMap(({ instructions }) => instructions.map(({ address }) => address)));
  return [
    {
      heading: 'Where it first differs',
      level: 3,
      blocks: [
        ...(followed === engine ? [] : [text(`${engine} cannot be followed by instructions; native code alone, ${followed}, goes wrong in the same calls.`)]),
        {
          kind: 'text',
          text: [
            `${followed} first differs in function ${instruction.function.index} (${instruction.function.name}), ${inPrologue ? 'before' : 'after'} `,
            { style: 'code', text: nameOf(instruction) },
            `, in ${call.function}(${call.args.map(({ value }) => value).join(', ')}), at boundary ${formatCount(boundaries)} between instructions.`,
          ],
        },
        { kind: 'comparison', rows: differences.map(({ what, place, expected, actual }) => ({ what, place: place ?? '', expected, actual })) },
        ...(shared.length === 0 ? [] : [text(`It shares its machine code with ${shared.join(', ')}.`)]),
        ...(routines.length === 0 ? [] : [text(`It called in ROM: ${routines.map(({ name, address }) => `${name} at ${hex(address)}`).join(', ')}.`)]),
      ],
    },
    ...(columns.length === 0
      ? []
      : [
          {
            heading: `Code around it, in ${instruction.function.name}`,
            level: 3 as const,
            blocks: [{ kind: 'code' as const, architecture: isa, rows: columns, marks: { wasmOffset: instruction.wasmOffset, executed } }],
          },
        ]),
    {
      heading: 'Machine code that was executed for it',
      level: 3,
      blocks:
        sites.length === 0
          ? [text('None.')]
          : [
              {
                kind: 'table',
                columns: ['address', 'machine instruction', 'template, and what fills its holes'].map((title) => ({ title, align: 'left' })),
                rows: sites.flatMap((site) =>
                  site.instructions.map(({ address, text: machine }, index) => [
                    code(hex(address)),
                    code(machine),
                    code(index === 0 ? describeSite(site, instruction) : ''),
                  ]),
                ),
              },
            ],
    },
  ];
}

const code = (text: string): ReportText => (text === '' ? '' : [{ style: 'code', text }]);
const nameOf = ({ wasmOffset, text }: ExplainedInstruction): string => `${hex(wasmOffset, 1)}: ${text}`;
