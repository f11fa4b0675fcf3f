import type { Panel } from '../declared.ts';
import type { GridPos } from './grafana.ts';

const COLUMNS = 24;

const sizes: { readonly [T in Panel['type']]: readonly [w: number, h: number] } = {
  timeseries: [12, 8],
  heatmap: [12, 8],
  'state-timeline': [12, 8],
  stat: [12, 4],
  table: [24, 6],
};

/** Places panels from left to right in lines; a line is as high as its highest panel. */
export function placed(panels: readonly Panel[], top: number): GridPos[] {
  let [x, y, line] = [0, top, 0];
  return panels.map(({ type }) => {
    const [w, h] = sizes[type];
    if (x + w > COLUMNS) [x, y, line] = [0, y + line, 0];
    const position = { x, y, w, h };
    x += w;
    line = Math.max(line, h);
    return position;
  });
}

/** How high they are together. */
export function heightOf(positions: readonly GridPos[]): number {
  const tops = positions.map(({ y }) => y);
  return positions.length === 0 ? 0 : Math.max(...positions.map(({ y, h }) => y + h)) - Math.min(...tops);
}
