import { Writable } from 'node:stream';
import { devicesOf, type Hub } from '@fireball/debugger';
import kit from 'terminal-kit';
import { App } from './app/app.js';
import { settingOf } from './run.js';
import { Painter } from './terminal/painter.js';

/** Bytes that a terminal was sent. */
export interface SentToTerminal {
  /** For the first screen. */
  readonly first: number;
  /** For each key. */
  readonly keys: readonly number[];
}

/** A terminal of a kind that everybody has, with colours and all characters. */
const environment = { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' };

/** Counts what a terminal of a size is sent, where keys are typed one after the other, each when the one before has been answered. */
export async function measureTerminal(hub: Hub, size: { readonly width: number; readonly height: number }, keys: readonly string[]): Promise<SentToTerminal> {
  let bytes = 0;
  const stdout = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      bytes += piece.length;
      done();
    },
  });
  Object.assign(stdout, { columns: size.width, rows: size.height });
  const painter = new Painter(
    kit.createTerminal({ stdout, generic: 'xterm-256color', appId: 'xterm-256color', appName: 'xterm-256color', isTTY: true }),
    environment,
  );
  const taken = (): number => {
    const before = bytes;
    bytes = 0;
    return before;
  };
  const app = await App.open(
    (observer) => hub.join('the terminal', observer),
    settingOf(hub, environment),
    devicesOf(hub.session.target),
    { draw: (canvas) => painter.paint(canvas), redraw: (canvas) => painter.paint(canvas) },
    { ...size },
    [],
  );
  const first = taken();
  const sent: number[] = [];
  for (const key of keys) {
    app.handle({ kind: 'key', key });
    await app.rested();
    sent.push(taken());
  }
  app.quit();
  return { first, keys: sent };
}
