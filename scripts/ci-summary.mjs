// Adds up the JSON reports of the test runs in a folder, names what failed or was skipped, and ends with one plain line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder = '.'] = process.argv;
const totals = { passed: 0, failed: 0, skipped: 0 };
const COUNTED = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  skipped: 'skipped',
  todo: 'skipped',
};

const reports = readdirSync(folder).filter((name) => name.endsWith('.json'));
for (const name of reports) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  for (const file of report.testResults) {
    if (file.assertionResults.length === 0 && file.status === 'failed') {
      totals.failed += 1;
      console.log(`failed: ${file.name}: ${file.message}`);
    }
    for (const test of file.assertionResults) {
      const kind = COUNTED[test.status] ?? 'failed';
      totals[kind] += 1;
      if (kind !== 'passed') console.log(`${kind}: ${test.fullName}`);
    }
  }
}
if (reports.length === 0) {
  totals.failed += 1;
  console.log('failed: no test report was written');
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
