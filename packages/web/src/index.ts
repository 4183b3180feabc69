export { servePages, type PagesServed } from './serve.js';
