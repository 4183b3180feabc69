/** The style of report pages: light and dark as the reader has it, printed light. */
export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #14161a); --panel: light-dark(#fff, #1b1e24); --raised: light-dark(#f1f3f5, #23272f);
  --line: light-dark(#dfe3e8, #2e333d); --text: light-dark(#1b1f24, #e3e6eb); --muted: light-dark(#5c6672, #96a0ae);
  --accent: light-dark(#c2410c, #ff9457); --bad: light-dark(#b42318, #ff8a80); --good: light-dark(#1a7f37, #6fd08c);
  --bad-soft: light-dark(#fdecea, #3c1f1d); --good-soft: light-dark(#e6f6ea, #1b3323);
  --here: light-dark(#fff3bf, #453a12); --ran: light-dark(#e7f0fb, #23303f);
  --c0: light-dark(#0b62b8, #7db8ff); --c1: light-dark(#9a3412, #ffb085); --c2: light-dark(#1a7f37, #7fdc9a);
  --c3: light-dark(#8a1f8f, #e39bea); --c4: light-dark(#0e7490, #6ddcf0); --c5: light-dark(#7a5b00, #e6cb5c);
  --b0: light-dark(#dbeafe, #1d3453); --b1: light-dark(#ffe4d5, #4a2c1c); --b2: light-dark(#d7f5e0, #1c3d27);
  --b3: light-dark(#f6dcf7, #45234a); --b4: light-dark(#d3f2f8, #143e47); --b5: light-dark(#fbefc0, #40370f);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.55 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif; }
header, main, footer { max-width: 1360px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 10px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h1::before { content: 'Fireball'; display: block; font-size: 12px; font-weight: 700; letter-spacing: 0; color: var(--accent); }
h2 { font-size: 17px; margin: 32px 0 8px; overflow-wrap: anywhere; }
h3 { font-size: 14.5px; margin: 22px 0 6px; overflow-wrap: anywhere; }
p { margin: 8px 0; max-width: 90ch; overflow-wrap: anywhere; }
ul { margin: 8px 0; padding-left: 20px; overflow-wrap: anywhere; }
code, pre, .mono { font-family: var(--mono); font-size: 12.5px; }
code { background: var(--raised); border-radius: 4px; padding: 0 3px; }
.verdict { padding: 9px 14px; border-radius: 8px; border-left: 4px solid; font-weight: 600; max-width: none; }
.verdict.good { background: var(--good-soft); border-color: var(--good); }
.verdict.bad { background: var(--bad-soft); border-color: var(--bad); }
dl { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 14px 0 0; }
dt { font-size: 12px; color: var(--muted); }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 10px 0 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
table { border-collapse: collapse; min-width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: 12px; color: var(--muted); font-weight: 600; }
tr:last-child > td { border-bottom: 0; }
.right { text-align: right; }
.compared td { font-family: var(--mono); font-size: 12.5px; white-space: normal; overflow-wrap: anywhere; }
.compared td:first-child { font-family: inherit; font-size: inherit; }
.expected { color: var(--good); }
.actual { color: var(--bad); font-weight: 600; }
.code td { font: 12px/20px var(--mono); padding: 0 7px; border-bottom: 0; }
.code tr.begins td { border-top: 1px solid var(--line); }
.code .offset, .code .address { color: var(--muted); }
.code tr.here .wasm, .code tr.here .offset { background: var(--here); }
.code tr.ran .template, .code tr.ran .machine { background: var(--ran); }
.code tr.here .wasm { font-weight: 700; }
.code .outline { color: var(--muted); font-style: italic; }
.hole { margin-left: 6px; padding: 0 3px; border-radius: 3px; }
.bits { font-size: 9.5px !important; letter-spacing: -0.2px; color: var(--muted); }
.bits span { margin-right: 4px; }
.bits i { font-style: normal; border-radius: 2px; }
.k0 { color: var(--c0); background: var(--b0); } .k1 { color: var(--c1); background: var(--b1); } .k2 { color: var(--c2); background: var(--b2); }
.k3 { color: var(--c3); background: var(--b3); } .k4 { color: var(--c4); background: var(--b4); } .k5 { color: var(--c5); background: var(--b5); }
.trap { margin-left: 6px; color: var(--bad); }
pre { margin: 10px 0; padding: 10px 14px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
img { max-width: 100%; border-radius: 8px; background: #fff; }
.left-out { color: var(--muted); font-style: italic; }
footer { color: var(--muted); font-size: 12px; padding: 24px 24px 36px; }
@media print {
  :root { color-scheme: light; }
  body { background: #fff; font-size: 11px; }
  header, main, footer { max-width: none; padding: 0; }
  .scroll { overflow: visible; border-radius: 0; }
  th, td { padding: 2px 6px; white-space: normal; }
  .code td { font-size: 8.5px; line-height: 13px; padding: 0 4px; white-space: nowrap; }
  .bits { font-size: 6.5px !important; }
  tr, .verdict, img { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .verdict, .code td, .hole, .bits i { print-color-adjust: exact; }
}
`;
