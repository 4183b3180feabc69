/**
 * Gives the assembler of wasm's text format that tests use: module in, binary module out. Its loading takes a moment, which tests without wasm
 * are spared. `assembleText` of the engines is the one for users: files, lines, deep nesting.
 */
export async function openAssembler(): Promise<(text: string) => Uint8Array> {
  const { default: initWabt } = await import('wabt');
  const wabt = await initWabt();
  return (text) => {
    const parsed = wabt.parseWat('test.wat', text, { tail_call: true });
    try {
      return new Uint8Array(parsed.toBinary({}).buffer);
    } finally {
      parsed.destroy();
    }
  };
}
