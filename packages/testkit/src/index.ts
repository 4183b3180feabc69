export { builtCli, documentOf, runCli, withFolder } from './cli.js';
export { harvest, plant, type Tree } from './folder-tree.js';
export { wasmSection, wideLeb } from './wasm-bytes.js';
export { openAssembler } from './wasm-text.js';
