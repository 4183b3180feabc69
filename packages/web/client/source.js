import { html, useEffect, useRef } from './lib/preact.js';

/** Lines of the source file around the one that the activation is at. A click sets a breakpoint there, where the module's lines allow it. */
export function Source({ source: { file, line, first, lines }, breakAt }) {
  const place = useRef();
  useEffect(() => place.current?.querySelector('.here')?.scrollIntoView({ block: 'center' }), [file, line]);
  if (file === undefined) return html`<p class="empty-pane">Nothing says which source line this is.</p>`;
  if (lines === null)
    return html`<p class="empty-pane">
      Line ${line} of <b>${file}</b>, which is not on this computer: <code>set substitute-path FROM TO</code> in the console says where it is.
    </p>`;
  return html`<div class="scroller source" ref=${place} tabindex="0" role="table" aria-label=${file}>
    <div class="row"><span class="label">${file}</span></div>
    ${lines.map((text, index) => {
      const number = first + index;
      return html`<div class=${`row${number === line ? ' here' : ''}`} key=${number}>
        ${
          breakAt === undefined
            ? html`<span></span>`
            : html`<button tabindex="-1" class="gutter" aria-label=${`breakpoint at line ${number}`} onClick=${() => breakAt(number)}></button>`
        }
        <span class="offset">${number}</span><span>${text}</span>
      </div>`;
    })}
  </div>`;
}
