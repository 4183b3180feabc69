import { templateBytes } from './series.js';
import type { Measurement } from './criteria.js';

const [width, height] = [900, 640];
/** Calls shown: those around the moment when native code takes over. */
const shownCalls = 3;

/** An SVG chart: instructions of each call with the JIT off and on, and what templates and code take over virtual time. */
export async function chartOf({ workload, target, off, on }: Measurement): Promise<string> {
  // Loaded only where it is needed: it is large.
  const { init } = await import('echarts');
  const shown = Math.min(off.latencies.length, shownCalls * on.warmUp + 10);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  const templates = templateBytes(target);
  const axis = (name: string, gridIndex: number) => ({ type: 'value' as const, name, nameLocation: 'middle' as const, nameGap: 25, gridIndex });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: [{ text: `${workload.what} (${workload.name}) on ${target}`, left: 'center' }],
    legend: { top: 30 },
    grid: [
      { top: 80, height: 220, left: 80, right: 30 },
      { top: 380, height: 200, left: 80, right: 30 },
    ],
    xAxis: [
      { ...axis('call', 0), max: shown },
      { ...axis('executed instructions since the start', 1), max: on.memory[shown - 1]?.at ?? 0 },
    ],
    yAxis: [
      { type: 'log', name: 'instructions per call', gridIndex: 0 },
      { type: 'value', name: 'bytes', gridIndex: 1 },
    ],
    series: [
      line(
        'JIT off',
        0,
        off.latencies.slice(0, shown).map((value, call) => [call, value]),
      ),
      line(
        'JIT on',
        0,
        on.latencies.slice(0, shown).map((value, call) => [call, value]),
      ),
      line(
        'packed templates and code',
        1,
        on.memory.slice(0, shown).map(({ at, code }) => [at, templates + code]),
      ),
      line(
        'staging',
        1,
        on.memory.slice(0, shown).map(({ at, staging }) => [at, staging]),
      ),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return numbered(svg);
}

/** Names in the file count up in the process; here they begin anew, so that equal charts are equal files. */
function numbered(svg: string): string {
  const seen = new Map<string, string>();
  return svg.replaceAll(/zr\d+-[a-z]+\d*-?\d*/g, (name) => {
    const known = seen.get(name) ?? `n${seen.size}`;
    seen.set(name, known);
    return known;
  });
}

function line(name: string, grid: number, data: number[][]): object {
  return { name, type: 'line', xAxisIndex: grid, yAxisIndex: grid, data, showSymbol: false, step: 'end' };
}
