import { InternalError } from '@fireball/contracts';
import type { ReportBlock, ReportSection, ReportText, TextRun } from './model.js';

/**
 * Reads a page or a section as our benches write them for docs/: headings, paragraphs, lists, tables, images of charts; `code`, **strong**, *emphasis*
 * and links, of which the text is kept.
 * @param image the SVG file that an image names
 * @throws InternalError for what is none of these
 */
export function readSections(markdown: string, image: (file: string) => string): ReportSection[] {
  const sections: { heading: ReportText; level: 2 | 3; blocks: ReportBlock[] }[] = [];
  const groups = markdown
    .split(/\n\s*\n/)
    .map((group) => group.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('<!--')))
    .filter((group) => group.length > 0);
  for (const group of groups) {
    const [, marks, heading] = /^(#{1,3}) (.*)$/.exec(group[0]!) ?? [];
    if (heading !== undefined) sections.push({ heading: readText(heading), level: marks === '###' ? 3 : 2, blocks: [] });
    const rest = heading === undefined ? group : group.slice(1);
    const section = sections.at(-1);
    if (rest.length === 0) continue;
    if (section === undefined) throw new InternalError('a page begins with a heading');
    section.blocks.push(readBlock(rest, image));
  }
  return sections;
}

function readBlock(group: readonly string[], image: (file: string) => string): ReportBlock {
  const [first = ''] = group;
  if (first.startsWith('|')) return readTable(group);
  if (first.startsWith('- ')) return { kind: 'list', items: itemsOf(group).map(readText) };
  const [, alt, file] = /^!\[([^\]]*)\]\(([^)]+)\)$/.exec(first) ?? [];
  if (alt !== undefined && file !== undefined) return { kind: 'image', svg: image(file), alt };
  return { kind: 'text', text: readText(group.join(' ')) };
}

/** An entry goes on in lines that do not begin one. */
function itemsOf(group: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of group) {
    if (line.startsWith('- ')) items.push(line.slice(2));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return items;
}

function readTable([head, rule, ...rows]: readonly string[]): ReportBlock {
  const cells = (line: string): string[] =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
  if (head === undefined || rule === undefined || !/^\|[-:| ]+\|$/.test(rule)) throw new InternalError(`a table without its head: ${head ?? ''}`);
  const sides = cells(rule);
  return {
    kind: 'table',
    columns: cells(head).map((title, at) => ({ title: readText(title), align: sides[at]?.endsWith(':') === true ? 'right' : 'left' })),
    rows: rows.map((row) => cells(row).map(readText)),
  };
}

function readText(text: string): ReportText {
  const runs: TextRun[] = [];
  let end = 0;
  for (const match of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\([^)]+\)/g)) {
    if (match.index > end) runs.push(text.slice(end, match.index));
    const [whole, code, strong, emphasis, link] = match;
    if (code !== undefined) runs.push({ style: 'code', text: code });
    else if (strong !== undefined) runs.push({ style: 'strong', text: strong });
    else if (emphasis !== undefined) runs.push({ style: 'emphasis', text: emphasis });
    else runs.push(link ?? '');
    end = match.index + whole.length;
  }
  if (end < text.length) runs.push(text.slice(end));
  return runs;
}
