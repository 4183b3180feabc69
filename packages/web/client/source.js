import { html, useEffect, useRef, useState } from './lib/preact.js';

/** Lines of the source file around the one that the activation is at. A click beside one sets a breakpoint there, or takes out those that are there; so does `b` at the cursor. */
export function Source({ source: { file, line, first, lines, stops }, run }) {
  const place = useRef();
  const [cursor, setCursor] = useState(line);
  useEffect(() => {
    setCursor(line);
    place.current?.querySelector('.here')?.scrollIntoView({ block: 'center' });
  }, [file, line]);
  useEffect(() => place.current?.querySelector('.cursor')?.scrollIntoView({ block: 'nearest' }), [cursor]);
  if (file === undefined) return html`<p class="empty-pane">Nothing says which source line this is.</p>`;
  if (lines === null)
    return html`<p class="empty-pane">
      Line ${line} of <b>${file}</b>, which is not on this computer: <code>set substitute-path FROM TO</code> in the console says where it is.
    </p>`;
  const stopped = new Map(stops.map(({ line: number, ids }) => [number, ids]));
  const toggle = (number) => (stopped.get(number)?.map((id) => `delete ${id}`) ?? [`break ${file}:${number}`]).forEach(run);
  const key = (event) => {
    const by = { ArrowUp: -1, k: -1, ArrowDown: 1, j: 1 }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (by !== undefined) setCursor(Math.max(first, Math.min(first + lines.length - 1, cursor + by)));
    else if (event.key === 'b') toggle(cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="scroller source" ref=${place} tabindex="0" role="table" aria-label=${file} onKeyDown=${key}>
    <div class="row"><span class="label">${file}</span></div>
    ${lines.map((text, index) => {
      const number = first + index;
      return html`<div class=${`row${number === line ? ' here' : ''}${number === cursor ? ' cursor' : ''}`} key=${number}>
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
