import { InvalidInputError } from '@fireball/contracts';

/** Language features on top of wabt's defaults (hazard 20). */
const features = { tail_call: true, extended_const: true };

/** Assembles a module in the text format. Errors carry the file and line that wabt names. */
export async function assembleText(file: string, text: string): Promise<Uint8Array> {
  // Loaded only where it is needed: it takes longer to start than everything else.
  const { default: initWabt } = await import('wabt');
  const wabt = await initWabt();
  try {
    const module = wabt.parseWat(file, text, features);
    try {
      module.resolveNames();
      return module.toBinary({ write_debug_names: true }).buffer;
    } finally {
      module.destroy();
    }
  } catch (error) {
    throw syntaxError(file, error);
  }
}

/** wabt reports `FILE:LINE:COLUMN: error: WHAT`, followed by the source line. */
function syntaxError(file: string, error: unknown): InvalidInputError {
  const message = error instanceof Error ? error.message : String(error);
  const match = /:(\d+):\d+: error: (.*)/.exec(message);
  return new InvalidInputError(
    match?.[2] ?? message.trim().split('\n').join(' '),
    { file, line: match === null ? undefined : Number(match[1]) },
    { cause: error },
  );
}
