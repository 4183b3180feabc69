import type { ScreenModel } from '../model/model.js';
import { hasCursor, type ListName, type PaneName } from '../screen/layout.js';
import { actionOf, type Action } from './keys.js';
import { LineEditor } from './line-editor.js';
import type { View } from './view.js';

/** What keys do with the screen. */
interface Typed {
  readonly view: View;
  readonly model: ScreenModel;
  readonly isUsable: boolean;
  readonly hasWasm: boolean;
  readonly isWorking: boolean;
  /** Rows of a pane. */
  heightOf(name: PaneName): number;
  command(command: string, isTyped?: boolean): void;
  complete(editor: LineEditor): void;
  showMemory(text: string): void;
  pause(): void;
  focus(name: PaneName): void;
  turn(by: 1 | -1): void;
  move(name: PaneName, by: number): void;
  activate(name: ListName): void;
  seek(count: number): void;
  seekBy(share: number): void;
  toggleBreakpoint(): void;
  selectFrame(frame: number): void;
  recentre(): void;
  redraw(): void;
  quit(): void;
}

/** Shares of the timeline that keys go by. */
const shares = { earlier: -0.01, later: 0.01, earliest: -0.1, latest: 0.1 } as const;
/** The page of keys scrolls so far. */
const lastHelp = 40;

/** The keyboard: keys of panes, of the line that is typed, and those that mean the same everywhere. */
export class Keyboard {
  /** @param history lines that were typed before, the last one first; it grows */
  constructor(private readonly history: string[]) {}

  handle(screen: Typed, key: string): void {
    const { view } = screen;
    if (!screen.isUsable) {
      if (key === 'q' || key === 'ctrl-c' || key === 'ctrl-d') screen.quit();
    } else if (view.page === 'help') helpKey(view, key);
    else if (view.prompt !== undefined) promptKey(screen, key, view.prompt.editor);
    else if (!paneKey(screen, key)) {
      const action = actionOf(key);
      if (action !== undefined) this.#act(screen, action);
    }
  }

  #act(screen: Typed, action: Action): void {
    const { view, model } = screen;
    switch (action.kind) {
      case 'command':
        // Firmware has machine instructions alone.
        screen.command(screen.hasWasm ? action.command : action.command.replace(/ wasm$/, ''));
        break;
      case 'pause':
        screen.pause();
        break;
      case 'breakpoint':
        screen.toggleBreakpoint();
        break;
      case 'delete': {
        const breakpoint = model.breakpoints[view.selected.breakpoints];
        if (view.focus === 'breakpoints' && breakpoint !== undefined) screen.command(`delete ${breakpoint.id}`);
        break;
      }
      case 'write': {
        const { expression } = model.variables?.[view.selected.variables] ?? {};
        if (view.focus === 'variables' && expression !== undefined)
          view.prompt = { label: '(fireball)', editor: new LineEditor(this.history, `set ${expression} = `) };
        break;
      }
      case 'command-line':
        view.prompt = { label: '(fireball)', editor: new LineEditor(this.history) };
        break;
      case 'goto':
        view.prompt = { label: 'go to instruction count:', editor: new LineEditor() };
        break;
      case 'memory':
        view.prompt = { label: 'memory at:', editor: new LineEditor() };
        break;
      case 'next-pane':
      case 'previous-pane':
        screen.turn(action.kind === 'next-pane' ? 1 : -1);
        break;
      case 'pane':
        screen.focus(action.name);
        break;
      case 'begin':
        screen.seek(model.timeline.begin);
        break;
      case 'earlier':
      case 'later':
      case 'earliest':
      case 'latest':
        screen.seekBy(shares[action.kind]);
        break;
      case 'frame-up':
      case 'frame-down':
        screen.selectFrame(view.frame + (action.kind === 'frame-up' ? 1 : -1));
        break;
      case 'recentre':
        screen.recentre();
        break;
      case 'help':
        view.page = 'help';
        view.helpTop = 0;
        break;
      case 'redraw':
        screen.redraw();
        break;
      case 'quit':
        screen.quit();
        break;
    }
  }
}

function helpKey(view: View, key: string): void {
  if (key === 'down' || key === 'pagedown') view.helpTop = Math.min(lastHelp, view.helpTop + (key === 'down' ? 1 : 10));
  else if (key === 'up' || key === 'pageup') view.helpTop = Math.max(0, view.helpTop - (key === 'up' ? 1 : 10));
  else view.page = 'panes';
}

function promptKey(screen: Typed, key: string, editor: LineEditor): void {
  const { view } = screen;
  if (key === 'ctrl-c' && screen.isWorking) screen.pause();
  else if (key === 'escape' || key === 'ctrl-c' || (key === 'ctrl-d' && editor.text === '')) view.prompt = undefined;
  else if (key === 'enter') enter(screen, editor);
  else if (key === 'tab') screen.complete(editor);
  else editor.key(key);
}

function enter(screen: Typed, editor: LineEditor): void {
  const { label } = screen.view.prompt!;
  const text = editor.enter().trim();
  if (text === '' || label !== '(fireball)') screen.view.prompt = undefined;
  if (text === '') return;
  if (label === '(fireball)') screen.command(text, true);
  else if (label === 'memory at:') screen.showMemory(text);
  else screen.command(`goto ${text.replaceAll(',', '')}`);
}

/** A key that moves in the pane that has the focus. */
function paneKey(screen: Typed, key: string): boolean {
  const { view, model } = screen;
  const { focus } = view;
  const height = screen.heightOf(focus);
  const moves: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: 1 - height, pagedown: height - 1, home: -1e9, end: 1e9 };
  const move = moves[key];
  if (move !== undefined) {
    screen.move(focus, move);
    return true;
  }
  if (focus === 'code' && (key === 'left' || key === 'right')) {
    view.code = { ...view.code, column: key === 'left' && model.code.function !== undefined ? 'wasm' : 'machine' };
    return true;
  }
  const inside = focus === 'variables' ? model.variables?.[view.selected.variables]?.inside : undefined;
  if ((key === 'right' && inside === 'closed') || (key === 'left' && inside === 'open')) {
    screen.activate('variables');
    return true;
  }
  if (hasCursor(focus) && key === 'enter') {
    screen.activate(focus);
    return true;
  }
  return false;
}
