import { Component, html } from './lib/preact.js';
import { bytes, count, hex } from './format.js';

/** Squares that the map has at most; where there are more blocks, one stands for several. */
const mostSquares = 1024;
/** Up to so many are drawn larger. */
const few = 192;
const names = { f: 'free', w: 'writable', s: 'sealed' };
const legend = [
  ['sealed', 'sealed: executable'],
  ['writable', 'writable: being written'],
  ['freed', 'free'],
  ['sealed dirty', 'dirty: not what was sealed'],
  ['sealed stale', 'stale: the instruction cache differs'],
  ['sealed current', 'pc'],
];

/** Code memory as a map of its blocks. Arrows go along them, Enter shows a block's bytes. */
export class CodeMap extends Component {
  state = { at: undefined };

  key = (event, squares) => {
    const { offsetTop } = this.map.firstElementChild;
    const wrapped = squares.findIndex((_, index) => this.map.children[index].offsetTop > offsetTop);
    const across = wrapped < 0 ? squares.length : wrapped;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -squares.length, End: squares.length };
    const step = steps[event.key];
    if (step === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    const { at = 0 } = this.state;
    if (step === undefined) this.props.show(squares[at].begin);
    else this.setState({ at: Math.max(0, Math.min(squares.length - 1, this.state.at === undefined ? 0 : at + step)) });
  };

  render({ state, pc }, { at }) {
    const { base, blockBytes, blocks, functions } = state;
    if (blocks === '') return html`<p class="empty-pane">There is no code memory.</p>`;
    const squares = squaresOf(state, pc);
    const shown = squares[Math.min(at ?? squares.findIndex(({ current }) => current), squares.length - 1)] ?? squares[0];
    const sealed = blocks.split('s').length - 1;
    return html`<div class="code-map">
      <div>
        <div class="legend">${legend.map(([kind, text]) => html`<span><i class=${`page ${kind}`}></i>${text}</span>`)}</div>
        <div
          class=${squares.length <= few ? 'pages few' : 'pages'}
          tabindex="0"
          role="listbox"
          aria-label="blocks of code memory"
          aria-activedescendant=${at === undefined ? undefined : `block${at}`}
          ref=${(element) => (this.map = element)}
          onKeyDown=${(event) => this.key(event, squares)}
          onMouseOver=${({ target }) => target.dataset.at !== undefined && this.setState({ at: Number(target.dataset.at) })}
          onDblClick=${() => this.props.show(shown.begin)}
        >
          ${squares.map(
            ({ kind, text, current }, index) =>
              html`<span
                id=${`block${index}`}
                data-at=${index}
                role="option"
                aria-selected=${at === index}
                aria-label=${text}
                class=${`page ${kind}${current ? ' current' : ''}${at === index ? ' chosen' : ''}`}
              ></span>`,
          )}
        </div>
      </div>
      <div class="map-facts">
        <p><b>${bytes(sealed * blockBytes)}</b> sealed of ${bytes(blocks.length * blockBytes)} from 0x${hex(base)}, in blocks of ${blockBytes} bytes</p>
        <p class=${state.dirty.length + state.stale.length === 0 ? 'muted' : 'bad'}>
          ${count(state.dirty.length)} dirty blocks, ${count(state.stale.length)} stale lines of ${state.lineBytes} bytes
        </p>
        <p class="mono" aria-live="polite">${shown.text}</p>
        <ul class="mono">
          ${functions.filter(({ begin, end }) => begin < shown.end && end > shown.begin).map(({ name, begin, end }) => html`<li>${hex(begin)} ${name}, ${bytes(end - begin)}</li>`)}
        </ul>
      </div>
    </div>`;
  }
}

/** What each square stands for; of several blocks what is worst. */
function squaresOf({ base, blockBytes, lineBytes, blocks, dirty, stale }, pc) {
  const together = Math.ceil(blocks.length / mostSquares);
  const dirtyBlocks = new Set(dirty);
  return Array.from({ length: Math.ceil(blocks.length / together) }, (_, index) => {
    const states = blocks.slice(index * together, (index + 1) * together);
    const [begin, end] = [base + index * together * blockBytes, base + (index * together + states.length) * blockBytes];
    const letter = states.includes('w') ? 'w' : states.includes('s') ? 's' : 'f';
    const isDirty = [...states].some((__, at) => dirtyBlocks.has(index * together + at));
    const lines = stale.filter((address) => address >= begin && address < end);
    const what = [names[letter], ...(isDirty ? ['dirty'] : []), ...(lines.length > 0 ? [`${lines.length} stale lines of ${lineBytes} bytes`] : [])];
    return {
      begin,
      end,
      current: pc >= begin && pc < end,
      kind: `${letter === 'f' ? 'freed' : names[letter]}${isDirty ? ' dirty' : ''}${lines.length > 0 ? ' stale' : ''}`,
      text: `${hex(begin)} to ${hex(end - 1)}: ${what.join(', ')}`,
    };
  });
}
