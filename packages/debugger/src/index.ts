export { History, type BackStop, type HistoryOptions } from './session/history.js';
export { GdbServer, type GdbServerOptions, type ServerAddress, type ServerEnd } from './gdb/server.js';
export type { HostFile } from './gdb/host-files.js';
export { Session, type Breakpoint, type CodePlace, type SessionStop, type Unit } from './session/session.js';
export type { Frame } from './session/frames.js';
export { formatWords, Values, type Variable } from './session/values.js';
export { evaluate, type Names } from './shell/expression.js';
export { Shell } from './shell/shell.js';
