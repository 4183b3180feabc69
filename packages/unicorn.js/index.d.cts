import type { UnicornModule } from './dist/index.js' with { 'resolution-mode': 'import' };

/** unicorn.js v2's factory. */
declare function MUnicorn(): Promise<UnicornModule>;

export = MUnicorn;
