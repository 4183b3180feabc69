import { printable } from '@fireball/contracts';

/** Longest text of one place, in characters. */
const longestText = 10_000;

/** HTML. Only `markup` makes it, so that no text gets into a page unescaped. */
export class Markup {
  private constructor(readonly html: string) {}

  /** @param values texts are escaped; markup is not */
  static of(parts: readonly string[], values: readonly MarkupValue[]): Markup {
    return new Markup(parts.map((part, index) => part + (index < values.length ? htmlOf(values[index]!) : '')).join(''));
  }
}

type MarkupValue = Markup | readonly Markup[] | string | number;

/** Tag of template literals: markup`<td>${text}</td>`. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.of(parts, values);
}

function htmlOf(value: MarkupValue): string {
  if (value instanceof Markup) return value.html;
  if (typeof value === 'object') return value.map(({ html }) => html).join('');
  return escapeText(String(value));
}

/** Harmless in elements and in quoted attributes; what cannot be printed is spelled out, what is too long is cut. */
function escapeText(text: string): string {
  const cut = text.length <= longestText ? text : `${text.slice(0, longestText)}… (${text.length - longestText} characters more)`;
  return escapeCharacters(printable(cut));
}

/** Text of several lines, however long: line ends and tabs are kept. */
export function lines(text: string): Markup {
  const html = text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
  return Markup.of([escapeCharacters(html)], []);
}

function escapeCharacters(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
