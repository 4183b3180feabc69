export { History, type BackStop, type HistoryOptions } from './session/history.js';
