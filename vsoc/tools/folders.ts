import { fileURLToPath } from 'node:url';

/** A folder of guest code. */
export const folderOf = (name: string): string => fileURLToPath(new URL(`../../../guest/${name}/`, import.meta.url));
