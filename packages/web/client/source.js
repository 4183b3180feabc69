import { html, useEffect, useRef } from './lib/preact.js';

/** Lines of the source file around the one that the activation is at. A click beside one sets a breakpoint there, or takes out those that are there. */
export function Source({ source: { file, line, first, lines, stops }, run }) {
  const place = useRef();
  useEffect(() => place.current?.querySelector('.here')?.scrollIntoView({ block: 'center' }), [file, line]);
  if (file === undefined) return html`<p class="empty-pane">Nothing says which source line this is.</p>`;
  if (lines === null)
    return html`<p class="empty-pane">
      Line ${line} of <b>${file}</b>, which is not on this computer: <code>set substitute-path FROM TO</code> in the console says where it is.
    </p>`;
  const stopped = new Map(stops.map(({ line: number, ids }) => [number, ids]));
  const toggle = (number) => (stopped.get(number)?.map((id) => `delete ${id}`) ?? [`break ${file}:${number}`]).forEach(run);
  return html`<div class="scroller source" ref=${place} tabindex="0" role="table" aria-label=${file}>
    <div class="row"><span class="label">${file}</span></div>
    ${lines.map((text, index) => {
      const number = first + index;
      return html`<div class=${`row${number === line ? ' here' : ''}`} key=${number}>
        <button
          tabindex="-1"
          class=${`gutter${stopped.has(number) ? ' set' : ''}${number === line ? ' now' : ''}`}
          aria-label=${`breakpoint at line ${number}`}
          aria-pressed=${stopped.has(number)}
          onClick=${() => toggle(number)}
        ></button>
        <span class="offset">${number}</span><span>${text}</span>
      </div>`;
    })}
  </div>`;
}
