import { html, useEffect, useRef, useState } from './lib/preact.js';

/**
 * Variables of C or Rust as a tree. A click, Enter or an arrow to the right opens one, `=` or a double click on a value begins to write it.
 * `open` has the paths of those that are open.
 */
export function SourceVariables({ variables, before, open, setOpen, write }) {
  const place = useRef();
  const [cursor, setCursor] = useState(0);
  const at = Math.max(0, Math.min(variables.length - 1, cursor));
  useEffect(() => place.current?.querySelector('.cursor')?.scrollIntoView({ block: 'nearest' }), [at]);
  if (variables.length === 0) return html`<div class="none">none</div>`;
  const old = new Map(before?.map(({ path, value }) => [path, value]));
  const toggle = ({ path, inside }, wanted = inside === 'closed') => {
    if (inside === 'none' || wanted === (inside === 'open')) return false;
    setOpen(wanted ? [...open.slice(-400), path] : open.filter((each) => each !== path));
    return true;
  };
  /** The row that one is inside of. */
  const above = (index) => variables.findLastIndex(({ depth }, each) => each < index && depth < variables[index].depth);
  const key = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = variables[at];
    const go = (to) => setCursor(Math.max(0, Math.min(variables.length - 1, to)));
    const does = {
      ArrowUp: () => go(at - 1),
      k: () => go(at - 1),
      ArrowDown: () => go(at + 1),
      j: () => go(at + 1),
      ArrowRight: () => toggle(row, true) || go(at + (row.inside === 'open' ? 1 : 0)),
      ArrowLeft: () => toggle(row, false) || go(above(at) < 0 ? at : above(at)),
      Enter: () => toggle(row),
      '=': () => row.expression !== undefined && write(row.expression),
    }[event.key];
    if (does === undefined) return;
    does();
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div
    class="tree"
    id="variables"
    ref=${place}
    tabindex="0"
    role="tree"
    aria-label="variables of C or Rust"
    aria-activedescendant=${`variable-${at}`}
    onKeyDown=${key}
  >
    ${variables.map((row, index) => {
      const { path, depth, name, type, value, place: where, expression, inside } = row;
      return html`<div
        class=${index === at ? 'cursor' : ''}
        id=${`variable-${index}`}
        key=${path}
        role="treeitem"
        aria-level=${depth + 1}
        aria-selected=${index === at}
        aria-expanded=${inside === 'none' ? undefined : inside === 'open'}
        title=${`${type}${where === '' ? '' : `, ${where}`}`}
        onClick=${() => {
          setCursor(index);
          toggle(row);
        }}
        onDblClick=${() => inside === 'none' && expression !== undefined && write(expression)}
      >
        <span class="name" style=${{ paddingLeft: `${12 * depth}px` }}><i>${{ none: '', closed: '▸', open: '▾' }[inside]}</i>${name}</span
        ><span class=${old.has(path) && old.get(path) !== value ? 'changed' : value.startsWith('<') ? 'gone' : ''}>${value}</span
        ><span class="type">${type}</span>
      </div>`;
    })}
  </div>`;
}
