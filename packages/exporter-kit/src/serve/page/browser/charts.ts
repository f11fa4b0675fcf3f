import uPlot from 'uplot';
import { unitText } from '../format.ts';

interface Drawn {
  readonly chart: uPlot;
  /** What it was drawn from. */
  data: string;
  readonly resize: () => void;
}

const drawn = new Map<Element, Drawn>();
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => {
  for (const element of [...drawn.keys()]) remove(element);
  drawCharts();
});

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});
// A table may have hundreds, most of them out of sight.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) draw(target as HTMLElement);
  },
  { rootMargin: '200px' },
);
const watched = new WeakSet<Element>();

/** Draws the charts that can be seen, and brings those up to date that are drawn. */
export function drawCharts(): void {
  for (const element of [...drawn.keys()]) if (!element.isConnected) remove(element);
  for (const element of document.querySelectorAll<HTMLElement>('.spark, .chart[data-lines]')) {
    if (drawn.has(element) || element.classList.contains('chart')) draw(element);
    else if (!watched.has(element)) {
      watched.add(element);
      seen.observe(element);
    } else {
      // Its colours have changed, or it had no points when it was seen.
      seen.unobserve(element);
      seen.observe(element);
    }
  }
}

function remove(element: Element): void {
  drawn.get(element)?.chart.destroy();
  drawn.delete(element);
  sizes.unobserve(element);
}

function draw(element: HTMLElement): void {
  const isLarge = element.classList.contains('chart');
  const data = isLarge ? (element.dataset.lines ?? '') : `${element.dataset.at}|${element.dataset.values}`;
  const known = drawn.get(element);
  if (known?.data === data) return;
  const lines = isLarge
    ? linesOf(data)
    : [{ title: '', ...pointsOf(element.dataset.at ?? '', element.dataset.values ?? '') }];
  const table = joined(lines.filter(({ at }) => at.length > 0));
  element.classList.toggle('drawn', table[0].length >= 2);
  if (known !== undefined && known.chart.series.length === table.length) {
    known.chart.setData(table);
    known.data = data;
    return;
  }
  if (known !== undefined) remove(element);
  if (table[0].length < 2) return;
  const chart = new uPlot(isLarge ? largeOptions(element, lines) : smallOptions(element), table, element);
  const resize = (): void => {
    if (isLarge && element.clientWidth > 0) chart.setSize({ width: widthIn(element), height: LARGE_HEIGHT });
  };
  drawn.set(element, { chart, data, resize });
  if (isLarge) sizes.observe(element);
}

interface Line {
  readonly title: string;
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
}

function pointsOf(at: string, values: string): Omit<Line, 'title'> {
  let time = 0;
  return {
    at: at === '' ? [] : at.split(' ').map((step) => (time += Number(step))),
    values: at === '' ? [] : values.split(' ').map((value) => (value === '' ? null : Number(value))),
  };
}

function linesOf(data: string): Line[] {
  const lines: { title: string; at: string; values: string }[] = JSON.parse(data);
  return lines.map(({ title, at, values }) => ({ title, ...pointsOf(at, values) }));
}

/** Lines with times of their own, over the times of all. */
function joined(lines: readonly Line[]): uPlot.AlignedData {
  return lines.length === 0 ? [[]] : uPlot.join(lines.map(({ at, values }) => [[...at], [...values]]));
}

/** A colour of the style, as the scheme has it. */
function color(name: string): string {
  const sample = document.createElement('span');
  sample.style.color = `var(${name})`;
  document.body.append(sample);
  const { color: found } = getComputedStyle(sample);
  sample.remove();
  return found;
}

const LARGE_HEIGHT = 240;

/** The room inside an element's padding. */
function widthIn(element: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return Math.max(100, element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}

function smallOptions(element: HTMLElement): uPlot.Options {
  return {
    width: element.clientWidth || 120,
    height: element.clientHeight || 28,
    padding: [3, 2, 3, 2],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: { y: { range: roomy } },
    series: [
      {},
      { stroke: color('--line-1'), width: 1.5, fill: color('--fill-1'), points: { show: false }, spanGaps: false },
    ],
  };
}

/** A flat line in the middle, and any other over the whole height. */
function roomy(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
  if (least === null || most === null) return [0, 1];
  if (least === most) return [least - 1, most + 1];
  return [least, most];
}

function largeOptions(element: HTMLElement, lines: readonly Line[]): uPlot.Options {
  const unit = element.dataset.unit ?? '';
  const text = (value: number | null): string => (value === null || value === undefined ? '–' : unitText(unit, value));
  const axis = { stroke: color('--muted'), grid: { stroke: color('--rule'), width: 1 }, ticks: { show: false } };
  return {
    width: widthIn(element),
    height: LARGE_HEIGHT,
    padding: [8, 28, 0, 0],
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    legend: { show: true, live: true },
    axes: [
      { ...axis, space: 80, values: (_, times) => times.map(clock) },
      { ...axis, size: 84, values: (_, values) => values.map(text) },
    ],
    series: [
      { label: 'Time', value: (_, at) => (at === null ? '–' : clock(at)) },
      ...lines.map(({ title }, i) => ({
        label: title,
        stroke: color(`--line-${i + 1}`),
        width: 2,
        points: { show: false },
        value: (_: uPlot, value: number | null) => text(value),
      })),
    ],
  };
}

const clock = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString();
