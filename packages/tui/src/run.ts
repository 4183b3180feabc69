import { devicesOf, type Hub } from '@fireball/debugger';
import { App } from './app/app.js';
import { glyphsFor } from './screen/glyphs.js';
import { Terminal, type TerminalStreams } from './terminal/terminal.js';

/** What a screen needs beside the session. */
export interface TuiOptions extends TerminalStreams {
  /** Lines of commands that were typed before, the last one first; it grows. */
  readonly history: string[];
  /** Commands that are carried out at first. */
  readonly commands: readonly string[];
}

/**
 * Shows a session on a terminal until the user ends it, or somebody ends the session. The terminal has its modes back then, also where an error
 * is thrown, and where a signal ends the process.
 */
export async function runTui(hub: Hub, { history, commands, ...streams }: TuiOptions): Promise<void> {
  const terminal = Terminal.open(streams);
  try {
    const { target, view, sources } = hub.session;
    const devices = devicesOf(target);
    const contents = { wasm: view.functions.length > 0, source: (sources.index?.files.length ?? 0) > 0, devices: devices.length > 0 };
    const setting = { name: hub.debuggee.name, core: target.core, glyphs: glyphsFor(streams.environment), contents };
    const app = await App.open(
      (observer) => hub.join('the terminal', observer),
      setting,
      devices,
      terminal,
      { width: terminal.width, height: terminal.height },
      history,
    );
    for (const command of commands) app.command(command, true);
    terminal.listen({
      handle: (event) => {
        app.handle(event);
      },
      resize: (width, height) => {
        app.resize(width, height);
      },
      closed: () => {
        app.quit();
      },
    });
    await app.ended;
  } finally {
    terminal.close();
  }
}
