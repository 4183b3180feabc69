import { html } from './lib/preact.js';
import { hex } from './format.js';

/** A part of the page's side. */
export const Section = ({ title, note, children }) =>
  html`<section class="section">
    <h2>${title}${note === undefined ? '' : html` <small>${note}</small>`}</h2>
    ${children}
  </section>`;

/** Locals, operands or globals; what has changed since the last stop stands out. */
export function Variables({ title, note, variables, before, lost = 0 }) {
  const old = new Map(before?.map(({ name, value }) => [name, value]));
  return html`<${Section} title=${title} note=${note}>
    ${variables.length === 0 && lost === 0 ? html`<div class="none">none</div>` : ''}
    <div class="facts">
      ${variables.map(({ name, type, value, place, gone }) => {
        const changed = before !== undefined && value !== undefined && old.get(name) !== value;
        const [, kind, index] = /^(\w)\w* (\d+)$/.exec(name) ?? [];
        return html`<span>${kind === undefined ? name : `${kind}${index}`}</span><span class="type">${type ?? ''}</span>
          ${
            value === undefined
              ? html`<span class="gone" title=${gone}>${gone}</span>`
              : html`<span class=${changed ? 'changed' : ''} title=${value}>${value}</span>`
          }
          <span class="place">${value === undefined ? '' : place}</span>`;
      })}
    </div>
    ${lost === 0 ? '' : html`<div class="none">${lost} more that nothing holds</div>`}
  <//>`;
}

export function Registers({ registers, before }) {
  const old = new Map(before);
  const shown = registers.filter(([, , group]) => group !== 'float');
  const floats = registers.filter(([, value, group]) => group === 'float' && !/^0+$/.test(value));
  const cell = ([name, value]) =>
    html`<div class=${value.length > 8 || name.length > 6 ? 'wide' : ''}>
      <span>${name}</span><span class=${old.size > 0 && old.get(name) !== value ? 'changed' : ''}>${value}</span>
    </div>`;
  return html`<${Section} title="Registers">
    <div class="registers">${shown.map(cell)}</div>
    ${floats.length === 0 ? '' : html`<div class="registers">${floats.map(cell)}</div>`}
  <//>`;
}

/** Where code parts from the reference: what should be, beside what is. */
export const Divergence = ({ parting: { count, what, expected, actual }, count: now, go }) =>
  html`<section class="section divergence" role="alert">
    <h2>Differs from the reference <small>${what}</small></h2>
    <dl>
      <dt>expected</dt>
      <dd class="expected">${expected}</dd>
      <dt>actual</dt>
      <dd class="actual">${actual}</dd>
    </dl>
    ${now === count ? html`<p>This is where it first shows. One step back is what made it.</p>` : html`<button onClick=${go} title="x">Go there: after ${count} instructions</button>`}
  </section>`;

/** Active functions; choosing one shows its code and values. */
export const Frames = ({ frames, frame, choose }) =>
  html`<${Section} title="Call stack">
    <div class="list">
      ${frames.map(
        ({ name, offset, text, pc, interpreted }, index) =>
          html`<button aria-current=${index === frame} onClick=${() => choose(index)} title=${`0x${hex(pc)}`}>
            <span>${name}</span><span class="muted">${offset === undefined ? text : `${hex(offset, 6)}  ${text}`}${interpreted ? ' (interpreted)' : ''}</span>
          </button>`,
      )}
    </div>
  <//>`;

export const Stops = ({ breakpoints, watches, remove }) =>
  html`<${Section} title="Breakpoints" note=${breakpoints.length + watches.length === 0 ? 'click beside an instruction, or b' : undefined}>
    <div class="list">
      ${breakpoints.map(
        ({ id, where, hits, address, places }) =>
          html`<div class="line">
            <button title=${`0x${hex(address)}${places > 1 ? ` and ${places - 1} more` : ''}`}>
              <span>${id}</span><span class="muted">${where}</span><span class="grow"></span><span class="muted">${hits}×</span>
            </button>
            <button class="plain" style=${{ width: 'auto' }} onClick=${() => remove(id)} aria-label=${`delete breakpoint ${id}`}>×</button>
          </div>`,
      )}
      ${watches.map(
        ({ id, text }) =>
          html`<div class="line">
            <button><span>${id}</span><span class="muted">${text}</span></button>
            <button class="plain" style=${{ width: 'auto' }} onClick=${() => remove(id)} aria-label=${`delete watchpoint ${id}`}>×</button>
          </div>`,
      )}
    </div>
  <//>`;
