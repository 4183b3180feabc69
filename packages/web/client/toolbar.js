import { html } from './lib/preact.js';
import { moves, units } from './keys.js';

const icon = (paths) => html`<svg viewBox="0 0 16 16" aria-hidden="true">${paths}</svg>`;
/** Backwards ones are the same, turned over. */
const mirrored = (paths) => icon(html`<g transform="matrix(-1 0 0 1 16 0)">${paths}</g>`);

const shapes = {
  into: html`<path d="M8 2v7M5 6.5 8 9.5l3-3" /><circle class="solid" cx="8" cy="13" r="1.4" />`,
  over: html`<path d="M2.5 9.5C3 5.5 6 4 8.5 4.6S12.500 7 13 9M13.300 5.500V9.300H9.500" /><circle class="solid" cx="8" cy="12.500" r="1.4" />`,
  out: html`<path d="M8 10V3M5 5.500 8 2.500l3 3" /><circle class="solid" cx="8" cy="13" r="1.4" />`,
  continue: html`<path class="solid" d="M4 3.500v9l8-4.500z" />`,
};

/** What runs, and everything that moves it. */
export function Toolbar({ hello, link, running, unit, onUnit, onMove, onAct }) {
  const button = ({ id, what, keys }, picture) =>
    html`<button title=${`${what} (${keys[0]})`} aria-label=${what} onClick=${() => onMove(moves.find((move) => move.id === id))}>${picture}</button>`;
  const by = (id) => moves.find((move) => move.id === id);
  const status =
    link !== 'open'
      ? ['lost', link === 'over' ? 'the session is over' : 'not connected']
      : running !== undefined
        ? ['running', 'running']
        : ['', 'stands still'];
  return html`<header class="bar">
    <span class="brand">Fireball</span>
    <span class=${`dot ${status[0]}`} role="img" aria-label=${status[1]} title=${status[1]}></span>
    <span class="subject"><b title=${hello.name}>${hello.name}</b><span>${hello.core}</span></span>
    <span class="grow"></span>
    <span class="group" role="group" aria-label="unit of steps">
      ${units
        .filter(({ isThere }) => isThere(hello))
        .map(
          (each) =>
            html`<button aria-pressed=${each === unit} title=${`steps by ${each.what} (${each.key})`} onClick=${() => onUnit(each)}>${each.name}</button>`,
        )}
    </span>
    <span class="group" role="group" aria-label="backwards">
      ${button(by('reverse'), mirrored(shapes.continue))} ${button(by('back-out'), mirrored(shapes.out))} ${button(by('back-over'), mirrored(shapes.over))}
      ${button(by('back-into'), icon(html`<path d="M8 9.500V2.500M5 5.500 8 2.500l3 3" transform="rotate(-90 8 6)" /><circle class="solid" cx="8" cy="13" r="1.4" />`))}
    </span>
    <span class="group" role="group" aria-label="forwards">
      ${button(by('into'), icon(shapes.into))} ${button(by('over'), icon(shapes.over))} ${button(by('out'), icon(shapes.out))}
      ${button(by('continue'), icon(shapes.continue))}
      <button title="pause (p)" aria-label="pause" disabled=${running === undefined} onClick=${() => onAct('pause')}>
        ${icon(html`<path class="solid" d="M4.500 3.500h2v9h-2zM9.500 3.500h2v9h-2z" />`)}
      </button>
    </span>
    <span class="grow"></span>
    <button class="plain" onClick=${() => onAct('link')} title="copy a link to this position (l)">Link</button>
    <button class="plain" onClick=${() => onAct('theme')} title="light or dark (t)">Theme</button>
    <button class="plain" onClick=${() => onAct('help')} title="all keys (?)">Keys</button>
  </header>`;
}
