export { servePages, type PagesServed } from './serve.js';
export { loadAssets, type Asset } from './server/assets.js';
export { Pages, type PageSocket } from './session/pages.js';
export type { ComparedValue, ReportBlock, ReportColumn, ReportMarks, ReportPage, ReportSection, ReportText, TextRun } from './report/model.js';
export { readSections } from './report/page-text.js';
export { largestReport, renderReport } from './report/render.js';
