import { Component, html } from './lib/preact.js';
import { bytes, count } from './format.js';

let loading;
/** The library is loaded where charts are looked at for the first time. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    const sheet = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'lib/uplot.css' });
    const script = Object.assign(document.createElement('script'), { src: 'lib/uplot.js', onerror: () => reject(new Error('the charts cannot be loaded')) });
    script.onload = () => resolve(globalThis.uPlot);
    document.head.append(sheet, script);
  });
  return loading;
}

const height = 128;
const valueOf = (unit) => (value) => (value === null || value === undefined ? '' : unit === 'bytes' ? bytes(value) : count(value));

/** Meters of one chart over executed instructions; a click goes to where it happened. */
class Chart extends Component {
  componentDidMount() {
    this.observer = new ResizeObserver(() => this.plot?.setSize({ width: this.place.clientWidth, height }));
    this.observer.observe(this.place);
    this.make();
  }

  componentDidUpdate(before) {
    if (before.theme !== this.props.theme) this.make();
    else {
      this.plot?.setData(this.data);
      this.plot?.redraw();
    }
  }

  componentWillUnmount() {
    this.observer.disconnect();
    this.plot?.destroy();
    this.gone = true;
  }

  /** Up to where it has been, as the last sample says. */
  get data() {
    const { samples, series, now } = this.props;
    const last = samples.at(-1);
    const all = last !== undefined && now > last.count ? [...samples, { ...last, count: now }] : samples;
    return [all.map((sample) => sample.count), ...series.map(({ index }) => all.map(({ values }) => values[index]))];
  }

  async make() {
    const uPlot = await library();
    if (this.gone) return;
    this.plot?.destroy();
    const { series } = this.props;
    const style = globalThis.getComputedStyle(document.documentElement);
    // Colours are given as light-dark(): the browser knows which one it is.
    const colour = (name) => {
      this.place.style.color = style.getPropertyValue(name);
      return globalThis.getComputedStyle(this.place).color;
    };
    const [muted, line, accent] = ['--muted', '--line', '--accent'].map(colour);
    const colours = ['--h0', '--h1', '--h2', '--h3'].map(colour);
    this.place.style.color = '';
    const axis = { stroke: muted, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '11px system-ui' };
    const value = valueOf(series[0].unit);
    this.plot = new uPlot(
      {
        width: this.place.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, size: 24, values: (_, splits) => splits.map(count) },
          {
            ...axis,
            size: 58,
            incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1024, 2048, 4096, 8192, 16384, 65536, 262144, 1048576],
            values: (_, splits) => splits.map(value),
          },
        ],
        series: [
          {},
          ...series.map(({ name }, index) => ({
            label: name,
            stroke: colours[index],
            width: 2,
            dash: name === 'room' ? [4, 4] : undefined,
            paths: uPlot.paths.stepped({ align: 1 }),
            points: { show: false },
          })),
        ],
        hooks: {
          draw: [
            ({ ctx, bbox, valToPos }) => {
              const x = Math.round(valToPos(this.props.now, 'x', true));
              if (x < bbox.left || x > bbox.left + bbox.width) return;
              ctx.fillStyle = accent;
              ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
            },
          ],
        },
      },
      this.data,
      this.place,
    );
    this.plot.over.addEventListener('click', () => {
      const { left } = this.plot.cursor;
      if (left >= 0) this.props.goto(Math.max(0, Math.round(this.plot.posToVal(left, 'x'))));
    });
  }

  render({ title, series, samples }) {
    const last = samples.at(-1)?.values ?? [];
    return html`<div class="chart">
      <h3>
        ${title}${series.map(({ name, index, unit }, at) => html`<span><i class=${`c${at} key`}></i>${name} <b>${valueOf(unit)(last[index])}</b></span>`)}
      </h3>
      <div ref=${(element) => (this.place = element)} role="img" aria-label=${`${title} over executed instructions`}></div>
    </div>`;
  }
}

/** Compile queue and code cache as they have been until now. */
export function Charts({ log: { meters, samples }, now, theme, goto }) {
  const titles = [...new Set(meters.map(({ chart }) => chart))];
  return html`<div class="charts">
    ${titles.map(
      (title) =>
        html`<${Chart}
          key=${title}
          title=${title}
          series=${meters.flatMap((meter, index) => (meter.chart === title ? [{ ...meter, index }] : []))}
          samples=${samples}
          now=${now}
          theme=${theme}
          goto=${goto}
        />`,
    )}
  </div>`;
}

/** Units of an SVG's width. */
const wide = 1000;

/** Pins over time of the machine. */
export function Pins({ traces: { seconds, pins, quiet }, goto }) {
  const begin = Math.min(seconds, ...pins.map(({ changes }) => changes[0][0]));
  const end = Math.max(seconds, ...pins.map(({ changes }) => changes.at(-1)[0]));
  const x = (at) => (end === begin ? 0 : (wide * (at - begin)) / (end - begin));
  const time = (at) => `${(at * 1000).toFixed(3)} ms`;
  return html`<div class="pins">
    <div class="muted">
      ${pins.length === 0 ? 'No pin has changed since this pane was opened.' : `${time(begin)} to ${time(end)} of the machine's time, now ${time(seconds)}.`}
      ${quiet === 0 ? '' : ` ${count(quiet)} pins are low and did not change.`}
    </div>
    ${pins.map(({ name, total, changes }) => {
      const y = (level) => (level === 1 ? 3 : 17);
      const path = changes.map(([at, level], index) => `${index === 0 ? `M${x(at)} ` : `H${x(at)} V`}${y(level)}`).join(' ');
      const last = changes.at(-1);
      return html`<div class="pin" key=${name}>
        <span title=${name}>${name}</span>
        <svg viewBox=${`0 0 ${wide} 20`} preserveAspectRatio="none" role="img" aria-label=${`${name}: ${total} changes, now ${last[1] === 1 ? 'high' : 'low'}`}>
          <path d=${`${path} H${x(seconds)}`} />
          <line x1=${x(seconds)} x2=${x(seconds)} y1="0" y2="20" />
        </svg>
        <span>${last[1] === 1 ? 'high' : 'low'}</span>
        <span class="muted">${count(total)} changes</span>
        <button class="plain" disabled=${total < 1} onClick=${() => goto(last[2])}>to the last one</button>
      </div>`;
    })}
  </div>`;
}
