export { History, type BackStop, type HistoryOptions } from './session/history.js';
export { GdbServer, type GdbServerOptions, type ServerAddress, type ServerEnd } from './gdb/server.js';
export type { HostFile } from './gdb/host-files.js';
