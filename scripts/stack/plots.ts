// npm run stack:plots: what the dashboard's panels show, plotted from the data of a real run, into docs/images/panels.svg.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackPaths } from './programs/program-paths.ts';
import { ROWS, type Panel } from './dashboard/panels.ts';
import { runTrouble } from './demo.ts';
import { ROOT } from './paths.ts';
import { drawPanels, type DrawnPanel } from './plots/draw.ts';
import { freeStackPorts, startStack, type Stack } from './programs/stack.ts';

const SPEED = 20;

const folder = mkdtempSync(join(tmpdir(), 'plots-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const stack = await startStack({
  paths: stackPaths(),
  ports: await freeStackPorts(),
  folder,
  speed: SPEED,
  collectorEnv: { COLLECTOR_SPAN_METRICS_FLUSH: '500ms' },
});
try {
  const from = Date.now() / 1000;
  await runTrouble(stack);
  const to = Date.now() / 1000;
  const panels = ROWS.flatMap((row) => row.panels);
  const drawn = await Promise.all(panels.map((panel) => measure(stack, panel, from, to)));
  const file = join(ROOT, 'docs', 'images', 'panels.svg');
  mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true });
  writeFileSync(
    file,
    drawPanels(
      drawn,
      `The dashboard’s queries, plotted from the data of an end-to-end run in which a minute took ${60 / SPEED} seconds; not a picture of Grafana.`,
    ),
  );
  console.log(file);
} finally {
  await stack.stop();
}

/** The panel's lines over the run, in minutes as they would be at full length. */
async function measure(running: Stack, panel: Panel, from: number, to: number): Promise<DrawnPanel> {
  const curves = [];
  for (const { query, legend } of panel.lines) {
    const all = query.replaceAll(/\$(service|environment|model)\b/g, '.*');
    for (const { metric, values } of await running.prometheus.queryRange(all, from, to, 1)) {
      curves.push({
        name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '').trim(),
        points: values.map(([at, value]) => [((at - from) * SPEED) / 60, Number(value)] as const),
      });
    }
  }
  const moved = curves.filter(({ points }) => points.some(([, value]) => value > 0));
  return { title: panel.title, unit: panel.unit, curves: moved };
}
