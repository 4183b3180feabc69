import { devicesOf, type Hub } from '@fireball/debugger';
import { App } from './app/app.js';
import type { Setting } from './app/draw.js';
import { glyphsFor } from './screen/glyphs.js';
import { Terminal, type TerminalStreams } from './terminal/terminal.js';

/** What a screen needs beside the session. */
export interface TuiOptions extends TerminalStreams {
  /** Lines of commands that were typed before, the last one first; it grows. */
  readonly history: string[];
  /** Whoever else serves the session says something to the user, on the console from now on: standard error is not seen. */
  readonly notices: (listener: (line: string) => void) => void;
  /** Commands that are carried out at first. */
  readonly commands: readonly string[];
}

/**
 * Shows a session on a terminal until the user ends it, or somebody ends the session. The terminal has its modes back then, also where an error
 * is thrown, and where a signal ends the process.
 */
export async function runTui(hub: Hub, { history, notices, commands, ...streams }: TuiOptions): Promise<void> {
  const terminal = Terminal.open(streams);
  try {
    const app = await App.open(
      (observer) => hub.join('the terminal', observer),
      settingOf(hub, streams.environment),
      devicesOf(hub.session.target),
      terminal,
      { width: terminal.width, height: terminal.height },
      history,
    );
    notices((line) => {
      app.notice(line);
    });
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

/** What does not change of a session's screen. */
export function settingOf({ debuggee, session }: Hub, environment: TerminalStreams['environment']): Setting {
  const { target, view, sources } = session;
  const contents = {
    wasm: view.functions.length > 0,
    source: (sources.index?.files.length ?? 0) > 0,
    variables: sources.variables !== undefined,
    devices: devicesOf(target).length > 0,
  };
  return { name: debuggee.name, core: target.core, glyphs: glyphsFor(environment), contents };
}
