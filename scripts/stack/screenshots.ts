// npm run stack:screenshots -- --ui FOLDER: takes the pictures of the documentation anew, from Jaeger's real UI in a real
// browser, with the traces of the demo application. FOLDER is a built UI (packages/jaeger-ui/build of Jaeger's UI).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stackPaths } from './programs/program-paths.ts';
import { which } from './binaries/shell.ts';
import { openPage } from './screenshots/browser.ts';
import { runDemoApplication } from './demo.ts';
import { ROOT } from './paths.ts';
import { freeStackPorts, startStack } from './programs/stack.ts';
import { until } from './until.ts';

const { values } = parseArgs({
  options: { ui: { type: 'string' }, out: { type: 'string', default: join(ROOT, 'docs', 'images') } },
});
const chromium = which('chromium', 'chromium-browser', 'google-chrome');
if (values.ui === undefined) throw new Error('--ui is missing: the folder of a built Jaeger UI');
if (chromium === null) throw new Error('no chromium on PATH');

const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(values.out, { recursive: true });

const stack = await startStack({
  paths: stackPaths(),
  ports: await freeStackPorts(),
  folder,
  collectorEnv: { COLLECTOR_DECISION_WAIT_AFTER_ROOT: '1s' },
  overlays: ['options/keep-all.yaml'],
  uiAssets: values.ui,
});
try {
  await runDemoApplication(stack.collector.otlp);
  const service = await until('the demo’s service', 60_000, async () =>
    (await stack.jaeger.services()).find((name) => !name.startsWith('jaeger')),
  );
  const exhausted = await until('a trace with a 529', 60_000, async () =>
    (await stack.jaeger.find(service, { 'http.response.status_code': '529' })).find(
      ({ spans }) => spans.length > 2,
    ),
  );
  const page = await openPage(chromium, join(folder, 'chromium'));
  try {
    const search = (tags: Record<string, string>): string => {
      const query = new URLSearchParams({ service, lookback: '1h', limit: '20', tags: JSON.stringify(tags) });
      return `${stack.jaeger.url}/search?${query.toString()}`;
    };
    const results = "document.querySelectorAll('.ResultItem, .ResultItemTitle').length > 0";
    await page.open(search({}), 1400, 1250);
    await page.waitFor('the search’s results', results);
    await page.screenshot(join(values.out, 'jaeger-search.png'));
    await page.open(search({ 'http.response.status_code': '429' }), 1400, 650);
    await page.waitFor('the results for 429', results);
    await page.screenshot(join(values.out, 'jaeger-search-429.png'));

    await page.open(`${stack.jaeger.url}/trace/${exhausted.traceID}`, 1400, 420);
    const rows = "document.querySelectorAll('.span-name')";
    await page.waitFor('the trace', `${rows}.length === ${exhausted.spans.length}`);
    await page.screenshot(join(values.out, 'jaeger-trace.png'));
    // The second attempt, with its attributes.
    await page.open(`${stack.jaeger.url}/trace/${exhausted.traceID}`, 1400, 1150);
    await page.waitFor('the trace', `${rows}.length === ${exhausted.spans.length}`);
    await page.run(`${rows}[2].click()`);
    await page.waitFor('the attempt’s details', "document.querySelector('.detail-row') !== null");
    await page.run(
      "document.querySelector('.detail-row .AccordionAttributes--header, .detail-row .AccordianKeyValues--header, .detail-row .AccordionKeyValues--header')?.click()",
    );
    await page.waitFor('its attributes', "document.querySelector('.detail-row table') !== null");
    await page.screenshot(join(values.out, 'jaeger-attempt.png'));
  } finally {
    await page.close();
  }
} finally {
  await stack.stop();
}
