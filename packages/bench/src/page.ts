import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeOutputFolder, readInputText, writeOutputFile } from '@fireball/contracts';

const title = '# Performance\n';

/**
 * The performance page with the section of one suite replaced, or added at the end.
 * @param page undefined where there is none yet
 */
export function updatePage(page: string | undefined, suite: string, section: string): string {
  const text = page ?? title;
  const [opening, closing] = [`<!-- bench ${suite}: begin -->`, `<!-- bench ${suite}: end -->`];
  const begin = text.indexOf(opening);
  const end = text.indexOf(closing);
  if (begin < 0 || end < begin) return `${text.trimEnd()}\n\n${opening}\n${section}\n${closing}\n`;
  return `${text.slice(0, begin)}${opening}\n${section}\n${text.slice(end)}`;
}

/**
 * Brings sections of the page in `file` up to date, by suite.
 * @param mayWrite false: the file stays as it is
 * @returns whether the page was out of date
 */
export function refreshPage(file: string, sections: Readonly<Record<string, string>>, mayWrite: boolean): boolean {
  const page = existsSync(file) ? readInputText(file) : undefined;
  const updated = Object.entries(sections).reduce<string | undefined>((text, [suite, section]) => updatePage(text, suite, section), page);
  const isOutdated = updated !== undefined && updated !== page;
  if (isOutdated && mayWrite) {
    makeOutputFolder(dirname(file));
    writeOutputFile(file, updated);
  }
  return isOutdated;
}
