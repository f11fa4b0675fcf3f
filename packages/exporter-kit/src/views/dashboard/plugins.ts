import type { Panel, PanelState } from '../declared.ts';
import type { Mapping, Plugin, Thresholds } from './grafana.ts';

/** How Grafana's plugin of this type draws the panel. */
export function pluginOf(panel: Panel): Plugin {
  switch (panel.type) {
    case 'timeseries':
      return timeseries(panel);
    case 'stat':
      return stat(panel);
    case 'table':
      return {
        type: 'table',
        options: { frameIndex: 0, showHeader: true },
        fieldConfig: { defaults: {}, overrides: [] },
      };
    case 'state-timeline':
      return stateTimeline(panel);
    case 'heatmap':
      return heatmap(panel);
  }
}

const legend = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] } as const;

function timeseries({ unit, thresholds = [] }: Panel): Plugin {
  return {
    type: 'timeseries',
    options: { legend, tooltip: { mode: 'multi', sort: 'desc' } },
    fieldConfig: {
      defaults: {
        unit,
        ...(thresholds.length === 0 ? {} : { thresholds: linesOf(thresholds) }),
        custom: {
          fillOpacity: 10,
          showPoints: 'never',
          ...(thresholds.length === 0 ? {} : { thresholdsStyle: { mode: 'dashed' } }),
        },
      },
      overrides: [],
    },
  };
}

function linesOf(thresholds: NonNullable<Panel['thresholds']>): Thresholds {
  const values = [...new Set(thresholds.map(({ value }) => value))].sort((a, b) => a - b);
  const isAbove = thresholds[0]!.is === 'above';
  const [low, high] = isAbove ? ['green', 'red'] : ['red', 'green'];
  return {
    mode: 'absolute',
    steps: [{ color: low!, value: null }, ...values.map((value) => ({ color: high!, value }))],
  };
}

function stat({ unit }: Panel): Plugin {
  return {
    type: 'stat',
    options: {
      graphMode: 'none',
      colorMode: 'none',
      justifyMode: 'auto',
      textMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'] },
    },
    fieldConfig: { defaults: { unit }, overrides: [] },
  };
}

// Neither good nor bad.
const COLORS = ['light-blue', 'dark-blue', 'purple', 'orange', 'yellow', 'light-purple', 'dark-orange', 'dark-yellow'];

function mappingsOf(states: readonly PanelState[]): Mapping {
  const tones = { good: 'green', bad: 'red' };
  const color = ({ tone }: PanelState, i: number): string =>
    tone === undefined ? COLORS[i % COLORS.length]! : tones[tone];
  return {
    type: 'value',
    options: Object.fromEntries(
      states.map((state, i) => [String(i), { text: state.name, color: color(state, i), index: i }]),
    ),
  };
}

function stateTimeline({ unit, states = [] }: Panel): Plugin {
  return {
    type: 'state-timeline',
    options: {
      showValue: 'auto',
      rowHeight: 0.9,
      mergeValues: true,
      legend,
      tooltip: { mode: 'single', sort: 'none' },
    },
    fieldConfig: { defaults: { unit, mappings: [mappingsOf(states)], custom: { fillOpacity: 70 } }, overrides: [] },
  };
}

function heatmap({ unit }: Panel): Plugin {
  return {
    type: 'heatmap',
    options: {
      calculate: false,
      color: {
        mode: 'scheme',
        scheme: 'Oranges',
        fill: 'dark-orange',
        scale: 'exponential',
        exponent: 0.5,
        steps: 64,
        reverse: false,
      },
      filterValues: { le: 1e-9 },
      cellGap: 1,
      showValue: 'never',
      yAxis: { unit, axisPlacement: 'left' },
      legend: { show: true },
      tooltip: { mode: 'single', yHistogram: false },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
    },
    fieldConfig: { defaults: {}, overrides: [] },
  };
}
