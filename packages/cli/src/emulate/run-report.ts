import { formatCount, groupBy, hex, writeOutputFile } from '@fireball/contracts';
import type { ReportBlock, ReportPage, ReportSection, ReportText } from '@fireball/web';
import type { ProfileRow } from '../reports/profile-tables.js';
import { writeReport } from '../reports/write.js';
import type { FaultDocument } from './fault/explain-end.js';
import type { FirmwareProfileTables } from './firmware-profile.js';
import type { PolledRegister } from './polling/polls.js';
import type { UnmappedDocument } from './unmapped.js';

/** How a run ended, as data. */
interface RunDocument {
  readonly machine: string;
  readonly exit: { readonly reason: string; readonly code: number; readonly detail?: string | undefined };
  readonly instructions: number;
  readonly virtualSeconds: number;
  readonly seconds: number;
  readonly mips: number;
  readonly resets?: number;
  readonly profile?: FirmwareProfileTables;
  readonly fault?: FaultDocument;
  readonly polled?: readonly PolledRegister[];
  readonly unmapped?: UnmappedDocument;
}

/** What a page has besides. */
interface PageContents {
  readonly console: string;
  /** Names of the images. */
  readonly firmware: string;
}

/** Is it a page that `--report` asks for? */
export function isPage(file: string | undefined): boolean {
  return file !== undefined && /\.html?$/i.test(file);
}

/** Writes what `--report` asks for: data, or a page, which has the console's output, too. */
export async function writeRunReport(file: string | undefined, { console, firmware, ...run }: RunDocument & PageContents): Promise<void> {
  if (file === undefined) return;
  if (isPage(file)) await writeReport(file, pageOf(run, { console, firmware }));
  else writeOutputFile(file, `${JSON.stringify(run, null, 2)}\n`);
}

function pageOf(
  { machine, exit, instructions, virtualSeconds, seconds, mips, resets, profile, fault, polled = [], unmapped }: RunDocument,
  { console, firmware }: PageContents,
): ReportPage {
  return {
    title: `${firmware} on ${machine}`,
    verdict: { isGood: exit.code === 0, text: fault?.verdict ?? `${exit.reason}${exit.detail === undefined ? '' : `: ${exit.detail}`}` },
    facts: [
      ['ended by', exit.reason],
      ['exit status', String(exit.code)],
      ['instructions', formatCount(instructions)],
      ['time of the machine', `${virtualSeconds.toFixed(6)} s`],
      ['time', `${seconds.toFixed(3)} s`],
      ['speed', `${mips.toFixed(1)} MIPS`],
      ...(resets === undefined ? [] : [['resets', formatCount(resets)] as [string, string]]),
    ],
    sections: [
      ...(fault === undefined ? [] : faultSections(fault)),
      ...(polled.length === 0 ? [] : [polledSection(polled)]),
      ...(unmapped === undefined ? [] : [unmappedSection(unmapped)]),
      ...(profile === undefined
        ? []
        : [profileSection('Executed instructions by function', profile.functions), profileSection('by source line', profile.lines)]),
      { heading: 'Console', level: 2, blocks: [console === '' ? { kind: 'text', text: 'Nothing was written.' } : { kind: 'lines', text: console }] },
    ],
  };
}

/** Registers in a line of the table. */
const across = 4;

function faultSections(fault: FaultDocument): ReportSection[] {
  const { pc, instruction, place, address, addressHolds, reasons, registers, backtrace, activeExceptions, recentExceptions, recentAccesses } = fault;
  const list = (heading: string, items: readonly string[]): ReportSection[] =>
    items.length === 0 ? [] : [{ heading, level: 3, blocks: [{ kind: 'lines', text: items.join('\n') }] }];
  const cells = Object.entries(registers).flatMap(([name, value]): ReportText[] => [name, code(value)]);
  return [
    {
      heading: 'What went wrong',
      level: 2,
      blocks: [
        { kind: 'text', text: [`At ${pc} `, { style: 'code', text: instruction ?? '' }, ` ${place}`] },
        ...(address === undefined ? [] : [{ kind: 'text', text: `Address ${address}: ${addressHolds ?? ''}` } as ReportBlock]),
        ...(reasons.length === 0 ? [] : [{ kind: 'list', items: reasons } as ReportBlock]),
      ],
    },
    ...list('Backtrace', backtrace),
    {
      heading: 'Registers',
      level: 3,
      blocks: [
        {
          kind: 'table',
          columns: Array.from({ length: 2 * across }, (_, index) => ({ title: index % 2 === 0 ? 'register' : 'value', align: 'left' })),
          rows: [...groupBy([...cells.entries()], ([index]) => String(Math.floor(index / (2 * across))))].map((row) => row.map(([, cell]) => cell)),
        },
      ],
    },
    ...list('Active exceptions', activeExceptions),
    ...list('Last exceptions: cycle, name, where', recentExceptions),
    ...list('Last accesses to devices', recentAccesses),
  ];
}

function polledSection(polled: readonly PolledRegister[]): ReportSection {
  return {
    heading: 'Registers that were read again and again and never changed',
    level: 2,
    blocks: [
      table(
        ['register', 'address', 'value', 'read at', 'what it waits for'],
        ['reads'],
        polled.map(({ register, address, value, pc, awaits, reads }) => [
          register,
          code(hex(address)),
          code(hex(value)),
          code(hex(pc)),
          awaits ?? '',
          formatCount(reads),
        ]),
      ),
    ],
  };
}

/** Most rows of a page, which is for people: the document has all. */
const profileRows = 100;

function profileSection(heading: string, rows: readonly ProfileRow[]): ReportSection {
  const hasTimes = rows.some(({ times }) => times !== undefined);
  return {
    heading,
    level: 2,
    blocks: [
      table(
        ['where'],
        [...(hasTimes ? ['times'] : []), 'instructions'],
        rows
          .slice(0, profileRows)
          .map(({ name, times, instructions }) => [
            code(name),
            ...(hasTimes ? [times === undefined ? '' : formatCount(times)] : []),
            formatCount(instructions),
          ]),
      ),
    ],
  };
}

function unmappedSection({ accesses, places, more }: UnmappedDocument): ReportSection {
  return {
    heading: 'Accesses where the board has nothing',
    level: 2,
    blocks: [
      { kind: 'text', text: `${formatCount(accesses)} accesses${more === undefined ? '' : `, ${formatCount(more)} of them at places that are not listed`}.` },
      table(
        ['address', 'instruction at', 'where'],
        ['reads', 'writes'],
        places.map(({ address, pc, place, reads, writes }) => [code(address), code(pc), place, formatCount(reads), formatCount(writes)]),
      ),
    ],
  };
}

function table(words: readonly string[], numbers: readonly string[], rows: readonly (readonly ReportText[])[]): ReportBlock {
  return {
    kind: 'table',
    columns: [...words.map((title) => ({ title, align: 'left' as const })), ...numbers.map((title) => ({ title, align: 'right' as const }))],
    rows,
  };
}

const code = (text: string): ReportText => [{ style: 'code', text }];
