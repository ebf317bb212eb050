import type { Panel } from '../dashboard/panels.ts';

/** A panel to draw: curves of points, minutes and value. */
export interface DrawnPanel {
  readonly title: string;
  readonly unit: Panel['unit'];
  readonly curves: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const MIB = 1024 * 1024;

/** How values are written, and the least that the axis reaches to. */
const UNITS: Readonly<
  Record<Panel['unit'], { readonly least: number; write(value: number, top: number): string }>
> = {
  short: { least: 1, write: (value, top) => value.toFixed(top < 10 ? 1 : 0) },
  s: { least: 0.1, write: (value, top) => `${value.toFixed(top < 10 ? 2 : 0)} s` },
  percentunit: { least: 0.01, write: (value) => `${Math.round(value * 100)} %` },
  bytes: { least: MIB, write: (value) => `${Math.round(value / MIB)} MiB` },
};

const COLORS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];
const WIDTH = 420;
const HEIGHT = 300;
const PLOT = { left: 56, top: 30, width: 348, height: 130 };
const COLUMNS = 3;
const LEGEND_ROWS = 6;
const LONGEST_NAME = 30;

/** Panels side by side as an SVG picture, with a line of text above. */
export function drawPanels(panels: readonly DrawnPanel[], caption: string): string {
  const width = COLUMNS * WIDTH;
  const height = Math.ceil(panels.length / COLUMNS) * HEIGHT + 30;
  const body = panels
    .map((panel, index) => {
      const x = (index % COLUMNS) * WIDTH;
      const y = Math.floor(index / COLUMNS) * HEIGHT + 30;
      return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
    })
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="8" y="20" font-size="12">${escape(caption)}</text>
${body}
</svg>
`;
}

function drawPanel({ title, unit, curves }: DrawnPanel): string {
  const { least, write } = UNITS[unit];
  const points = curves.flatMap((curve) => curve.points).filter(([, value]) => Number.isFinite(value));
  const end = Math.max(1, ...points.map(([minute]) => minute));
  const top = Math.max(least, ...points.map(([, value]) => value));
  const x = (minute: number): string => (PLOT.left + (minute / end) * PLOT.width).toFixed(1);
  const y = (value: number): string => (PLOT.top + PLOT.height - (value / top) * PLOT.height).toFixed(1);
  const lines = curves.map(({ points: own }, index) => {
    const path = own
      .filter(([, value]) => Number.isFinite(value))
      .map(([minute, value]) => `${x(minute)},${y(value)}`)
      .join(' ');
    return `<polyline points="${path}" fill="none" stroke="${color(index)}" stroke-width="1.5"/>`;
  });
  const legend = curves.slice(0, LEGEND_ROWS * 2).map(({ name }, index) => {
    const left = PLOT.left + (index % 2) * 190;
    const line = PLOT.top + PLOT.height + 32 + Math.floor(index / 2) * 13;
    return `<rect x="${left}" y="${line - 8}" width="8" height="8" fill="${color(index)}"/><text x="${left + 12}" y="${line}" font-size="10">${escape(shortened(name))}</text>`;
  });
  const nothing = `<text x="${PLOT.left + 8}" y="${PLOT.top + PLOT.height / 2}">nothing in this run</text>`;
  return `<text x="8" y="18" font-weight="bold">${escape(title)}</text>
<rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.width}" height="${PLOT.height}" fill="#f7f7f7"/>
<text x="${PLOT.left - 4}" y="${PLOT.top + 8}" text-anchor="end">${write(top, top)}</text>
<text x="${PLOT.left - 4}" y="${PLOT.top + PLOT.height}" text-anchor="end">${write(0, top)}</text>
<text x="${PLOT.left}" y="${PLOT.top + PLOT.height + 14}">0</text>
<text x="${PLOT.left + PLOT.width}" y="${PLOT.top + PLOT.height + 14}" text-anchor="end">${Math.round(end)} minutes</text>
${curves.length === 0 ? nothing : lines.join('\n')}
${legend.join('\n')}`;
}

function color(index: number): string {
  return COLORS[index % COLORS.length] ?? '#000';
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
