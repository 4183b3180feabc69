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
