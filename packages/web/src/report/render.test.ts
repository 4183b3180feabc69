import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReportBlock, ReportPage } from './model.js';
import { readSections } from './page-text.js';
import { largestReport, renderReport } from './render.js';

/** A page with one text in every place that a guest's names and values can come to. */
function pageOf(text: string): ReportPage {
  const runs = [text, { style: 'code', text }, { style: 'strong', text }, { style: 'emphasis', text }] as const;
  const blocks: ReportBlock[] = [
    { kind: 'text', text },
    { kind: 'list', items: [text, runs] },
    { kind: 'table', columns: [{ title: text, align: 'left' }], rows: [[runs], [text]] },
    { kind: 'comparison', rows: [{ what: text, place: text, expected: text, actual: text }] },
    { kind: 'lines', text },
    { kind: 'image', svg: text, alt: text },
    {
      kind: 'code',
      architecture: 'thumb2',
      marks: { wasmOffset: 1, executed: new Set([4]) },
      rows: [
        {
          wasmOffset: 1,
          wasm: { text, depth: 1, outOfLine: false },
          site: 0,
          template: { name: text, holes: [{ name: text, value: text, fields: [{ address: 4, bits: 7 }] }], trap: text },
          machine: { address: 4, size: 2, word: 5, text },
        },
      ],
    },
  ];
  return { title: text, verdict: { isGood: false, text }, facts: [[text, text]], sections: [{ heading: text, level: 2, blocks }] };
}

/** What is left without the tags that we write. */
function withoutTags(html: string): string {
  const body = html.slice(html.indexOf('</style>') + '</style>'.length);
  return body.replaceAll(
    /<\/?(head|body|header|h[123]|p|dl|div|dt|dd|main|ul|li|table|thead|tbody|tr|th|td|code|strong|em|span|i|pre|img|footer|html)( [a-z]+="[^"<>]*")*>/g,
    '',
  );
}

describe('a report', () => {
  it('shows hostile texts and obeys none of them', () => {
    const hostile = '</td></style><script>alert(1)</script><img src=x onerror="alert(1)">\u202e\u001b[31m&amp;\'';
    const html = renderReport(pageOf(hostile));
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('\\u{202e}\\u{1b}[31m&amp;amp;&#39;');
    expect(withoutTags(html)).not.toMatch(/[<>]/);
  });

  it('has no markup but its own, whatever the texts', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '-', '!', '=', '`', 'script', ' ', '\n', '\u0000') }));
    fc.assert(
      fc.property(text, (given) => {
        expect(withoutTags(renderReport(pageOf(given)))).not.toMatch(/[<>]/);
      }),
      { numRuns: 200 },
    );
  });

  it('lets nothing be loaded and no script run', () => {
    expect(renderReport(pageOf('x'))).toContain(
      `Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:;`,
    );
  });

  it('stays below its limit, and says what it leaves out', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [`row ${index}`, 'é'.repeat(20)]);
    const columns = ['a', 'b'].map((title) => ({ title, align: 'left' as const }));
    const section = { heading: 'large', level: 2 as const, blocks: [{ kind: 'table' as const, columns, rows }] };
    const html = renderReport({ title: 'large', facts: [], sections: [section, section] });
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(largestReport);
    expect(Buffer.byteLength(html)).toBeGreaterThan(largestReport - 8192);
    const shown = html.split('<td class="left">row ').length - 1;
    expect(html).toContain(`and ${(rows.length - shown).toLocaleString('en')} more rows`);
    expect(html).toContain('2 sections are left out from here on, or in part');
    expect(html.trimEnd().endsWith('</html>')).toBe(true);
  });

  it('cuts output at its beginning, and says so', () => {
    const text = `${'early\n'.repeat(20_000)}last words`;
    const html = renderReport({ title: '', facts: [], sections: [{ heading: '', level: 2, blocks: [{ kind: 'lines', text }] }] });
    expect(html).toContain('the last 65,536 characters of 120,010');
    expect(html).toContain('last words</pre>');
  });
});

describe('pages of benches', () => {
  const none = (): string => '<svg/>';

  it('are read as they are written', () => {
    const page =
      '# Top\n\nFirst `a|b` line\nsecond **bold** and *soft* [link](x.md).\n\n## Part\n\n| a | b |\n| --- | ---: |\n| x \\| y | 1 |\n\n- one\n  more\n- two\n\n![chart](c.svg)\n';
    expect(readSections(page, none)).toEqual([
      {
        heading: ['Top'],
        level: 2,
        blocks: [
          {
            kind: 'text',
            text: [
              'First ',
              { style: 'code', text: 'a|b' },
              ' line second ',
              { style: 'strong', text: 'bold' },
              ' and ',
              { style: 'emphasis', text: 'soft' },
              ' ',
              'link',
              '.',
            ],
          },
        ],
      },
      {
        heading: ['Part'],
        level: 2,
        blocks: [
          {
            kind: 'table',
            columns: [
              { title: ['a'], align: 'left' },
              { title: ['b'], align: 'right' },
            ],
            rows: [[['x | y'], ['1']]],
          },
          { kind: 'list', items: [['one more'], ['two']] },
          { kind: 'image', svg: '<svg/>', alt: 'chart' },
        ],
      },
    ]);
  });

  it('begin with a heading, and have heads in their tables', () => {
    expect(() => readSections('text', none)).toThrow('a page begins with a heading');
    expect(() => readSections('# a\n\n| b |\n| c |', none)).toThrow('a table without its head');
  });
});
