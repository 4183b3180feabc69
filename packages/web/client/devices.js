import { html, useState } from './lib/preact.js';
import { hex } from './format.js';

/** Devices of the machine, and the registers of one, with the fields of those that are open. What has changed since the last stop stands out. */
export function Devices({ answer: { devices, registers }, before, chosen, choose, show }) {
  const [open, setOpen] = useState([]);
  const toggle = (address) => setOpen(open.includes(address) ? open.filter((each) => each !== address) : [...open, address]);
  const old = new Map(before?.map(({ address, value }) => [address, value]));
  const place = devices.find(({ name }) => name === chosen);
  return html`<div class="devices">
    <div class="list" role="listbox" aria-label="devices">
      ${devices.map(
        ({ name, base, registers: count }) =>
          html`<button role="option" aria-selected=${name === chosen} aria-current=${name === chosen} onClick=${() => choose(name)} title=${`0x${hex(base)}`}>
            <span>${name}</span><span class="grow"></span><span class="muted">${count === 0 ? '' : count}</span>
          </button>`,
      )}
    </div>
    <div class="registers-of" tabindex="0" aria-label=${`registers of ${chosen}`}>
      ${
        place === undefined
          ? ''
          : html`<div class="legend">
              <b>${chosen}</b><span class="mono">0x${hex(place.base)}, ${place.registers} registers</span
              ><button class="plain" onClick=${() => show(place.base)}>its memory</button>
              ${registers.some(({ value }) => value === null) ? html`<span>Reads that would have an effect are not made.</span>` : ''}
            </div>`
      }
      <div class="cells">
        ${registers.map(
          ({ name, address, value, fields }) =>
            html`<div class="cell">
                ${
                  fields.length === 0
                    ? html`<span title=${`0x${hex(address)}`}>${name}</span>`
                    : html`<button
                        title=${`0x${hex(address)}: ${fields.length} fields`}
                        aria-expanded=${open.includes(address)}
                        onClick=${() => toggle(address)}
                      >
                        <i aria-hidden="true">${open.includes(address) ? '▾' : '▸'}</i>${name}
                      </button>`
                }
                <span class=${value === null ? 'gone' : old.has(address) && old.get(address) !== value ? 'changed' : ''}>${value ?? 'not read'}</span>
              </div>
              ${
                open.includes(address)
                  ? fields.map(
                      ([field, content]) =>
                        html`<div class="cell field">
                          <span title=${field}>${field}</span><span>${content === 0 ? '0' : `${content} (0x${hex(content, 1)})`}</span>
                        </div>`,
                    )
                  : ''
              }`,
        )}
      </div>
    </div>
  </div>`;
}
