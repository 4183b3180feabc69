import { html, useEffect, useState } from './lib/preact.js';
import { count } from './format.js';

/** Milliseconds that the slider has to stand still before the session goes there. */
const settle = 60;

/** Executed instructions, from where history begins to the latest position that there has been; where it stood before as ticks. */
export function Timeline({ session, running, stops, parting, goto }) {
  const { begin, furthest } = session;
  const [dragged, drag] = useState(undefined);
  const end = Math.max(furthest, running ?? 0, parting?.count ?? 0);
  const now = dragged ?? running ?? session.count;
  const place = (at) => (end === begin ? 0 : (100 * (at - begin)) / (end - begin));
  // Where the thumb's middle is.
  const left = (at) => `calc(${place(at)}% + ${7 - (14 * place(at)) / 100}px)`;
  useEffect(() => drag(undefined), [session]);
  useEffect(() => {
    if (dragged === undefined) return undefined;
    const timer = setTimeout(() => goto(dragged), settle);
    return () => clearTimeout(timer);
  }, [dragged]);
  return html`<div class="timeline">
    <span class="mono"><span class="now" aria-live="polite">${count(now)}</span> instructions</span>
    <div class="track">
      ${stops.map((at) => html`<span class="tick" key=${at} style=${{ left: left(at) }}></span>`)}
      ${parting === null ? '' : html`<span class="tick bad" title=${parting.message} style=${{ left: left(parting.count) }}></span>`}
      <input
        type="range"
        aria-label="executed instructions"
        min=${begin}
        max=${end}
        value=${now}
        style=${{ '--done': `${place(now)}%` }}
        onInput=${({ target }) => drag(Number(target.value))}
      />
    </div>
    <span class="mono">${count(end)}</span>
  </div>`;
}
