import { html } from './lib/preact.js';
import { Asked } from './asked.js';
import { Charts, Pins } from './charts.js';
import { CodeMap } from './code-memory.js';
import { Devices } from './devices.js';
import { Console, Memory } from './dock.js';
import { hex } from './format.js';

/**
 * The panes below the code, in their order: what a page shows of them depends on what there is. `view` gets the page.
 * What is asked for depends on where the session stands: `position`.
 */
export const panes = [
  {
    id: 'console',
    title: 'Console',
    isThere: () => true,
    view: (app, { log }) =>
      html`<${Console} log=${log} run=${app.run} complete=${(line) => app.ask('complete', { line })} say=${(text) => app.say('from', text)} />`,
  },
  {
    id: 'memory',
    title: 'Memory',
    isThere: () => true,
    view: (app, { hello, position, address }) =>
      html`<${Memory} key=${address} ask=${app.ask} start=${address ?? (hello.memory ? '@0' : 'sp')} position=${position} regions=${hello.regions} />`,
  },
  {
    id: 'source',
    title: 'Source',
    // Of firmware it stands beside the machine code.
    isThere: ({ source }, { wasm }) => source && wasm,
    view: (app) => app.source(),
  },
  {
    id: 'code',
    title: 'Code memory',
    isThere: ({ codeMemory }) => codeMemory,
    view: (app, { position, session }) =>
      html`<${Asked} key="codeMemory" ask=${app.ask} ready=${app.focusPane} what="codeMemory" position=${position}>
        ${(state) => html`<${CodeMap} state=${state} pc=${session.pc} show=${(at) => app.showMemory(`0x${hex(at)}`)} />`}
      <//>`,
  },
  {
    id: 'queue',
    title: 'Queue and cache',
    isThere: ({ meters }) => meters,
    view: (app, { position, session, running, theme }) =>
      html`<${Asked} key="meters" ask=${app.ask} ready=${app.focusPane} what="meters" position=${running ?? position}>
        ${(log) => html`<${Charts} log=${log} now=${running ?? session.count} theme=${theme} goto=${app.goto} />`}
      <//>`,
  },
  {
    id: 'devices',
    title: 'Devices',
    isThere: ({ devices }) => devices,
    view: (app, { position, device = '' }) =>
      html`<${Asked} key="devices" ask=${app.ask} ready=${app.focusPane} what="devices" fields=${{ name: device }} position=${position}>
        ${(answer, before) =>
          html`<${Devices}
            answer=${answer}
            before=${before?.registers}
            chosen=${device}
            choose=${(name) => app.setState({ device: name })}
            show=${(at) => app.showMemory(`0x${hex(at)}`)}
          />`}
      <//>`,
  },
  {
    id: 'pins',
    title: 'Pins',
    isThere: ({ pins }) => pins,
    view: (app, { position }) =>
      html`<${Asked} key="pins" ask=${app.ask} ready=${app.focusPane} what="pins" position=${position}
        >${(traces) => html`<${Pins} traces=${traces} goto=${app.goto} />`}<//
      >`,
  },
];
