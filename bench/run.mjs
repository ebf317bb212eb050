import { added, GOALS, median, perCall, perEvent } from './costs.mjs';
import { interleave } from './interleave.mjs';
import { VARIANTS } from './variants.mjs';
const rounds = Number(process.argv[2] ?? 30);
const { rounds: results, spans } = await interleave(rounds);
for (const v of VARIANTS) {
  const m = (f) => median(results.map(f)).toFixed(2);
  console.log(v.label.padEnd(40), spans[v.id].toFixed(2), m((r) => perCall(r, v.id)), v.baseline ? m(added(perCall, v.id, v.baseline)) : '', m((r) => perEvent(r, v.id)), v.baseline ? m(added(perEvent, v.id, v.baseline)) : '', m((r)=>r[v.id].short));
}
for (const g of GOALS) console.log(g.label, median(results.map((r) => g.of(r) / g.over(r))).toFixed(2), '<=', g.goal);
