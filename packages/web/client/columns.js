import { Component, html, useEffect, useRef } from './lib/preact.js';
import { bitsOf, hex } from './format.js';

/** Height of a row in pixels, as --row. */
const height = 20;
/** Rows that are asked for at once. */
const chunk = 200;
/** Rows beyond what is seen, so that a quick scroll shows code. */
const spare = 12;
const colours = 6;
const none = [];

/** The rows of functions, as far as they have been asked for. */
export class RowStore {
  #functions = new Map();

  constructor(ask, changed) {
    this.ask = ask;
    this.changed = changed;
  }

  /** A row; undefined where it is not there yet: `changed` tells. */
  row(key, index) {
    const rows = this.#of(key);
    const at = Math.floor(index / chunk);
    if (!rows.asked.has(at)) {
      rows.asked.add(at);
      this.ask('rows', { function: key, from: at * chunk, count: chunk }).then(
        ({ rows: found, sites }) => {
          for (const [site, holes] of sites) rows.sites.set(site, holes);
          found.forEach((row, offset) => (rows.rows[at * chunk + offset] = row));
          this.changed();
        },
        () => rows.asked.delete(at),
      );
    }
    return rows.rows[index];
  }

  /** Holes of a placed template, some row of which is there. */
  holes(key, site) {
    return this.#of(key).sites.get(site) ?? none;
  }

  #of(key) {
    let rows = this.#functions.get(key);
    if (rows === undefined) this.#functions.set(key, (rows = { rows: [], asked: new Set(), sites: new Map() }));
    return rows;
  }
}

/** One row: it is drawn anew only where something of it has changed. */
class Row extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  render({ index, row, holes, architecture, hot, site, operand, wasmHere, machineHere, inside, wasmStop, machineStop, cursor }) {
    if (row === undefined)
      return html`<div class="row" style=${{ top: `${index * height}px` }}><span class="empty" style=${{ gridColumn: '3' }}>…</span></div>`;
    const { wasm, template, machine, wasmOffset } = row;
    const where = wasm === undefined ? '' : ` ${hex(wasmOffset, 6)} ${wasm.text}`;
    const fields =
      machine === undefined
        ? []
        : holes.flatMap((hole, at) => hole.fields.filter(({ address }) => address === machine.address).map(({ bits }) => ({ at, bits })));
    const set = (on) => (on ? 'gutter set' : 'gutter');
    const lit = (at) => (operand === at ? ' lit' : '');
    return html`<div
      class=${`row columns${wasm === undefined ? '' : ' begins'}${hot ? ' hot' : ''}${site ? ' hotter' : ''}${cursor ? ' cursor' : ''}`}
      data-index=${index}
      role="row"
      aria-rowindex=${index + 1}
      style=${{ top: `${index * height}px` }}
    >
      ${
        wasm === undefined || wasm.outOfLine
          ? html`<span></span>`
          : html`<button
              tabindex="-1"
              class=${`${set(wasmStop)}${wasmHere ? ' now' : ''}`}
              data-gutter="wasm"
              aria-label=${`breakpoint at${where}`}
              aria-pressed=${wasmStop}
            ></button>`
      }
      <span class=${`offset ${wasmHere ? 'here' : ''}`}>${wasm === undefined ? '' : hex(wasmOffset, 6)}</span>
      <span class=${`wasm ${wasmHere ? (inside ? 'inside' : 'here') : ''}`} title=${where.trim()}>
        ${wasm === undefined ? '' : '\u00a0'.repeat(2 * Math.min(12, wasm.depth))}${wasm === undefined ? '' : html`<span class=${wasm.outOfLine ? 'outline' : ''}>${wasm.text}</span>`}
      </span>
      <span class="template" title=${template === undefined ? '' : titleOf(template)}>
        ${
          template === undefined
            ? ''
            : html`<span class="name">${template.name}</span>${template.holes.map(
                  ({ name, value }, at) => html`<span class=${`hole c${at % colours}${site ? lit(at) : ''}`} data-operand=${at}>${name}=${value}</span>`,
                )}${template.trap === null ? '' : html`<span class="trap">${template.trap}</span>`}`
        }
      </span>
      ${
        machine === undefined
          ? html`<span></span><span></span><span class="empty"></span><span></span>`
          : html`<button
                tabindex="-1"
                class=${`${set(machineStop)}${machineHere ? ' now' : ''}`}
                data-gutter="machine"
                aria-label=${`breakpoint at ${hex(machine.address)} ${machine.text}`}
                aria-pressed=${machineStop}
              ></button>
              <span class=${`address ${machineHere ? 'here' : ''}`}>${hex(machine.address)}</span>
              <span class=${`machine ${machineHere ? 'here' : ''}`} title=${machine.text}>${machine.text}</span>
              <span class="bits" title=${`${hex(machine.word, 2 * machine.size)}, ${machine.size} bytes`}
                >${bitsOf(machine, architecture).map(
                  (half) =>
                    html`<span
                      >${runsOf(half, fields).map(({ at, text }) =>
                        at === undefined ? text : html`<i class=${`c${at % colours}${site ? lit(at) : ''}`} data-operand=${at}>${text}</i>`,
                      )}</span
                    >`,
                )}</span
              >`
      }
    </div>`;
  }
}

const titleOf = ({ name, holes, trap }) => [name, ...holes.map((hole) => `${hole.name}=${hole.value}`), ...(trap === null ? [] : [trap])].join(' ');

/** Neighbouring bits of the same hole as one piece. */
function runsOf(half, fields) {
  const runs = [];
  for (const { bit, value } of half) {
    const at = fields.find(({ bits }) => Math.floor(bits / 2 ** bit) % 2 === 1)?.at;
    const last = runs.at(-1);
    if (last !== undefined && last.at === at) last.text += value;
    else runs.push({ at, text: String(value) });
  }
  return runs;
}

/** Three columns that scroll as one, of which only what is seen is in the page. */
export class Columns extends Component {
  state = { top: 0, view: 400, hover: undefined };

  componentDidMount() {
    this.observer = new ResizeObserver(() => this.setState({ view: this.scroller.clientHeight }));
    this.observer.observe(this.scroller);
    this.follow();
  }

  componentWillUnmount() {
    this.observer.disconnect();
  }

  componentDidUpdate(before) {
    const { code, marks, cursor } = this.props;
    if (before.code?.key !== code?.key || before.marks !== marks) this.follow();
    else if (before.cursor !== cursor && cursor !== undefined) this.show(cursor, 2);
  }

  /** Brings the position into sight, if it is not. */
  follow() {
    const { marks } = this.props;
    const row = marks?.machine ?? marks?.wasm;
    if (row !== undefined) this.show(row, 4);
    else if (this.props.code?.key !== this.shown) this.scroller.scrollTop = 0;
    this.shown = this.props.code?.key;
  }

  /** @param margin rows that are seen around it */
  show(row, margin) {
    const { scrollTop, clientHeight } = this.scroller;
    const [first, last] = [scrollTop / height + margin, (scrollTop + clientHeight) / height - 1 - margin];
    const far = row < first - clientHeight / height || row > last + clientHeight / height;
    if (far) this.scroller.scrollTop = row * height - clientHeight / 3;
    else if (row < first) this.scroller.scrollTop = (row - margin) * height;
    else if (row > last) this.scroller.scrollTop = (row + 1 + margin) * height - clientHeight;
  }

  hover = ({ target }) => {
    const index = target.closest('[data-index]')?.dataset.index;
    const row = index === undefined ? undefined : this.props.store.row(this.props.code.key, Number(index));
    const operand = target.dataset.operand === undefined ? undefined : Number(target.dataset.operand);
    const site = target.closest('.wasm, .offset') === null ? row?.site : undefined;
    const { hover } = this.state;
    const next = row === undefined ? undefined : { wasm: row.wasmOffset, site, operand };
    if (hover?.wasm !== next?.wasm || hover?.site !== next?.site || hover?.operand !== next?.operand) this.setState({ hover: next });
  };

  click = ({ target }) => {
    const index = Number(target.closest('[data-index]')?.dataset.index ?? -1);
    const row = index < 0 ? undefined : this.props.store.row(this.props.code.key, index);
    if (row === undefined) return;
    const { gutter } = target.dataset;
    if (gutter === undefined) this.props.onCursor(index);
    else this.props.onBreakpoint(row, gutter, index);
  };

  render({ code, marks, store, architecture, cursor }, { top, view, hover }) {
    const total = code?.total ?? 0;
    const size = Math.min(total, Math.ceil(view / height) + 1 + 2 * spare);
    const first = Math.max(0, Math.min(total - size, Math.floor(top / height) - spare));
    const stops = new Map((marks?.breakpoints ?? []).map((mark) => [mark.row, mark]));
    const rows = [];
    // Elements are used again, in one order: rows that leave at one end come in at the other, and no element is moved. Preact would take out and put in all.
    for (let slot = 0; slot < size; slot++) {
      const index = first + ((((slot - first) % size) + size) % size);
      const row = store.row(code.key, index);
      const site = row?.site !== undefined && row.site === hover?.site;
      const stop = stops.get(index);
      rows.push(
        html`<${Row}
          key=${slot}
          index=${index}
          row=${row}
          holes=${row?.site === undefined ? none : store.holes(code.key, row.site)}
          architecture=${architecture}
          hot=${row !== undefined && row.wasmOffset === hover?.wasm}
          site=${site}
          operand=${site ? hover.operand : undefined}
          wasmHere=${marks?.wasm === index}
          inside=${marks?.exact === false}
          machineHere=${marks?.machine === index}
          wasmStop=${stop?.wasm === true}
          machineStop=${stop?.machine === true}
          cursor=${cursor === index}
        />`,
      );
    }
    return html`<div
      class="scroller"
      tabindex="0"
      role="table"
      aria-label="WebAssembly, templates and machine code"
      aria-rowcount=${total}
      ref=${(element) => (this.scroller = element)}
      onScroll=${() => this.setState({ top: this.scroller.scrollTop })}
      onMouseOver=${this.hover}
      onMouseLeave=${() => this.setState({ hover: undefined })}
      onClick=${this.click}
      onKeyDown=${this.props.onKeyDown}
    >
      <div style=${{ height: `${total * height}px` }}></div>
      <div class="rows">${rows}</div>
    </div>`;
  }
}

/** `sum+36 at sample.c:27` is in `sum`. */
const routineOf = (place) => place?.replace(/(\+\d+)?( at .*)?$/, '');

/** Machine instructions where there are no three columns: in ROM, in firmware. */
export function Disassembly({ rows, pc, architecture, stops, onBreakpoint }) {
  const scroller = useRef();
  useEffect(() => scroller.current.querySelector('.address.here')?.scrollIntoView({ block: 'center' }), [pc]);
  return html`<div class="scroller listing" ref=${scroller} tabindex="0" role="table" aria-label="machine code">
    ${rows.length === 0 ? html`<p class="empty-pane">There is no code at 0x${hex(pc)}: the host does something here. A step goes on.</p>` : ''}
    ${rows.map(({ address, place, ...machine }, index) => {
      // Where another routine begins, and at the first row.
      const label = routineOf(place) === routineOf(rows[index - 1]?.place) ? undefined : routineOf(place);
      const here = address === pc ? ' here' : '';
      return html`${label === undefined ? '' : html`<div class="row" key=${`l${address}`}><span class="label">${label}</span></div>`}
        <div class="row columns" key=${address}>
          <span></span><span></span><span></span><span></span>
          <button
            class=${`gutter${stops.has(address) ? ' set' : ''}${address === pc ? ' now' : ''}`}
            onClick=${() => onBreakpoint(address)}
            aria-label=${`breakpoint at ${hex(address)}`}
          ></button>
          <span class=${`address${here}`}>${hex(address)}</span><span class=${`machine${here}`} title=${machine.text}>${machine.text}</span>
          <span class="bits">${bitsOf(machine, architecture).map((half) => html`<span>${half.map(({ value }) => value).join('')}</span>`)}</span>
        </div>`;
    })}
  </div>`;
}
