import { Component, html, render } from './lib/preact.js';
import { Connection } from './connection.js';
import { Columns, Disassembly, RowStore } from './columns.js';
import { hex } from './format.js';
import { Asked } from './asked.js';
import { Source } from './source.js';
import { actions, meaningOf, moves, units } from './keys.js';
import { panes } from './panes.js';
import { Timeline } from './timeline.js';
import { Toolbar } from './toolbar.js';
import { SourceVariables } from './variables.js';
import { Divergence, Frames, Registers, Section, Stops, Variables } from './values.js';

const mostLines = 2000;
/** Characters of a program's output that are kept in one piece. */
const mostText = 100_000;

class App extends Component {
  state = { link: 'connecting', unit: units[0], log: [], tab: 'console', stops: [], openVariables: [], running: undefined };

  componentDidMount() {
    this.link = location.hash;
    this.connection = new Connection({
      event: (message) => this.event(message),
      open: () => this.open(),
      closed: () => this.setState({ link: 'lost' }),
    });
    this.store = new RowStore(this.ask, () => this.setState({ loaded: (this.state.loaded ?? 0) + 1 }));
    document.addEventListener('keydown', this.key);
    addEventListener('hashchange', () => this.followLink(location.hash));
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
    // Only of a page that is opened: of one that comes back, the address is where it was, and others may have gone on.
    this.followLink(this.link, hello.state);
    this.link = '';
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
          position: (this.state.position ?? 0) + 1,
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
    this.setState(({ log }) => {
      const last = log.at(-1);
      // A program writes piece by piece.
      if (kind === 'program' && last?.kind === kind) return { log: [...log.slice(0, -1), { kind, text: (last.text + text).slice(-mostText) }] };
      return { log: [...log.slice(-mostLines), { kind, text }] };
    });
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

  /** To the position that the address of the page names: #count.boundary, or #divergence. */
  followLink(link, session = this.state.session) {
    if (link === '#divergence') {
      if (session?.parting) this.try('divergence');
      return;
    }
    const [, to, order = '0'] = /^#(\d+)(?:\.(\d+))?$/.exec(link) ?? [];
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
      unit: () => this.setUnit(units.find((each) => each.key === key)),
      down: () => this.setState({ cursor: Math.min(total - 1, (cursor ?? -1) + 1) }),
      up: () => this.setState({ cursor: Math.max(0, (cursor ?? 1) - 1) }),
      breakpoint: () => this.breakpointAtCursor(),
      'machine-breakpoint': () => this.breakpointAtCursor('machine'),
      divergence: () => this.try('divergence'),
      here: () => this.setState({ shown: undefined, cursor: session.marks.wasm ?? session.marks.machine }),
      outer: () => this.chooseFrame(frame + 1),
      inner: () => this.chooseFrame(frame - 1),
      variables: () => document.getElementById('variables')?.focus(),
      prompt: () => this.setState({ tab: 'console' }, () => document.getElementById('prompt').focus()),
      link: () => this.copyLink(),
      theme: () => this.changeTheme(),
      help: () => document.getElementById('help').showModal(),
    };
    if (panes.some(({ id }) => id === found.id)) this.showPane(found.id);
    else does[found.id]?.();
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

  /** One that there is; its keys work at once. */
  showPane(id) {
    if (panes.find((pane) => pane.id === id).isThere(this.state.hello.panes, this.state.hello)) this.setState({ tab: id, focusWanted: true }, this.focusPane);
  }

  /** Where a pane was asked for by its key, as soon as there is something in it. */
  focusPane = () => {
    const first = document.querySelector('#pane [tabindex="0"], #pane button');
    if (!this.state.focusWanted || first === null) return;
    first.focus();
    this.setState({ focusWanted: false });
  };

  setUnit = (unit) => unit.isThere(this.state.hello) && this.setState({ unit });

  showMemory = (address) => this.setState({ tab: 'memory', address });

  /** Arrows go along the tabs, as everywhere. */
  tabKey = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const there = panes.filter(({ isThere }) => isThere(this.state.hello.panes, this.state.hello));
    const { id } = there.at((there.findIndex((pane) => pane.id === this.state.tab) + step) % there.length);
    this.setState({ tab: id }, () => document.getElementById(`tab-${id}`).focus());
  };

  breakpointAtCursor(column) {
    const code = this.shownFunction;
    const { cursor } = this.state;
    const row = code === undefined || cursor === undefined ? undefined : this.store.row(code.key, cursor);
    if (row === undefined || (column === 'machine' && row.machine === undefined)) return;
    this.toggleBreakpoint(row, column ?? (row.machine === undefined || row.wasm !== undefined ? 'wasm' : 'machine'), cursor);
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

  render(_, state) {
    const { hello, session, before, link, running, unit, tab, toast, stops, functions = [], cursor, over } = state;
    if (hello === undefined || session === undefined)
      return html`<header class="bar"><span class="brand">Fireball</span><span class="muted">${link}</span></header>`;
    const code = this.shownFunction;
    const isBeside = this.state.shown === undefined && session.disassembly !== undefined && session.function?.interpreted === true;
    return html`
      <${Toolbar}
        hello=${hello}
        link=${over ? 'over' : link}
        running=${running}
        unit=${unit}
        onUnit=${this.setUnit}
        onMove=${(move) => this.run(move.command(unit))}
        onAct=${(id) => this.act(actions.find((action) => action.id === id))}
      />
      <${Timeline} session=${session} running=${running} stops=${stops} parting=${session.parting} goto=${this.goto} />
      <div class="body">
        <main class="code">
          ${
            code === undefined || isBeside
              ? html`<div class=${`heads beside-heads${code !== undefined ? '' : hello.panes.source ? ' halves' : ' alone'}`}>
                  ${code !== undefined ? html`<span>${this.chooser(code, functions)}</span>` : hello.panes.source ? html`<span>Source</span>` : ''}<span
                    >Machine code${isBeside ? ' of the interpreter in ROM' : ''}</span
                  >
                </div>`
              : html`<div class="heads columns">
                  <span></span>
                  <span style=${{ gridColumn: 'span 2' }}> ${this.chooser(code, functions)} </span>
                  <span>Template and its holes</span><span></span><span style=${{ gridColumn: 'span 2' }}>Machine code</span
                  ><span class="bits">Bits that holes fill</span>
                </div>`
          }
          ${this.columns(code, session, hello, cursor)}
        </main>
        <aside class="side" aria-label="values">
          ${session.parting === null ? '' : html`<${Divergence} parting=${session.parting} count=${session.count} go=${() => this.try('divergence')} />`}
          ${hello.panes.variables ? this.sourceVariables() : ''}
          ${
            hello.wasm
              ? html`<${Variables} title="Locals" note=${session.note} variables=${session.locals} before=${before?.locals} lost=${session.lost} />
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
        <div class="tabs" role="tablist" onKeyDown=${this.tabKey}>
          ${panes
            .filter(({ isThere }) => isThere(hello.panes, hello))
            .map(
              ({ id, title }) =>
                html`<button
                  role="tab"
                  id=${`tab-${id}`}
                  tabindex=${tab === id ? '0' : '-1'}
                  aria-selected=${tab === id}
                  aria-controls="pane"
                  title=${`${title} (${actions.find((action) => action.id === (id === 'console' ? 'prompt' : id)).keys[0]})`}
                  onClick=${() => this.setState({ tab: id })}
                >
                  ${title}
                </button>`,
            )}
        </div>
        <div class="pane" id="pane" role="tabpanel">${panes.find(({ id }) => id === tab).view(this, state)}</div>
      </section>
      <${Help} />
      ${toast === undefined ? '' : html`<div class="toast" role="status">${toast}</div>`}
    `;
  }

  /** Writes a variable of the source: the value is typed in the console. */
  write = (expression) =>
    this.setState({ tab: 'console' }, () => {
      const prompt = document.getElementById('prompt');
      prompt.value = `set ${expression} = `;
      prompt.focus();
    });

  /** Of C or Rust. */
  sourceVariables() {
    const { position, session, openVariables } = this.state;
    const { count, order, frame } = session;
    return html`<${Section} title="Variables" note=${session.note}>
      <${Asked}
        key="variables"
        ask=${this.ask}
        what="variables"
        fields=${{ open: openVariables }}
        position=${`${position} ${frame}`}
        moment=${`${count}.${order} ${frame}`}
      >
        ${({ of, variables }, before) =>
          html`<${SourceVariables}
            variables=${variables}
            before=${before?.of === of ? before.variables : undefined}
            open=${openVariables}
            setOpen=${(open) => this.setState({ openVariables: open })}
            write=${this.write}
          />`}
      <//>
    <//>`;
  }

  /** Where the activation is in C or Rust. */
  source() {
    const { position, session } = this.state;
    const stops = session.breakpoints.map(({ id }) => id);
    return html`<${Asked} key="source" ask=${this.ask} ready=${this.focusPane} what="source" position=${`${position} ${session.frame} ${stops}`}>
      ${(source) => html`<${Source} source=${source} run=${this.run} />`}
    <//>`;
  }

  chooser(code, functions) {
    const known = functions.some(({ key }) => key === code.key);
    return html`<select aria-label="function" value=${code.key} onChange=${({ target }) => this.showFunction(Number(target.value))}>
      ${known ? '' : html`<option value=${code.key}>${code.name}</option>`}
      ${functions.map(({ key, name, interpreted }) => html`<option value=${key}>${name}${interpreted ? ' (interpreted)' : ''}</option>`)}
    </select>`;
  }

  /** Code of the module, with the machine code beside or below it where that is elsewhere: in ROM, in the interpreter. */
  columns(code, session, hello, cursor) {
    const { architecture } = hello;
    const rows = this.state.shown === undefined ? session.disassembly : undefined;
    const stops = new Set(session.breakpoints.map(({ address }) => address));
    const disassembly =
      rows === undefined
        ? ''
        : html`<${Disassembly} rows=${rows} pc=${session.pc} architecture=${architecture} stops=${stops} onBreakpoint=${this.toggleAddress} />`;
    if (code === undefined)
      return hello.panes.source && disassembly !== ''
        ? html`<div class="beside">
            <div class="half">${this.source()}</div>
            ${disassembly}
          </div>`
        : html`<div class="alone">${disassembly}</div>`;
    const columns = html`<${Columns}
      code=${code}
      marks=${this.shownMarks}
      store=${this.store}
      loaded=${this.state.loaded}
      architecture=${architecture}
      cursor=${cursor}
      onCursor=${(index) => this.setState({ cursor: index })}
      onBreakpoint=${this.toggleBreakpoint}
    />`;
    if (disassembly === '') return columns;
    return html`<div class=${session.function?.interpreted ? 'beside' : 'below'}>${columns}${disassembly}</div>`;
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
