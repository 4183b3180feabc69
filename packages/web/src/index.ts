export { servePages, type PagesServed } from './serve.js';
export type { Inspection, CodePage } from './session/inspection.js';
