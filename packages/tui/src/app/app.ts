import { setImmediate } from 'node:timers/promises';
import { FireballError, printable } from '@fireball/contracts';
import type { FrontEnd, HubObserver } from '@fireball/debugger';
import type { InputEvent } from '../input/decoder.js';
import { collect, firstMemory, type ScreenModel } from '../model/model.js';
import { breakpointsAt, codeLength, codeShape, currentRow, placeAt } from '../panes/code.js';
import { bytesPerLine } from '../panes/lists.js';
import type { Canvas, Role } from '../screen/canvas.js';
import { layoutOf, paneNames, smallest, type Layout, type PaneName, type Slot } from '../screen/layout.js';
import { drawScreen, innerOf, shownIn, type Setting } from './draw.js';
import { actionOf, type Action } from './keys.js';
import { LineEditor } from './line-editor.js';
import { Pointer } from './pointer.js';
import type { View } from './view.js';

/** Lines of the console that are kept. */
const mostConsole = 5000;
/** Keys that wait for the session. */
const mostWaiting = 10_000;
/** Milliseconds until the screen is looked at again while keys are waiting. */
const frameTime = 50;
const bytesOfRow = 16;
/** Shares of the timeline that keys go by. */
const steps = { earlier: -0.01, later: 0.01, earliest: -0.1, latest: 0.1 } as const;

/** Something to be carried out when its turn comes. */
interface Task {
  readonly command: string;
  /** Typed by the user: it is shown with all that it says. */
  readonly isTyped: boolean;
  /** Of several in a row the last one will do. */
  readonly isSeek: boolean;
}

/** What the terminal does for it. */
interface Outlet {
  draw(canvas: Canvas): void;
  /** The whole screen anew, whatever is on it. */
  redraw(canvas: Canvas): void;
}

/** Where panes are, without what they show. */
interface Size {
  width: number;
  height: number;
}

/** The debugger's screen: events of the user in, canvases out. It steps by the shell's commands, and knows no terminal. */
export class App {
  readonly view: View;
  readonly #waiting: Task[] = [];
  #working: Promise<void> | undefined;
  #model: ScreenModel;
  readonly #pointer: Pointer;
  readonly #utf8 = new TextDecoder('utf-8');
  #line = '';
  #end: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** Settles when the user has ended it, or the session is over; rejects where something is broken. */
  readonly ended = new Promise<void>((resolve, reject) => {
    this.#end = resolve;
    this.#fail = reject;
  });

  private constructor(
    private readonly frontEnd: FrontEnd,
    private readonly setting: Setting,
    private readonly outlet: Outlet,
    private readonly size: Size,
    view: View,
    model: ScreenModel,
    private readonly history: string[],
  ) {
    this.view = view;
    this.#model = model;
    this.#pointer = new Pointer();
  }

  /**
   * @param history lines that were typed before, the last one first; it grows
   * @param join makes it known to the session
   */
  static async open(join: (observer: HubObserver) => FrontEnd, setting: Setting, outlet: Outlet, size: Size, history: string[]): Promise<App> {
    const found: { app?: App } = {};
    const early: Uint8Array[] = [];
    const frontEnd = join({
      running: () => found.app?.running(),
      stopped: (_stop, by, moved) => found.app?.stopped(by, moved),
      breakpointsChanged: (by) => found.app?.changed(by),
      stateChanged: (by) => found.app?.changed(by),
      output: (bytes) => {
        if (found.app === undefined) early.push(bytes);
        else found.app.output(bytes);
      },
      ended: () => {
        found.app?.quit();
      },
    });
    const { opening, session } = frontEnd.hub.debuggee;
    const memory = firstMemory(session);
    const model = await frontEnd.perform((debuggee) => collect(debuggee, { frame: 0, memory, memoryRows: 1 }, undefined));
    const view: View = {
      page: 'panes',
      helpTop: 0,
      focus: 'code',
      recent: [],
      code: { top: 0, cursor: 0, column: model.code.function === undefined ? 'machine' : 'wasm' },
      scroll: { values: 0, registers: 0, memory: 0, breakpoints: 0, stack: 0, console: 0 },
      selected: { breakpoints: 0, stack: 0 },
      frame: 0,
      memory,
      console: [],
      prompt: undefined,
      status: 'ready',
      runningSince: undefined,
    };
    const app = new App(frontEnd, setting, outlet, size, view, model, history);
    found.app = app;
    if (opening !== '') app.say(opening, 'plain');
    for (const bytes of early) app.output(bytes);
    await app.refresh();
    app.recentre();
    app.draw(true);
    return app;
  }

  get model(): ScreenModel {
    return this.#model;
  }

  get isUsable(): boolean {
    return this.size.width >= smallest.width && this.size.height >= smallest.height;
  }

  get layout(): Layout {
    return layoutOf(Math.max(this.size.width, smallest.width), Math.max(this.size.height, smallest.height));
  }

  slotOf(name: PaneName): Slot {
    return this.layout.slots.find(({ panes }) => panes.includes(name))!;
  }

  draw(isWhole = false): void {
    const canvas = drawScreen(this.size.width, this.size.height, this.setting, this.#model, this.view);
    if (isWhole) this.outlet.redraw(canvas);
    else this.outlet.draw(canvas);
  }

  resize(width: number, height: number): void {
    this.size.width = width;
    this.size.height = height;
    this.recentre();
    this.draw(true);
    this.#later(() => this.refresh());
  }

  quit(): void {
    this.#waiting.length = 0;
    this.#end();
  }

  // What the session tells.

  private running(): void {
    this.view.runningSince ??= performance.now();
    this.draw();
  }

  private stopped(by: FrontEnd, moved: boolean): void {
    if (this.#working === undefined) this.view.runningSince = undefined;
    if (by === this.frontEnd) return;
    if (!moved) {
      this.draw();
      return;
    }
    this.view.status = `moved by ${by.name}`;
    this.#moved();
  }

  private changed(by: FrontEnd): void {
    if (by !== this.frontEnd) this.#moved();
  }

  #moved(): void {
    this.view.frame = this.frontEnd.hub.debuggee.shell.scope.frame;
    this.#later(async () => {
      await this.refresh();
      this.recentre();
      this.draw();
    });
  }

  private output(bytes: Uint8Array): void {
    const pieces = (this.#line + this.#utf8.decode(bytes, { stream: true })).split('\n');
    const isOpen = this.#line !== '';
    this.#line = pieces.at(-1)!;
    if (isOpen) this.view.console.pop();
    for (const [index, text] of pieces.entries()) if (index < pieces.length - 1 || text !== '') this.#print(text.replace(/\r$/, ''), 'output');
    this.#line = pieces.at(-1)!;
    this.draw();
  }

  #print(text: string, role: Role): void {
    this.view.console.push({ text: text.replaceAll('\t', '    '), role });
    if (this.view.console.length > mostConsole) this.view.console.splice(0, this.view.console.length - mostConsole);
  }

  /** A text of our own; what the program has written of a line stays in front of it. */
  private say(text: string, role: Role): void {
    this.#line = '';
    for (const line of text.split('\n')) this.#print(printable(line), role);
    this.view.scroll.console = 0;
  }

  // What the user does.

  handle(event: InputEvent): void {
    try {
      if (event.kind === 'mouse') this.#pointer.handle(this, event);
      else if (event.kind === 'paste') this.view.prompt?.editor.insert(event.text);
      else this.#key(event.key);
      this.draw();
    } catch (error) {
      this.#fail(error);
    }
  }

  #key(key: string): void {
    if (!this.isUsable) {
      if (key === 'q' || key === 'ctrl-c' || key === 'ctrl-d') this.quit();
      return;
    }
    if (this.view.page === 'help') {
      if (key === 'down' || key === 'pagedown') this.view.helpTop = Math.min(40, this.view.helpTop + (key === 'down' ? 1 : 10));
      else if (key === 'up' || key === 'pageup') this.view.helpTop = Math.max(0, this.view.helpTop - (key === 'up' ? 1 : 10));
      else this.view.page = 'panes';
      return;
    }
    if (this.view.prompt !== undefined) this.#promptKey(key, this.view.prompt.editor);
    else if (!this.#paneKey(key)) {
      const action = actionOf(key);
      if (action !== undefined) this.#act(action);
    }
  }

  #act(action: Action): void {
    const { view } = this;
    switch (action.kind) {
      case 'command':
        this.command(action.command);
        break;
      case 'pause':
        this.#pause();
        break;
      case 'breakpoint':
        this.toggleBreakpoint();
        break;
      case 'delete': {
        const breakpoint = this.#model.breakpoints[view.selected.breakpoints];
        if (view.focus === 'breakpoints' && breakpoint !== undefined) this.command(`delete ${breakpoint.id}`);
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
        this.#turn(action.kind === 'next-pane' ? 1 : -1);
        break;
      case 'pane':
        this.focus(paneNames[action.index]!);
        break;
      case 'begin':
        this.seek(this.#model.timeline.begin);
        break;
      case 'earlier':
      case 'later':
      case 'earliest':
      case 'latest':
        this.#seekBy(steps[action.kind]);
        break;
      case 'frame-up':
      case 'frame-down':
        this.selectFrame(view.frame + (action.kind === 'frame-up' ? 1 : -1));
        break;
      case 'recentre':
        this.recentre();
        break;
      case 'help':
        view.page = 'help';
        view.helpTop = 0;
        break;
      case 'redraw':
        this.draw(true);
        break;
      case 'quit':
        this.quit();
        break;
    }
  }

  #pause(): void {
    this.#waiting.length = 0;
    this.frontEnd.interrupt();
  }

  #promptKey(key: string, editor: LineEditor): void {
    const { view } = this;
    if (key === 'ctrl-c' && this.#working !== undefined) this.#pause();
    else if (key === 'escape' || key === 'ctrl-c' || (key === 'ctrl-d' && editor.text === '')) view.prompt = undefined;
    else if (key === 'enter') this.#enter(editor);
    else if (key === 'tab') this.#complete(editor);
    else editor.key(key);
  }

  #enter(editor: LineEditor): void {
    const { label } = this.view.prompt!;
    const text = editor.enter().trim();
    if (text === '' || label !== '(fireball)') this.view.prompt = undefined;
    if (text === '') return;
    if (label === '(fireball)') this.command(text, true);
    else if (label === 'memory at:') this.#later(() => this.showMemory(text));
    else this.command(`goto ${text.replaceAll(',', '')}`);
  }

  #complete(editor: LineEditor): void {
    const { candidates, word } = this.frontEnd.hub.debuggee.shell.complete(editor.text.slice(0, editor.cursor));
    const [first = word] = candidates;
    let common = first;
    for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
    if (common.length > word.length) editor.complete(word, candidates.length === 1 ? `${common} ` : common);
    else if (candidates.length > 1) this.say(candidates.slice(0, 60).join('  '), 'dim');
  }

  /** A key that moves in the pane that has the focus. */
  #paneKey(key: string): boolean {
    const { view } = this;
    const { focus } = view;
    const height = innerOf(this.slotOf(focus).rect).height;
    const moves: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: 1 - height, pagedown: height - 1, home: -1e9, end: 1e9 };
    const move = moves[key];
    if (move !== undefined) {
      this.move(focus, move);
      return true;
    }
    if (focus === 'code' && (key === 'left' || key === 'right')) {
      view.code = { ...view.code, column: key === 'left' && this.#model.code.function !== undefined ? 'wasm' : 'machine' };
      return true;
    }
    if (focus === 'stack' && key === 'enter') {
      this.selectFrame(view.selected.stack);
      return true;
    }
    return false;
  }

  /** Moves the cursor of a pane, or what it shows where it has none. */
  move(name: PaneName, by: number): void {
    const { view } = this;
    if (name === 'code') {
      const cursor = clamp(view.code.cursor + by, 0, codeLength(this.#model) - 1);
      view.code = { ...view.code, cursor };
      this.#reveal(0);
    } else if (name === 'breakpoints' || name === 'stack') {
      const count = name === 'stack' ? this.#model.frames.length : this.#model.breakpoints.length;
      view.selected[name] = clamp(view.selected[name] + by, 0, count - 1);
      const { height } = innerOf(this.slotOf(name).rect);
      view.scroll[name] = clamp(view.scroll[name], view.selected[name] - height + 1, view.selected[name]);
    } else this.scroll(name, by);
  }

  /** Moves what a pane shows. */
  scroll(name: PaneName, by: number): void {
    const { view } = this;
    if (name === 'code') {
      const { height } = codeShape(this.slotOf('code').rect, this.#model);
      view.code = { ...view.code, top: clamp(view.code.top + by, 0, Math.max(0, codeLength(this.#model) - height)) };
    } else if (name === 'memory') {
      const perLine = bytesPerLine(this.slotOf('memory').rect.width);
      const lines = Math.abs(by) > 1e6 ? 0 : Math.trunc((by * perLine) / bytesOfRow) || Math.sign(by);
      view.memory = clamp(view.memory + lines * bytesOfRow, 0, 0xffff_fff0);
      this.#later(() => this.refresh());
    } else view.scroll[name] = Math.max(0, Math.min(10_000, view.scroll[name] + (name === 'console' ? -by : by)));
  }

  focus(name: PaneName): void {
    const { view } = this;
    view.focus = name;
    if (view.recent.includes(name)) view.recent.splice(view.recent.indexOf(name), 1);
    view.recent.unshift(name);
  }

  #turn(by: 1 | -1): void {
    const at = paneNames.indexOf(this.view.focus);
    this.focus(paneNames[(at + by + paneNames.length) % paneNames.length]!);
  }

  toggleBreakpoint(): void {
    const { code } = this.view;
    const ids = breakpointsAt(this.#model, code);
    const place = placeAt(this.#model, code);
    if (ids.length > 0) for (const id of ids) this.command(`delete ${id}`);
    else if (place !== undefined) this.command(`break ${place}`);
  }

  selectFrame(frame: number): void {
    if (frame < 0 || frame >= this.#model.frames.length) return;
    this.command(`frame ${frame}`);
  }

  seek(count: number): void {
    this.#add({ command: `goto ${count}`, isTyped: false, isSeek: true });
  }

  #seekBy(share: number): void {
    const { begin, end, now } = this.#model.timeline;
    const waiting = this.#waiting.at(-1);
    const from = waiting?.isSeek === true ? Number(waiting.command.slice('goto '.length)) : now;
    const by = Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * (end - begin)));
    this.seek(clamp(from + by, begin, end));
  }

  // The session's turn.

  command(command: string, isTyped = false): void {
    this.#add({ command, isTyped, isSeek: false });
  }

  #add(task: Task): void {
    if (task.isSeek && this.#waiting.at(-1)?.isSeek === true) this.#waiting.pop();
    if (this.#waiting.length < mostWaiting) this.#waiting.push(task);
    this.#later(() => Promise.resolve());
  }

  /** Carries out what waits, then something more, and draws. */
  #later(more: () => Promise<void>): void {
    const before = this.#working ?? Promise.resolve();
    const work = before.then(async () => {
      await this.#work();
      await more();
    });
    const settled = work
      .catch((error: unknown) => {
        if (error instanceof FireballError && error.exitStatus !== 70) this.say(error.message, 'error');
        else this.#fail(error);
      })
      .then(() => {
        if (this.#working !== settled) return;
        this.#working = undefined;
        this.view.runningSince = undefined;
        this.draw();
      });
    this.#working = settled;
  }

  async #work(): Promise<void> {
    let looked = performance.now();
    let isOld = false;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      await this.#carryOut(task);
      isOld = true;
      // Others, and more keys, have their turn.
      await setImmediate();
      if (performance.now() - looked < frameTime) continue;
      await this.#look();
      isOld = false;
      looked = performance.now();
    }
    if (isOld) await this.#look();
  }

  async #look(): Promise<void> {
    const before = this.#model.position;
    await this.refresh();
    if (this.#model.position !== before) this.recentre();
    this.view.runningSince = undefined;
    this.draw();
  }

  async #carryOut({ command, isTyped }: Task): Promise<void> {
    const { view } = this;
    if (isTyped) this.say(`(fireball) ${command}`, 'header');
    try {
      const said = await this.frontEnd.execute(command);
      const lines = said.split('\n');
      const where = lines.find((line) => line.startsWith('after '));
      const why = lines.filter((line) => line !== '' && line !== where);
      if (isTyped && said !== '') this.say(said, 'plain');
      else if (why.length > 0) this.say(why.join('\n'), 'plain');
      if (where !== undefined) view.status = why.at(-1) ?? where.replace(/^after \d+ instructions, /, '');
      view.frame = this.frontEnd.hub.debuggee.shell.scope.frame;
    } catch (error) {
      if (!(error instanceof FireballError) || error.exitStatus === 70) throw error;
      this.say(error.message, 'error');
    }
  }

  /** Looks at the session as it stands. */
  private async refresh(): Promise<void> {
    if (this.frontEnd.hub.isOver) return;
    const { view } = this;
    const { rect } = this.slotOf('memory');
    const perLine = bytesPerLine(rect.width);
    const memoryRows = Math.ceil((innerOf(rect).height * perLine) / bytesOfRow);
    this.#model = await this.frontEnd.perform((debuggee) => collect(debuggee, { frame: view.frame, memory: view.memory, memoryRows }, this.#model));
    const last = { breakpoints: this.#model.breakpoints.length - 1, stack: this.#model.frames.length - 1 };
    view.selected.breakpoints = clamp(view.selected.breakpoints, 0, last.breakpoints);
    view.selected.stack = clamp(view.selected.stack, 0, last.stack);
    view.code = { ...view.code, cursor: clamp(view.code.cursor, 0, codeLength(this.#model) - 1) };
  }

  async showMemory(text: string): Promise<void> {
    const address = await this.frontEnd.perform(({ shell }) => shell.scope.address(text));
    this.view.memory = address - (address % bytesOfRow);
    this.focus('memory');
    await this.refresh();
  }

  /** The cursor to where it stands, and that into view. */
  private recentre(): void {
    const { view } = this;
    view.code = { ...view.code, cursor: currentRow(this.#model) };
    this.#reveal(2);
    // Its instruction may stand some rows above its code.
    const { wasm } = this.#model.code.marks;
    const { height } = codeShape(this.slotOf('code').rect, this.#model);
    if (wasm !== undefined && wasm < view.code.top && view.code.cursor - wasm < height - 1) view.code = { ...view.code, top: Math.max(0, wasm - 1) };
    view.selected.stack = view.frame;
  }

  /** Scrolls where the cursor is out of sight, or nearer than a margin to that. */
  #reveal(margin: number): void {
    const { view } = this;
    const { height } = codeShape(this.slotOf('code').rect, this.#model);
    const { cursor, top } = view.code;
    const most = Math.max(0, codeLength(this.#model) - height);
    if (cursor >= top + margin && cursor < top + height - margin) {
      view.code = { ...view.code, top: Math.min(top, most) };
      return;
    }
    const wanted = margin === 0 ? (cursor < top ? cursor : cursor - height + 1) : cursor - Math.floor(height / 3);
    view.code = { ...view.code, top: clamp(wanted, 0, most) };
  }

  /** What a place of the screen belongs to. */
  paneAt(slot: Slot): PaneName {
    return shownIn(slot, this.view);
  }
}

/** `least` where there is nothing between them. */
function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
