import { InternalError } from '@fireball/contracts';
import { writeReport } from './write.js';

/**
 * Writes what a bench measured as a page that stands alone: the same sections as it writes for docs/.
 * @param file undefined: no page was asked for
 * @param charts SVG by the name that sections show it under
 */
export async function benchReport(file: string | undefined, sections: readonly string[], charts: ReadonlyMap<string, string> = new Map()): Promise<void> {
  if (file === undefined) return;
  const { readSections } = await import('@fireball/web');
  const chart = (name: string): string => {
    const svg = charts.get(name);
    if (svg === undefined) throw new InternalError(`there is no chart ${name}`);
    return svg;
  };
  await writeReport(file, {
    title: 'Measurements',
    facts: [
      ['Node', process.version],
      ['computer', process.arch],
    ],
    sections: sections.flatMap((section) => readSections(section, chart)),
  });
}
