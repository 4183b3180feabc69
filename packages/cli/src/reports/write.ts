import { writeOutputFile } from '@fireball/contracts';
import type { ReportPage } from '@fireball/web';
import { Option } from 'commander';

/** Writes a page that stands alone. What renders it is loaded only then. */
export async function writeReport(file: string, page: ReportPage): Promise<void> {
  const { renderReport } = await import('@fireball/web');
  writeOutputFile(file, renderReport(page));
}

/** `--html` of commands whose results can be a page. */
export function htmlOption(what: string): Option {
  return new Option('--html <file>', `also write ${what} as a page that stands alone (at most 4 MiB; it loads nothing and runs no script)`);
}
