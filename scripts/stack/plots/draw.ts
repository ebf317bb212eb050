/** A panel to draw: curves of points, minutes and value. */
export interface DrawnPanel {
  readonly title: string;
  /** Values are from 0 to 1 and shown as per cent. */
  readonly percent: boolean;
  readonly curves: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

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
const PLOT = { left: 44, top: 30, width: 360, height: 130 };
const COLUMNS = 3;
const LEGEND_ROWS = 6;

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

function drawPanel({ title, percent, curves }: DrawnPanel): string {
  const points = curves.flatMap((curve) => curve.points).filter(([, value]) => Number.isFinite(value));
  const end = Math.max(1, ...points.map(([minute]) => minute));
  const top = Math.max(percent ? 0.01 : 1, ...points.map(([, value]) => value));
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
    return `<rect x="${left}" y="${line - 8}" width="8" height="8" fill="${color(index)}"/><text x="${left + 12}" y="${line}" font-size="10">${escape(name)}</text>`;
  });
  const label = (value: number): string =>
    percent ? `${Math.round(value * 100)} %` : value.toFixed(top < 10 ? 1 : 0);
  return `<text x="8" y="18" font-weight="bold">${escape(title)}</text>
<rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.width}" height="${PLOT.height}" fill="#f7f7f7"/>
<text x="${PLOT.left - 4}" y="${PLOT.top + 8}" text-anchor="end">${label(top)}</text>
<text x="${PLOT.left - 4}" y="${PLOT.top + PLOT.height}" text-anchor="end">${label(0)}</text>
<text x="${PLOT.left}" y="${PLOT.top + PLOT.height + 14}">0</text>
<text x="${PLOT.left + PLOT.width}" y="${PLOT.top + PLOT.height + 14}" text-anchor="end">${Math.round(end)} minutes</text>
${lines.join('\n')}
${legend.join('\n')}`;
}

function color(index: number): string {
  return COLORS[index % COLORS.length] ?? '#000';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
