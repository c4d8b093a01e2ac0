import { it } from 'vitest';
import { committedCounterexamples } from '../../tools/committed.ts';
import { openTrace } from '../../page/session/open.ts';
import { choiceOf, groundOf } from '../../page/session/choice.ts';
import { begin, take, wayTo, pathOf, placeOf } from '../../page/session/session.ts';
import { toldWay } from '../../page/session/told.ts';
import { sketchOf } from '../../page/world/sketch.ts';
import { marked } from '../../page/world/picture.ts';
import { laidOut } from '../../page/world/layout.ts';
import { leavesOf } from '../../page/delta/leaves.ts';
import { partsOf } from '../../page/world/parts.ts';
import { readsOf } from '../../page/delta/reads.ts';
import { runTo } from '../../page/session/session.ts';
import { sequenceOf } from '../../page/diagram/sequence.ts';
import { allEnabledAt } from '../../page/session/enabled.ts';
import { runFile, readRunFile } from '../../page/export/run-file.ts';
import { pack } from '../../page/link/packed.ts';
import { writeFileSync } from 'node:fs';
it('x', async () => {
  const all = await committedCounterexamples();
  const lines: string[] = [];
  for (const { trace, path, property } of all) {
    const t0 = performance.now();
    const opened = openTrace(trace);
    const t1 = performance.now();
    const ground = groundOf(choiceOf(trace), trace.property);
    let s = begin(ground, trace.property);
    let max = 0, maxv = 0, boxes = 0; let where='';
    for (const { result: _, ...call } of trace.steps) {
      const a = performance.now();
      s = take(s, call);
      const b = performance.now();
      const way = wayTo(s, s.at);
      const told = toldWay(pathOf(s));
      sequenceOf(told.steps, new Set([way.length - 1]));
      const pl = placeOf(s); const before = way.at(-2)!.world;
      const q=[performance.now()];
      const sk = marked(sketchOf(before, told.names), sketchOf(pl.world, told.names)); q.push(performance.now());
      const l = laidOut(sk); q.push(performance.now());
      boxes = l.boxes.length;
      leavesOf(before, pl.world, told.names); q.push(performance.now());
      partsOf(before, pl.world, told.names); q.push(performance.now());
      const c = performance.now();
      max = Math.max(max, b - a); if (c-b>maxv) {maxv = c - b; where=q.map((x,i)=>(x-(i?q[i-1]!:b)).toFixed(1)).join('/');}
    }
    const r0 = performance.now();
    const reads = readsOf(property, runTo(s, placeOf(s))).length;
    const r1 = performance.now();
    const menu = allEnabledAt(ground, placeOf(s));
    const r2 = performance.now();
    const calls = trace.steps.map(({ result: _, ...call }) => call);
    const file = runFile(choiceOf(trace), calls);
    let rt = 'rt-ok';
    try { const back = readRunFile('x', file); const f2 = runFile(back.choice, back.calls); if (f2 !== file) rt = 'RT-DIFF'; } catch (e) { rt = 'RT-ERR ' + e; }
    lines.push(`${path} ${opened.outcome.kind} open=${(t1 - t0).toFixed(1)} take=${max.toFixed(1)} view=${maxv.toFixed(1)} ${where} boxes=${boxes} reads=${reads} ${(r1 - r0).toFixed(1)} menu=${(r2 - r1).toFixed(0)} ${menu.map((m) => m.commands.length)} ${menu.flatMap((m)=>m.commands).reduce((n,c)=>n+c.forms.length,0)} link=${pack(file).length} ${rt} ${property.kind}`);
  }
  writeFileSync('/tmp/pg/sessions.txt', lines.join('\n'));
});
