import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError, MissingPartError, type Isa } from '@fireball/contracts';

/** Version of the generated file's layout. */
export const codeImageSchema = 2;

/** `vsoc/guest/{rom,rom/interp,board,core,core/interp,expander/packed,expander/compiled}/generated/{thumb2,rv32}.json`, as the builder writes it: position-independent machine code. */
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
type CodeFolder = 'rom' | 'rom/interp' | 'board' | 'core' | 'core/interp' | 'expander/packed' | 'expander/compiled';

/** The same from src and from dist. */
const guest = new URL('../../guest/', import.meta.url);
const loaded = new Map<string, { readonly file: CodeImageFile; readonly code: Uint8Array; readonly entries: Map<number, CodeImage['entries']> }>();

/** The committed code of a folder, put at `base`; read once per process. The bytes are the caller's own. */
export function loadCodeImage(folder: CodeFolder, isa: Isa, base: number): CodeImage {
  const name = `${folder}/generated/${isa}.json`;
  let image = loaded.get(name);
  if (image === undefined) {
    image = { ...decodeImage(fileURLToPath(new URL(name, guest)), isa), entries: new Map() };
    loaded.set(name, image);
  }
  const { file, code } = image;
  let entries = image.entries.get(base);
  if (entries === undefined) {
    entries = new Map(Object.entries(file.entries).map(([entry, offset]) => [entry, base + offset]));
    image.entries.set(base, entries);
  }
  return { isa, base, code: code.slice(), entries, templates: file.templates };
}

function decodeImage(path: string, isa: Isa): { readonly file: CodeImageFile; readonly code: Uint8Array } {
  const file = readImageFile(path, isa);
  const code = new Uint8Array(Buffer.from(file.code, 'base64'));
  if (code.length !== file.size) throw new InternalError(`${path} has ${code.length} bytes of code, not ${file.size}`);
  return { file, code };
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
