import { realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { systemReason, UsageError } from '@fireball/contracts';
import { Volume, type PreopenedFolder, type VolumeOptions } from '@fireball/wasm';
import { DiskStore } from './disk-store.js';

/** A folder of this computer, and what a program calls it. */
export interface FolderMapping {
  readonly host: string;
  readonly guest: string;
}

/**
 * Opens the folders, each anew: what a program changes in an overlay, another one with its own does not see.
 * @throws UsageError where one is no folder, or two would be the same for the program or on the disk
 */
export function openFolders(mappings: readonly FolderMapping[], changes: VolumeOptions['changes']): PreopenedFolder[] {
  const roots = mappings.map(({ host }) => realFolder(host));
  mappings.forEach(({ host, guest }, index) => {
    const sameName = mappings.findIndex((other) => other.guest === guest);
    if (sameName < index) throw new UsageError(`--dir: two folders have the name '${guest}'`);
    const around = roots.findIndex((root, other) => other !== index && isInside(roots[index]!, root));
    if (around !== -1) throw new UsageError(`--dir: ${host} is in ${mappings[around]!.host} or the same folder; give one of the two`);
  });
  return mappings.map(({ guest }, index) => ({ name: guest, volume: new Volume(new DiskStore(roots[index]!), { changes }) }));
}

function realFolder(path: string): string {
  try {
    if (statSync(path).isDirectory()) return realpathSync(path);
  } catch (error) {
    throw new UsageError(`--dir: ${path} cannot be used: ${systemReason(error)}`, { cause: error });
  }
  throw new UsageError(`--dir: ${path} is no folder`);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
