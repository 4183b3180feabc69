import { FireballError } from '@fireball/contracts';
import type { Device, FrontEnd, HubObserver } from '@fireball/debugger';
import type { InputEvent } from '../input/decoder.js';
import { collect, firstMemory, type ScreenModel } from '../model/model.js';
import { breakpointsAt, codeLength, placeAt } from '../panes/code.js';
import { deviceRows } from '../panes/devices.js';
import { bytesPerLine, linesOfList } from '../panes/lists.js';
import type { Canvas, Role } from '../screen/canvas.js';
import { hasCursor, layoutOf, listNames, paneNames, smallest, type Layout, type ListName, type PaneName, type Slot } from '../screen/layout.js';
import { drawScreen, innerOf, shownIn, type Setting } from './draw.js';
import { Keyboard } from './keyboard.js';
import type { LineEditor } from './line-editor.js';
import { Pointer } from './pointer.js';
import { Transcript } from './transcript.js';
import { Turns, type Task } from './turns.js';
import type { View } from './view.js';
import { clamp, moveInCode, moveInList, recentreCode, recentreSource, scrollCode } from './viewport.js';

const bytesOfRow = 16;

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
  readonly #turns = new Turns({
    carryOut: (task) => this.#carryOut(task),
    look: () => this.#look(),
    failed: (error) => {
      if (error instanceof FireballError && error.exitStatus !== 70) this.#complain(error.message);
      else this.#fail(error);
    },
    rest: () => {
      this.view.runningSince = undefined;
      this.draw();
    },
  });
  #model: ScreenModel;
  readonly #pointer = new Pointer();
  readonly #keyboard: Keyboard;
  readonly #transcript = new Transcript();
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
    private readonly devices: readonly Device[],
    private readonly outlet: Outlet,
    private readonly size: Size,
    memory: number,
    model: ScreenModel,
    history: string[],
  ) {
    this.#model = model;
    this.#keyboard = new Keyboard(history);
    this.view = {
      page: 'panes',
      helpTop: 0,
      focus: 'code',
      recent: [],
      code: { top: 0, cursor: 0, column: model.code.function === undefined ? 'machine' : 'wasm' },
      scroll: { values: 0, registers: 0, memory: 0, breakpoints: 0, stack: 0, console: 0, source: 0, devices: 0, variables: 0 },
      selected: { breakpoints: 0, stack: 0, source: 0, devices: 0, variables: 0 },
      openDevices: new Set(),
      openVariables: new Set(),
      frame: 0,
      memory,
      console: this.#transcript.lines,
      prompt: undefined,
      status: 'ready',
      runningSince: undefined,
    };
  }

  /**
   * @param join makes it known to the session
   * @param devices of the target
   * @param history lines that were typed before, the last one first; it grows
   */
  static async open(
    join: (observer: HubObserver) => FrontEnd,
    setting: Setting,
    devices: readonly Device[],
    outlet: Outlet,
    size: Size,
    history: string[],
  ): Promise<App> {
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
    const first = { frame: 0, memory, memoryRows: 1, devices, openDevices: new Set<string>(), openVariables: new Set<string>() };
    const model = await frontEnd.perform((debuggee) => collect(debuggee, first, undefined));
    const app = new App(frontEnd, setting, devices, outlet, size, memory, model, history);
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

  get hasWasm(): boolean {
    return this.setting.contents.wasm;
  }

  /** Settles when all that was typed has been carried out, and is shown. */
  rested(): Promise<void> {
    return this.#turns.rested();
  }

  get isWorking(): boolean {
    return this.#turns.isWorking;
  }

  get layout(): Layout {
    return layoutOf(Math.max(this.size.width, smallest.width), Math.max(this.size.height, smallest.height), this.setting.contents);
  }

  private slotOf(name: PaneName): Slot {
    return this.layout.slots.find(({ panes }) => panes.includes(name))!;
  }

  heightOf(name: PaneName): number {
    return innerOf(this.slotOf(name).rect).height;
  }

  draw(isWhole = false): void {
    const canvas = drawScreen(this.size.width, this.size.height, this.setting, this.#model, this.view);
    if (isWhole) this.outlet.redraw(canvas);
    else this.outlet.draw(canvas);
  }

  redraw(): void {
    this.draw(true);
  }

  resize(width: number, height: number): void {
    this.size.width = width;
    this.size.height = height;
    this.recentre();
    this.draw(true);
    this.#turns.later(() => this.refresh());
  }

  quit(): void {
    this.#turns.forget();
    this.#end();
  }

  // What the session tells.

  private running(): void {
    this.view.runningSince ??= performance.now();
    this.draw();
  }

  private stopped(by: FrontEnd, moved: boolean): void {
    if (!this.isWorking) this.view.runningSince = undefined;
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
    this.#turns.later(async () => {
      await this.refresh();
      this.recentre();
      this.draw();
    });
  }

  private output(bytes: Uint8Array): void {
    this.#transcript.output(bytes);
    this.draw();
  }

  /** What is said beside the session, such as where others reach it. It is seen until something else is looked at. */
  notice(line: string): void {
    this.#raise('console');
    this.say(line, 'header');
    this.draw();
  }

  private say(text: string, role: Role): void {
    this.#transcript.say(text, role);
    this.view.scroll.console = 0;
  }

  /** What is wrong is seen, also where another pane had the console's place. */
  #complain(message: string): void {
    this.say(message, 'error');
    if (!this.slotOf('console').panes.includes(this.view.focus)) this.#raise('console');
  }

  // What the user does.

  handle(event: InputEvent): void {
    try {
      if (event.kind === 'mouse') this.#pointer.handle(this, event);
      else if (event.kind === 'paste') this.view.prompt?.editor.insert(event.text);
      else this.#keyboard.handle(this, event.key);
      this.draw();
    } catch (error) {
      this.#fail(error);
    }
  }

  pause(): void {
    this.#turns.forget();
    this.frontEnd.interrupt();
  }

  complete(editor: LineEditor): void {
    const { candidates, word } = this.frontEnd.hub.debuggee.shell.complete(editor.text.slice(0, editor.cursor));
    const [first = word] = candidates;
    let common = first;
    for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
    if (common.length > word.length) editor.complete(word, candidates.length === 1 ? `${common} ` : common);
    else if (candidates.length > 1) this.say(candidates.slice(0, 60).join('  '), 'dim');
  }

  /** Moves the cursor of a pane, or what it shows where it has none. */
  move(name: PaneName, by: number): void {
    if (name === 'code') moveInCode(this.view, this.#model, this.slotOf(name), by);
    else if (hasCursor(name)) moveInList(this.view, this.#model, this.slotOf(name), name, by);
    else this.scroll(name, by);
  }

  /** Moves what a pane shows. */
  scroll(name: PaneName, by: number): void {
    const { view } = this;
    if (name === 'code') scrollCode(view, this.#model, this.slotOf(name), by);
    else if (name === 'memory') {
      const perLine = bytesPerLine(this.slotOf('memory').rect.width);
      const lines = Math.abs(by) > 1e6 ? 0 : Math.trunc((by * perLine) / bytesOfRow) || Math.sign(by);
      view.memory = clamp(view.memory + lines * bytesOfRow, 0, 0xffff_fff0);
      this.#turns.later(() => this.refresh());
    } else if (hasCursor(name)) view.scroll[name] = clamp(view.scroll[name] + by, 0, linesOfList(name, this.#model) - this.heightOf(name));
    else view.scroll[name] = clamp(view.scroll[name] + (name === 'console' ? -by : by), 0, 10_000);
  }

  /** Where there is such a pane. */
  focus(name: PaneName): void {
    const { view } = this;
    if (!this.layout.slots.some(({ panes }) => panes.includes(name))) return;
    view.focus = name;
    this.#raise(name);
  }

  /** It is what its place shows. */
  #raise(name: PaneName): void {
    const { recent } = this.view;
    if (recent.includes(name)) recent.splice(recent.indexOf(name), 1);
    recent.unshift(name);
  }

  /** The focus to the next pane, or the one before. */
  turn(by: 1 | -1): void {
    const { slots } = this.layout;
    const there = paneNames.filter((name) => slots.some(({ panes }) => panes.includes(name)));
    this.focus(there[(there.indexOf(this.view.focus) + by + there.length) % there.length]!);
  }

  /** Enter, or a double click, in a list. */
  activate(name: ListName): void {
    const { view } = this;
    if (name === 'stack') this.selectFrame(view.selected.stack);
    else if (name === 'source') this.toggleBreakpoint();
    else if (name === 'devices') this.#openDevice();
    else if (name === 'variables') this.#openVariable();
  }

  #openVariable(): void {
    const { openVariables, selected } = this.view;
    const variable = this.#model.variables?.[selected.variables];
    if (variable === undefined || variable.inside === 'none') return;
    if (!openVariables.delete(variable.path)) openVariables.add(variable.path);
    this.#turns.later(() => this.refresh());
  }

  #openDevice(): void {
    const { view } = this;
    const row = deviceRows(this.#model)[view.selected.devices];
    if (row === undefined) return;
    const { name } = row.device;
    if (!view.openDevices.delete(name)) view.openDevices.add(name);
    view.selected.devices = deviceRows(this.#model).findIndex(({ device, register }) => device.name === name && register === undefined);
    this.#turns.later(() => this.refresh());
  }

  toggleBreakpoint(): void {
    const { ids, place } = this.view.focus === 'source' ? this.#breakableLine : this.#breakableCode;
    if (ids.length > 0) for (const id of ids) this.command(`delete ${id}`);
    else if (place !== undefined) this.command(`break ${place}`);
  }

  get #breakableCode(): { readonly ids: readonly (number | string)[]; readonly place: string | undefined } {
    const { code } = this.view;
    return { ids: breakpointsAt(this.#model, code), place: placeAt(this.#model, code) };
  }

  get #breakableLine(): { readonly ids: readonly number[]; readonly place: string | undefined } {
    const { source } = this.#model;
    const line = this.view.selected.source + 1;
    const ids = source?.stops.find((stop) => stop.line === line)?.ids ?? [];
    return { ids, place: source === undefined ? undefined : `${source.file}:${line}` };
  }

  selectFrame(frame: number): void {
    if (frame < 0 || frame >= this.#model.frames.length) return;
    this.command(`frame ${frame}`);
  }

  seek(count: number): void {
    this.#turns.add({ command: `goto ${count}`, isTyped: false, isSeek: true });
  }

  /** @param share of the timeline */
  seekBy(share: number): void {
    const { begin, end, now } = this.#model.timeline;
    const { last } = this.#turns;
    const from = last?.isSeek === true ? Number(last.command.slice('goto '.length)) : now;
    const by = Math.sign(share) * Math.max(1, Math.round(Math.abs(share) * (end - begin)));
    this.seek(clamp(from + by, begin, end));
  }

  // The session's turn.

  command(command: string, isTyped = false): void {
    this.#turns.add({ command, isTyped, isSeek: false });
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
      if (where !== undefined) view.status = why.at(-1)?.replaceAll(/\s+/g, ' ') ?? where.replace(/^after \d+ instructions, /, '');
      view.frame = this.frontEnd.hub.debuggee.shell.scope.frame;
    } catch (error) {
      if (!(error instanceof FireballError) || error.exitStatus === 70) throw error;
      this.#complain(error.message);
    }
  }

  /** Looks at the session as it stands. */
  private async refresh(): Promise<void> {
    if (this.frontEnd.hub.isOver) return;
    const { view, devices } = this;
    const { frame, memory, openDevices, openVariables } = view;
    const { rect } = this.slotOf('memory');
    const memoryRows = Math.ceil((innerOf(rect).height * bytesPerLine(rect.width)) / bytesOfRow);
    this.#model = await this.frontEnd.perform((debuggee) => collect(debuggee, { frame, memory, memoryRows, devices, openDevices, openVariables }, this.#model));
    for (const name of listNames) view.selected[name] = clamp(view.selected[name], 0, linesOfList(name, this.#model) - 1);
    view.code = { ...view.code, cursor: clamp(view.code.cursor, 0, codeLength(this.#model) - 1) };
  }

  showMemory(text: string): void {
    this.#turns.later(async () => {
      const address = await this.frontEnd.perform(({ shell }) => shell.scope.address(text));
      this.view.memory = address - (address % bytesOfRow);
      this.focus('memory');
      await this.refresh();
    });
  }

  /** The cursors of code and source to where it stands, and that into view. */
  recentre(): void {
    recentreCode(this.view, this.#model, this.slotOf('code'));
    if (this.setting.contents.source) recentreSource(this.view, this.#model, this.slotOf('source'));
    this.view.selected.stack = this.view.frame;
  }

  /** What a place of the screen belongs to. */
  paneAt(slot: Slot): PaneName {
    return shownIn(slot, this.view);
  }
}
