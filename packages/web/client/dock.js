import { Component, html } from './lib/preact.js';
import { hex } from './format.js';

/** What was typed, and what came of it. */
export class Console extends Component {
  typed = [];
  at = 0;

  componentDidUpdate() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  componentDidMount() {
    this.componentDidUpdate();
  }

  key = async (event) => {
    const { target, key } = event;
    if (key === 'Enter') {
      const line = target.value.trim();
      if (line === '') return;
      this.typed.push(line);
      this.at = this.typed.length;
      target.value = '';
      this.props.run(line);
    } else if (key === 'ArrowUp' || key === 'ArrowDown') {
      this.at = Math.max(0, Math.min(this.typed.length, this.at + (key === 'ArrowUp' ? -1 : 1)));
      target.value = this.typed[this.at] ?? '';
      event.preventDefault();
    } else if (key === 'Tab' && target.value !== '' && !event.shiftKey) {
      event.preventDefault();
      const { candidates, word } = await this.props.complete(target.value);
      const common = candidates.reduce((all, each) => commonStart(all, each), candidates[0] ?? word);
      target.value = target.value.slice(0, target.value.length - word.length) + common + (candidates.length === 1 ? ' ' : '');
      if (candidates.length > 1 && common === word) this.props.say(candidates.slice(0, 60).join('  '));
    } else if (key === 'Escape') target.blur();
  };

  render({ log }) {
    return html`<div class="console">
      <div class="log" role="log" aria-live="polite" ref=${(element) => (this.log = element)}>
        ${log.map(({ kind, text }, index) => html`<div key=${index} class=${kind}>${kind === 'typed' ? `› ${text}` : text}</div>`)}
      </div>
      <label class="prompt"
        >›<input
          id="prompt"
          spellcheck="false"
          autocomplete="off"
          aria-label="command"
          placeholder="a command of the shell, such as print l0 or watch @16; help lists them"
          onKeyDown=${this.key}
      /></label>
    </div>`;
  }
}

function commonStart(a, b) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

const bytesOfLine = 16;
const shownBytes = 1024;

/** Bytes of memory from an address on, which may be an expression; it is read again at every stop. */
export class Memory extends Component {
  state = { text: this.props.start, address: undefined, bytes: [], problem: '' };

  componentDidMount() {
    this.read(this.state.text);
  }

  componentDidUpdate(before) {
    if (before.position !== this.props.position) this.read(this.state.text);
  }

  async read(text) {
    try {
      const { address, bytes } = await this.props.ask('memory', { address: text, size: shownBytes });
      const read = Array.from({ length: bytes.length / 2 }, (_, index) => Number.parseInt(bytes.slice(2 * index, 2 * index + 2), 16));
      const { address: was, bytes: old } = this.state;
      this.setState({ text, address, bytes: read, old: was === address ? old : [], problem: '' });
    } catch (error) {
      this.setState({ text, problem: error.message });
    }
  }

  go(by) {
    const { address } = this.state;
    if (address !== undefined) this.read(`0x${Math.max(0, Math.min(0xffff_ffff, address + by)).toString(16)}`);
  }

  render({ regions }, { text, address, bytes, old = [], problem }) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += bytesOfLine) {
      const part = bytes.slice(at, at + bytesOfLine);
      lines.push(
        html`<div key=${at}>
          <span class="address">${hex(address + at)}</span>${'  '}${part.map((byte, index) => {
            const changed = old.length > at + index && old[at + index] !== byte;
            return html`<span class=${changed ? 'changed' : byte === 0 ? 'zero' : ''}>${hex(byte, 2)}</span>${index % 4 === 3 ? '  ' : ' '}`;
          })}<span class="ascii">${String.fromCharCode(...part.map((byte) => (byte >= 32 && byte < 127 ? byte : 183)))}</span>
        </div>`,
      );
    }
    return html`<div class="memory">
      <div class="fields">
        <label>Address <input aria-label="address" spellcheck="false" value=${text} onChange=${({ target }) => this.read(target.value)} /></label>
        <button class="plain" onClick=${() => this.go(-shownBytes)}>previous</button><button class="plain" onClick=${() => this.go(shownBytes)}>next</button>
        ${regions.map(({ name, base }) => html`<button class="plain" onClick=${() => this.read(`0x${hex(base)}`)}>${name}</button>`)}
        <span class="problem">${problem}</span>
      </div>
      <pre class="dump" tabindex="0">${lines}</pre>
    </div>`;
  }
}
