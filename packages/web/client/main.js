import { Component, html, render } from './lib/preact.js';
import { Connection } from './connection.js';
import { Columns, Disassembly, RowStore } from './columns.js';
import { Console, Memory } from './dock.js';
import { hex } from './format.js';
import { actions, meaningOf, moves, units } from './keys.js';
import { Timeline } from './timeline.js';
import { Toolbar } from './toolbar.js';
import { Frames, Registers, Stops, Variables } from './values.js';

const mostLines = 2000;
const tabs = { console: 'Console', memory: 'Memory' };

class App extends Component {
  state = { link: 'connecting', unit: units[0], log: [], tab: 'console', stops: [], running: undefined };

  componentDidMount() {
    this.connection = new Connection({
      event: (message) => this.event(message),
      open: () => this.open(),
      closed: () => this.setState({ link: 'lost' }),
    });
    this.store = new RowStore(this.ask, () => this.setState({ loaded: (this.state.loaded ?? 0) + 1 }));
    document.addEventListener('keydown', this.key);
    addEventListener('hashchange', () => this.followLink());
  }

  ask = (what, fields) => this.connection.ask(what, fields);

  async open() {
    const hello = await this.ask('hello');
    document.title = `${hello.name} – Fireball`;
    // Code may be another one than before the connection was lost.
    this.store = new RowStore(this.ask, () => this.setState({ loaded: (this.state.loaded ?? 0) + 1 }));
    this.setState({
      hello,
      link: 'open',
      unit: hello.wasm ? this.state.unit : units[2],
      log: hello.opening === '' ? this.state.log : [...this.state.log, { kind: 'from', text: hello.opening }],
    });
    this.event(hello.state);
    if (hello.wasm) this.setState({ functions: (await this.ask('functions')).functions });
    this.followLink();
  }

  event(message) {
    switch (message.event) {
      case 'state': {
        const before = this.state.session;
        const stops = before === undefined || before.begin !== message.begin ? [] : this.state.stops;
        const isKnown = stops.includes(message.count);
        this.setState({
          session: message,
          before: before?.count === message.count ? this.state.before : before,
          stops: isKnown ? stops : [...stops.slice(-199), message.count],
          running: undefined,
          shown: undefined,
          cursor: message.marks.wasm ?? message.marks.machine,
        });
        history.replaceState(null, '', `#${message.count}.${message.order}`);
        break;
      }
      case 'running':
        this.setState({ running: message.count });
        break;
      case 'command':
        this.setState({ running: undefined });
        this.say('typed', message.line);
        if (message.text !== '') this.say('', message.text);
        break;
      case 'stands':
        this.setState({ running: undefined });
        break;
      case 'ended':
        this.setState({ running: undefined, over: true });
        this.tell('The session is over');
        break;
      case 'output':
        this.say('program', message.text);
        break;
    }
  }

  say(kind, text) {
    this.setState(({ log }) => ({ log: [...log.slice(-mostLines), { kind, text }] }));
  }

  tell(text) {
    this.setState({ toast: text });
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => this.setState({ toast: undefined }), 4000);
  }

  /** Asks; what the session says against it is shown. */
  try(what, fields) {
    return this.ask(what, fields).catch(({ message }) => {
      this.say('problem', message);
      if (this.state.tab !== 'console') this.tell(message);
    });
  }

  run = (line) => this.try('command', { line });

  goto = (to, order = 0) => this.try('goto', { count: to, order });

  /** To the position that the address of the page names: #count.boundary. */
  followLink() {
    const [, to, order = '0'] = /^#(\d+)(?:\.(\d+))?$/.exec(location.hash) ?? [];
    const { session } = this.state;
    if (to === undefined || session === undefined || (Number(to) === session.count && Number(order) === session.order)) return;
    this.goto(Number(to), Number(order));
  }

  key = (event) => {
    const found = meaningOf(event);
    if (found === undefined || this.state.session === undefined) return;
    event.preventDefault();
    this.act(found, event.key);
  };

  act(found, key) {
    const { session, unit, cursor } = this.state;
    const { frame, begin, furthest } = session;
    const total = this.shownFunction?.total ?? 0;
    if (found.command !== undefined) return this.run(found.command(unit));
    const does = {
      pause: () => this.try('pause'),
      begin: () => this.goto(begin),
      end: () => this.goto(furthest),
      unit: () => this.setState({ unit: units[Number(key) - 1] }),
      down: () => this.setState({ cursor: Math.min(total - 1, (cursor ?? -1) + 1) }),
      up: () => this.setState({ cursor: Math.max(0, (cursor ?? 1) - 1) }),
      breakpoint: () => this.breakpointAtCursor(),
      here: () => this.setState({ shown: undefined, cursor: session.marks.wasm ?? session.marks.machine }),
      outer: () => this.chooseFrame(frame + 1),
      inner: () => this.chooseFrame(frame - 1),
      prompt: () => this.setState({ tab: 'console' }, () => document.getElementById('prompt').focus()),
      link: () => this.copyLink(),
      theme: () => this.changeTheme(),
      help: () => document.getElementById('help').showModal(),
    };
    does[found.id]?.();
  }

  chooseFrame = (number) => {
    if (number >= 0 && number < this.state.session.frames.length) this.try('frame', { number });
  };

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell('The link to this position is in the clipboard');
    } catch {
      this.tell(location.href);
    }
  }

  changeTheme() {
    const { dataset } = document.documentElement;
    const isDark = dataset.theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : dataset.theme === 'dark';
    dataset.theme = isDark ? 'light' : 'dark';
    localStorage.setItem('theme', dataset.theme);
    this.setState({ theme: dataset.theme });
  }

  breakpointAtCursor() {
    const code = this.shownFunction;
    const { cursor } = this.state;
    const row = code === undefined || cursor === undefined ? undefined : this.store.row(code.key, cursor);
    if (row !== undefined) this.toggleBreakpoint(row, row.machine === undefined || row.wasm !== undefined ? 'wasm' : 'machine', cursor);
  }

  toggleBreakpoint = (row, column, index) => {
    const mark = this.shownMarks?.breakpoints.find((each) => each.row === index && each[column]);
    if (mark !== undefined) for (const id of mark.ids) this.run(`delete ${id}`);
    else this.run(column === 'wasm' ? `break 0x${hex(row.wasmOffset, 1)}` : `break *0x${hex(row.machine.address)}`);
  };

  toggleAddress = (address) => {
    const found = this.state.session.breakpoints.find((each) => each.address === address);
    this.run(found === undefined ? `break *0x${hex(address)}` : `delete ${found.id}`);
  };

  /** Another function than the one that is active. */
  async showFunction(key) {
    const { total, marks } = await this.ask('function', { function: key });
    const { name } = this.state.functions.find((each) => each.key === key) ?? { name: '' };
    this.setState({ shown: { key, name, total, marks }, cursor: 0 });
  }

  get shownFunction() {
    return this.state.shown ?? this.state.session?.function;
  }

  get shownMarks() {
    return this.state.shown === undefined ? this.state.session?.marks : this.state.shown.marks;
  }

  render(_, { hello, session, before, link, running, unit, log, tab, toast, stops, functions = [], cursor, theme, over }) {
    if (hello === undefined || session === undefined)
      return html`<header class="bar"><span class="brand">Fireball</span><span class="muted">${link}</span></header>`;
    const code = this.shownFunction;
    const isParting = hello.parting !== null && hello.parting.count === session.count;
    const known = functions.some(({ key }) => key === code?.key);
    return html`
      <${Toolbar}
        hello=${hello}
        link=${over ? 'over' : link}
        running=${running}
        unit=${unit}
        onUnit=${(next) => this.setState({ unit: next })}
        onMove=${(move) => this.run(move.command(unit))}
        onAct=${(id) => this.act(actions.find((action) => action.id === id))}
      />
      <${Timeline} session=${session} running=${running} stops=${stops} parting=${hello.parting} goto=${this.goto} />
      <div class="body">
        <main class="code">
          ${
            code === undefined
              ? html`<div class="heads columns">
                  <span></span><span></span><span></span><span></span><span></span><span style=${{ gridColumn: 'span 3' }}>Machine code</span>
                </div>`
              : html`<div class="heads columns">
                  <span></span>
                  <span style=${{ gridColumn: 'span 2' }}>
                    <select aria-label="function" value=${code.key} onChange=${({ target }) => this.showFunction(Number(target.value))}>
                      ${known ? '' : html`<option value=${code.key}>${code.name}</option>`}
                      ${functions.map(({ key, name, interpreted }) => html`<option value=${key}>${name}${interpreted ? ' (interpreted)' : ''}</option>`)}
                    </select>
                  </span>
                  <span>Template and its holes</span><span></span><span style=${{ gridColumn: 'span 2' }}>Machine code</span
                  ><span class="bits">Bits that holes fill</span>
                </div>`
          }
          ${this.columns(code, session, hello, cursor, isParting)}
        </main>
        <aside class="side" aria-label="values">
          ${
            hello.wasm
              ? html`<${Variables} title="Locals" note=${session.note} variables=${session.locals} before=${before?.locals} />
                  <${Variables} title="Operand stack" variables=${session.operands} before=${before?.operands} />
                  ${session.globals.length === 0 ? '' : html`<${Variables} title="Globals" variables=${session.globals} before=${before?.globals} />`}`
              : ''
          }
          <${Registers} registers=${session.registers} before=${before?.registers.map(([name, value]) => [name, value])} />
          <${Frames} frames=${session.frames} frame=${session.frame} choose=${this.chooseFrame} />
          <${Stops} breakpoints=${session.breakpoints} watches=${session.watches} remove=${(id) => this.run(`delete ${id}`)} />
        </aside>
      </div>
      <section class="dock">
        <div class="tabs" role="tablist">
          ${['console', 'memory'].map(
            (name) =>
              html`<button role="tab" aria-selected=${tab === name} aria-controls="pane" onClick=${() => this.setState({ tab: name })}>${tabs[name]}</button>`,
          )}
        </div>
        <div class="pane" id="pane" role="tabpanel">${this.pane(tab, { hello, session, log, theme })}</div>
      </section>
      <${Help} />
      ${toast === undefined ? '' : html`<div class="toast" role="status">${toast}</div>`}
    `;
  }

  columns(code, session, hello, cursor, isParting) {
    const disassembly = this.state.shown === undefined ? session.disassembly : undefined;
    const stops = new Set(session.breakpoints.map(({ address }) => address));
    const list =
      code === undefined
        ? html`<${Disassembly}
            rows=${disassembly ?? []}
            pc=${session.pc}
            architecture=${hello.architecture}
            stops=${stops}
            onBreakpoint=${this.toggleAddress}
          />`
        : html`<${Columns}
            code=${code}
            marks=${this.shownMarks}
            store=${this.store}
            loaded=${this.state.loaded}
            architecture=${hello.architecture}
            cursor=${cursor}
            onCursor=${(index) => this.setState({ cursor: index })}
            onBreakpoint=${this.toggleBreakpoint}
          />`;
    const notice = isParting ? html`<div class="notice bad" role="alert">${hello.parting.message}</div>` : '';
    return html`<div style=${{ display: 'grid', gridTemplateRows: notice === '' ? 'minmax(0, 1fr)' : 'auto minmax(0, 1fr)', minHeight: '0' }}>
      ${notice}${list}
    </div>`;
  }

  pane(tab, { hello, session, log }) {
    if (tab === 'console')
      return html`<${Console} log=${log} run=${this.run} complete=${(line) => this.ask('complete', { line })} say=${(text) => this.say('from', text)} />`;
    if (tab === 'memory')
      return html`<${Memory} ask=${this.ask} start=${hello.memory ? '@0' : 'sp'} position=${`${session.count}.${session.begin}`} regions=${hello.regions} />`;
    return '';
  }
}

const Help = () =>
  html`<dialog id="help" onClick=${({ target }) => target.close?.()}>
    <h2>Keys</h2>
    <dl>
      ${[...moves, ...actions].map(
        ({ keys, what }) =>
          html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${what}</dd>`,
      )}
    </dl>
  </dialog>`;

const theme = localStorage.getItem('theme');
if (theme !== null) document.documentElement.dataset.theme = theme;
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
