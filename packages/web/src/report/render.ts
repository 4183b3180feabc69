import { formatCount } from '@fireball/contracts';
import { codeHead, codeRows } from './code-table.js';
import { lines, markup, Markup } from './markup.js';
import type { ReportBlock, ReportPage, ReportSection, ReportText } from './model.js';
import { style } from './style.js';

/** Largest page in bytes: rows, lines and sections beyond it are counted only. */
export const largestReport = 4 * 2 ** 20;
/** Bytes that are kept for what closes a page. */
const closingBytes = 4096;
/** Last characters of a program's output that are shown. */
const mostOutput = 64 * 1024;

/** Nothing is loaded and no script runs, whatever the texts of the page are. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** What a block is made of; pieces that do not fit are left out. */
interface Pieces {
  readonly open: Markup;
  readonly pieces: readonly Markup[];
  readonly close: Markup;
  /** What pieces are called: `rows`. */
  readonly name: string;
}

/** A page as one HTML file of at most `largestReport` bytes that loads nothing and runs no script. Every text in it is escaped. */
export function renderReport({ title, verdict, facts, sections }: ReportPage): string {
  const sheet = Markup.of([style], []);
  const page = new PageWriter(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${sheet}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${verdict === undefined ? '' : markup`<p class="verdict ${verdict.isGood ? 'good' : 'bad'}">${verdict.text}</p>`}
<dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>
<main>
`);
  let written = 0;
  for (const section of sections) {
    if (!writeSection(page, section)) break;
    written++;
  }
  const missing = sections.length - written;
  if (missing > 0)
    page.close(
      markup`<p class="left-out">The page is limited to ${formatCount(largestReport)} bytes: ${formatCount(missing)} sections are left out from here on, or in part.</p>`,
    );
  page.close(markup`</main>
<footer>Made by Fireball. This page stands alone: it loads nothing and runs no script.</footer>
</body>
</html>
`);
  return page.html;
}

/** False where not all of it had room. */
function writeSection(page: PageWriter, { heading, level, blocks }: ReportSection): boolean {
  const title = text(heading);
  if (!page.write(level === 2 ? markup`<h2>${title}</h2>\n` : markup`<h3>${title}</h3>\n`)) return false;
  for (const block of blocks) {
    const { open, pieces, close, name } = piecesOf(block);
    if (!page.write(open)) return false;
    let shown = 0;
    while (shown < pieces.length && page.write(pieces[shown]!)) shown++;
    page.close(close);
    if (shown < pieces.length) {
      page.close(markup`<p class="left-out">and ${formatCount(pieces.length - shown)} more ${name}</p>\n`);
      return false;
    }
  }
  return true;
}

function piecesOf(block: ReportBlock): Pieces {
  const whole = (content: Markup): Pieces => ({ open: content, pieces: [], close: markup``, name: '' });
  switch (block.kind) {
    case 'text':
      return whole(markup`<p>${text(block.text)}</p>\n`);
    case 'list':
      return { open: markup`<ul>\n`, pieces: block.items.map((item) => markup`<li>${text(item)}</li>\n`), close: markup`</ul>\n`, name: 'entries' };
    case 'table': {
      const side = (at: number): string => (block.columns[at]?.align === 'right' ? 'right' : 'left');
      const head = block.columns.map(({ title }, at) => markup`<th class="${side(at)}">${text(title)}</th>`);
      return table(
        'plain',
        markup`<tr>${head}</tr>`,
        block.rows.map((row) => markup`<tr>${row.map((cell, at) => markup`<td class="${side(at)}">${text(cell)}</td>`)}</tr>\n`),
      );
    }
    case 'comparison':
      return table(
        'compared',
        markup`<tr><th>what</th><th>where</th><th>expected</th><th>actual</th></tr>`,
        block.rows.map(
          ({ what, place, expected, actual }) =>
            markup`<tr><td>${what}</td><td>${place}</td><td class="expected">${expected}</td><td class="actual">${actual}</td></tr>\n`,
        ),
      );
    case 'code':
      return table('code', codeHead, codeRows(block));
    case 'lines': {
      const cut = block.text.length - mostOutput;
      return whole(
        markup`${cut > 0 ? markup`<p class="left-out">the last ${formatCount(mostOutput)} characters of ${formatCount(block.text.length)}</p>` : ''}<pre>${lines(
          cut > 0 ? block.text.slice(cut) : block.text,
        )}</pre>\n`,
      );
    }
    case 'image':
      return whole(markup`<p><img alt="${block.alt}" src="data:image/svg+xml;base64,${Markup.of([Buffer.from(block.svg).toString('base64')], [])}"></p>\n`);
  }
}

function table(kind: string, head: Markup, rows: readonly Markup[]): Pieces {
  return {
    open: markup`<div class="scroll"><table class="${kind}"><thead>${head}</thead><tbody>\n`,
    pieces: rows,
    close: markup`</tbody></table></div>\n`,
    name: 'rows',
  };
}

function text(content: ReportText): Markup {
  if (typeof content === 'string') return markup`${content}`;
  return markup`${content.map((run) => {
    if (typeof run === 'string') return markup`${run}`;
    if (run.style === 'code') return markup`<code>${run.text}</code>`;
    return run.style === 'strong' ? markup`<strong>${run.text}</strong>` : markup`<em>${run.text}</em>`;
  })}`;
}

/** Collects a page up to its limit. */
class PageWriter {
  readonly #parts: string[] = [];
  #bytes = 0;

  constructor(head: Markup) {
    this.close(head);
  }

  get html(): string {
    return this.#parts.join('');
  }

  /** False where it has no room any more: it is not written. */
  write(part: Markup): boolean {
    if (this.#bytes + Buffer.byteLength(part.html) > largestReport - closingBytes) return false;
    this.close(part);
    return true;
  }

  /** What must be there in any case; short. */
  close({ html }: Markup): void {
    this.#parts.push(html);
    this.#bytes += Buffer.byteLength(html);
  }
}
