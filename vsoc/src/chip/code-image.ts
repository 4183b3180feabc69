import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError, MissingPartError, type Isa } from '@fireball/contracts';

/** Version of the generated file's layout. */
export const codeImageSchema = 2;

/** `vsoc/{rom,rom/interp,board,expander/packed,expander/compiled}/generated/{thumb2,rv32}.json`, as the builder writes it: position-independent machine code. */
export interface CodeImageFile {
  readonly schema: typeof codeImageSchema;
  readonly isa: Isa;
  /** Target flags that the code was compiled with: the least core that runs it. */
  readonly target: string;
  /** SHA-256 over sources, linker script and compiler flags. */
  readonly inputsHash: string;
  /** First line of the compiler's `--version`; information. */
  readonly compiler: string;
  readonly licence: string;
  /** Members of the compiler's library that are part of the code. */
  readonly libraryMembers: readonly string[];
  /** Digest of the template set that is compiled in, if one is (tier/packed-set.ts). */
  readonly templates?: string;
  readonly size: number;
  /** Offset of each entry in `code`, which runs at any address that is a multiple of 16. */
  readonly entries: Readonly<Record<string, number>>;
  /** Base64. */
  readonly code: string;
}

/** Machine code where it lies. */
export interface CodeImage {
  readonly isa: Isa;
  readonly base: number;
  readonly code: Uint8Array;
  /** Addresses by name. */
  readonly entries: ReadonlyMap<string, number>;
  /** As in the file. */
  readonly templates: string | undefined;
}

/** Where committed code lies. */
type CodeFolder = 'rom' | 'rom/interp' | 'board' | 'expander/packed' | 'expander/compiled';

/** The same from src and from dist. */
const guest = new URL('../../guest/', import.meta.url);
const loaded = new Map<string, CodeImageFile>();

/** The committed code of a folder, put at `base`; read once per process. The bytes are the caller's own. */
export function loadCodeImage(folder: CodeFolder, isa: Isa, base: number): CodeImage {
  const path = fileURLToPath(new URL(`${folder}/generated/${isa}.json`, guest));
  let file = loaded.get(path);
  if (file === undefined) {
    file = readImageFile(path, isa);
    loaded.set(path, file);
  }
  const code = new Uint8Array(Buffer.from(file.code, 'base64'));
  if (code.length !== file.size) throw new InternalError(`${path} has ${code.length} bytes of code, not ${file.size}`);
  const entries = new Map(Object.entries(file.entries).map(([name, offset]) => [name, base + offset]));
  return { isa, base, code, entries, templates: file.templates };
}

function readImageFile(path: string, isa: Isa): CodeImageFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MissingPartError(`the guest code ${path}`, 'restore the file, or build it with `pnpm rom:build`', { cause: error });
  }
  const file = JSON.parse(text) as CodeImageFile;
  if ((file.schema as number) !== codeImageSchema || file.isa !== isa) {
    throw new InternalError(`${path} is no ${isa} code of schema ${codeImageSchema}`);
  }
  return file;
}
