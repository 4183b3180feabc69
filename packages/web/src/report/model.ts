import type { CodeRow } from '@fireball/debugger';

/** A piece of a text: guests' names and values come in as they are, and are made harmless where the page is rendered. */
export type TextRun = string | { readonly style: 'code' | 'strong' | 'emphasis'; readonly text: string };

/** A text, in one piece or in several. */
export type ReportText = string | readonly TextRun[];

/** A column of a table. Numbers stand to the right. */
export interface ReportColumn {
  readonly title: ReportText;
  readonly align: 'left' | 'right';
}

/** What a section is made of. */
export type ReportBlock =
  | { readonly kind: 'text'; readonly text: ReportText }
  | { readonly kind: 'list'; readonly items: readonly ReportText[] }
  | { readonly kind: 'table'; readonly columns: readonly ReportColumn[]; readonly rows: readonly (readonly ReportText[])[] }
  /** Expected beside actual. */
  | { readonly kind: 'comparison'; readonly rows: readonly ComparedValue[] }
  /** WebAssembly, template and machine code beside each other. */
  | { readonly kind: 'code'; readonly architecture: 'thumb2' | 'rv32'; readonly rows: readonly CodeRow[]; readonly marks: ReportMarks }
  /** Lines as a program wrote them. */
  | { readonly kind: 'lines'; readonly text: string }
  /** SVG of our own making: shown as an image, which runs no scripts. */
  | { readonly kind: 'image'; readonly svg: string; readonly alt: string };

/** A value that should be another one. */
export interface ComparedValue {
  readonly what: string;
  /** Where the code has it; empty where that says nothing. */
  readonly place: string;
  readonly expected: string;
  readonly actual: string;
}

/** What stands out in columns of code. */
export interface ReportMarks {
  /** Offset of the WebAssembly instruction that the section is about. */
  readonly wasmOffset: number;
  /** Addresses of the machine instructions that were executed. */
  readonly executed: ReadonlySet<number>;
}

/** A part of a page with its heading. */
export interface ReportSection {
  readonly heading: ReportText;
  /** 2, or 3 for a part of the section in front of it. */
  readonly level: 2 | 3;
  readonly blocks: readonly ReportBlock[];
}

/** A page that stands alone. */
export interface ReportPage {
  readonly title: string;
  /** In one sentence; absent of a page that judges nothing. */
  readonly verdict?: { readonly isGood: boolean; readonly text: string } | undefined;
  /** Name and value, in the head of the page. */
  readonly facts: readonly (readonly [string, string])[];
  readonly sections: readonly ReportSection[];
}
