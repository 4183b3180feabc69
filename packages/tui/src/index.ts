export { checkTerminal } from './check.js';
export { measureTerminal } from './measure.js';
export { runTui, type TuiOptions } from './run.js';
export type { TerminalStreams } from './terminal/terminal.js';
