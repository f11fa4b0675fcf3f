// Each draws into an element, and returns a function that says whether something of the data can be seen there.

const COLOURS = [
  '#3274d9',
  '#e0752d',
  '#37872d',
  '#c4162a',
  '#8f3bb8',
  '#b7950b',
  '#0a8f8f',
  '#7d4e2d',
  '#d64a9b',
  '#555b66',
];
const named = { green: '#37872d', red: '#c4162a' };
const colourAt = (i) => COLOURS[i % COLOURS.length];

/** Whether the canvas has pixels of one of these colours. */
function hasPixels(canvas, colours) {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const wanted = new Set(colours.map((colour) => Number.parseInt(colour.slice(1), 16)));
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255 && wanted.has((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])) return true;
  }
  return false;
}

function timeseries(element, { panel, lines, shown }) {
  const { unit, thresholds } = panel.fieldConfig.defaults;
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
  const columns = lines.map(({ points }) => {
    const at = new Map(points);
    return times.map((time) => (Number.isFinite(at.get(time)) ? at.get(time) : null));
  });
  const limits = (thresholds?.steps ?? []).filter(({ value }) => value !== null);
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: [shown.from, shown.to] }, y: { range: (_, low, high) => rangeOf(low, high, limits) } },
      axes: [{}, { size: 80, values: (_, values) => values.map((value) => withUnit(value, unit)) }],
      hooks: { draw: [(chart) => drawLimits(chart, limits)] },
      series: [{}, ...lines.map((_, i) => ({ stroke: colourAt(i), width: 2, points: { size: 4, fill: colourAt(i) } }))],
    },
    [times, ...columns],
    element,
  );
  // The library draws in a microtask.
  return () =>
    hasPixels(
      chart.ctx.canvas,
      lines.map((_, i) => colourAt(i)),
    );
}

function drawLimits(chart, limits) {
  for (const { value } of limits) {
    const y = Math.round(chart.valToPos(value, 'y', true));
    chart.ctx.fillStyle = '#ff000080';
    chart.ctx.fillRect(chart.bbox.left, y, chart.bbox.width, 2);
  }
}

/** From 0 where values are near it, with room for thresholds that are not far away. */
function rangeOf(low, high, limits) {
  const near = limits.map(({ value }) => value).filter((value) => value <= 3 * Math.abs(high));
  const [from, to] = [Math.min(low ?? 0, ...near), Math.max(high ?? 1, ...near)];
  const isNear0 = from >= 0 && from < to / 2;
  const room = (to - from) * 0.05 || Math.abs(to) * 0.1 || 1;
  return [from === 0 || isNear0 ? 0 : from - room, to + room];
}

function stat(element, { panel, lines }) {
  const last = lines.map(({ legend, points }) => [legend, points.at(-1)?.[1]]);
  const box = add(element, 'div', 'stat');
  for (const [legend, value] of last) {
    const one = add(box, 'div', '', withUnit(value, panel.fieldConfig.defaults.unit));
    if (last.length > 1) add(one, 'small', '', legend);
  }
  return () => last.some(([, value]) => Number.isFinite(value));
}

function table(element, { lines }) {
  const columns = [...new Set(lines.flatMap(({ labels }) => Object.keys(labels)))].filter(
    (name) => name !== '__name__',
  );
  const grid = add(element, 'table');
  const head = add(grid, 'tr');
  for (const name of columns) add(head, 'th', '', name);
  for (const { labels } of lines) {
    const line = add(grid, 'tr');
    for (const name of columns) add(line, 'td', '', labels[name] ?? '');
  }
  return () => columns.length > 0 && lines.length > 0;
}

function stateTimeline(element, { panel, lines, shown }) {
  const mapping = panel.fieldConfig.defaults.mappings?.[0].options ?? {};
  const { from: first, to: last } = shown;
  const box = add(element, 'div', 'states');
  let isSeen = false;
  for (const { legend, points } of lines) {
    add(box, 'span', '', legend);
    const bar = add(box, 'div');
    for (const run of runsOf(points)) {
      const state = mapping[run.value];
      const block = add(bar, 'b', '', state?.text ?? `? ${run.value}`);
      block.style.left = `${(100 * (run.from - first)) / (last - first)}%`;
      block.style.width = `${Math.max(1, (100 * (run.to - run.from)) / (last - first))}%`;
      block.style.background = named[state?.color] ?? '#3274d9';
      isSeen ||= state !== undefined;
    }
  }
  return () => isSeen;
}

/** Equal values next to each other. */
function runsOf(points) {
  const runs = [];
  for (const [time, value] of points) {
    const last = runs.at(-1);
    if (last !== undefined) last.to = time;
    if (last?.value !== value) runs.push({ value, from: time, to: time });
  }
  return runs;
}

function heatmap(element, { panel, lines }) {
  const cells = lines.some(({ histograms }) => histograms.length > 0) ? nativeCells(lines) : classicCells(lines);
  const drawn = cells.filter(({ count }) => count > 0);
  const bounds = [...new Set(cells.map(({ upper }) => upper))].sort((a, b) => a - b);
  const times = [...new Set(cells.map(({ time }) => time))].sort((a, b) => a - b);
  const canvas = add(element, 'canvas');
  Object.assign(canvas, { width: element.clientWidth, height: element.clientHeight });
  const context = canvas.getContext('2d');
  const most = Math.max(...drawn.map(({ count }) => count));
  const [wide, high] = [(canvas.width - 90) / Math.max(1, times.length), canvas.height / Math.max(1, bounds.length)];
  for (const { time, upper, count } of drawn) {
    context.fillStyle = `rgba(224, 117, 45, ${0.15 + 0.85 * Math.sqrt(count / most)})`;
    const y = canvas.height - (bounds.indexOf(upper) + 1) * high;
    context.fillRect(90 + times.indexOf(time) * wide, y, Math.max(1, wide - 1), Math.max(1, high - 1));
  }
  context.fillStyle = '#24292e';
  const every = Math.ceil(bounds.length / Math.max(1, Math.floor(canvas.height / 14)));
  bounds.forEach((upper, i) => {
    if (i % every === 0) context.fillText(withUnit(upper, panel.options.yAxis?.unit), 0, canvas.height - i * high - 2);
  });
  return () => drawn.length > 0;
}

const nativeCells = (lines) =>
  lines.flatMap(({ histograms }) =>
    histograms.flatMap(([time, buckets]) => buckets.map(([, upper, count]) => ({ time, upper, count }))),
  );

/** Buckets by `le` are cumulative. */
function classicCells(lines) {
  const sorted = lines
    .map(({ labels, points }) => ({ upper: Number((labels.le ?? 'NaN').replace('+Inf', 'Infinity')), points }))
    .sort((a, b) => a.upper - b.upper);
  return sorted.flatMap(({ upper, points }, i) => {
    const below = new Map(i === 0 ? [] : sorted[i - 1].points);
    return points.map(([time, count]) => ({ time, upper, count: count - (below.get(time) ?? 0) }));
  });
}

function add(parent, tag, className = '', text = '') {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  element.textContent = text;
  return element;
}

globalThis.charts = { timeseries, stat, table, 'state-timeline': stateTimeline, heatmap };
globalThis.addElement = add;
globalThis.colourAt = colourAt;
