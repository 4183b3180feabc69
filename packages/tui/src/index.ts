export { checkTerminal } from './check.js';
export { measureTerminal, type SentToTerminal } from './measure.js';
export { runTui, type TuiOptions } from './run.js';
export type { TerminalStreams } from './terminal/terminal.js';
