import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder as a test writes it down: text is a file, `-> target` a link, an object a folder. */
export interface Tree {
  readonly [name: string]: string | Tree;
}

const linkMark = '-> ';

/** Makes what a tree says in an existing folder. */
export function plant(folder: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(folder, name);
    if (typeof content !== 'string') {
      mkdirSync(path);
      plant(path, content);
    } else if (content.startsWith(linkMark)) symlinkSync(content.slice(linkMark.length), path);
    else writeFileSync(path, content);
  }
}

/** What is in a folder. */
export function harvest(folder: string): Tree {
  const content = (path: string): string | Tree => {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return harvest(path);
    return stats.isSymbolicLink() ? linkMark + readlinkSync(path) : readFileSync(path, 'utf8');
  };
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, content(join(folder, name))]),
  );
}
