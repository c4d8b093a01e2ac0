import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renderBrief } from '../../checker/render/brief.ts';
import { compare } from '../../page/compare/compare.ts';
import { leavesOf } from '../../page/delta/leaves.ts';
import { readsOf } from '../../page/delta/reads.ts';
import { sequenceOf } from '../../page/diagram/sequence.ts';
import { styleForFile } from '../../page/export/style.ts';
import { svgOf } from '../../page/export/svg.tsx';
import { drawingOf, traceOf } from '../../page/export/trace.ts';
import { groundOf } from '../../page/session/choice.ts';
import { openTrace } from '../../page/session/open.ts';
import { callsOf, pathOf, placeOf, runTo, type Session, undo, wayTo } from '../../page/session/session.ts';
import { toldWay } from '../../page/session/told.ts';
import { laidOut } from '../../page/world/layout.ts';
import { partsOf } from '../../page/world/parts.ts';
import { marked, type Picture } from '../../page/world/picture.ts';
import { sketchOf } from '../../page/world/sketch.ts';
import { committedTrace, sessionOf, VMID } from './lab.ts';

async function opened(name: string): Promise<Session> {
  return openTrace((await committedTrace(name)).trace).session;
}

const vmid = await opened(VMID);

function pictureOf(session: Session): Picture {
  const way = wayTo(session, session.at);
  const { names } = toldWay(way);
  const before = way.at(-2);
  return marked(
    before === undefined ? null : sketchOf(before.world, names),
    sketchOf(placeOf(session).world, names),
  );
}

function leaves(session: Session): ReturnType<typeof leavesOf> {
  const way = wayTo(session, session.at);
  const before = way.at(-2);
  if (before === undefined) throw new Error('nothing was done');
  return leavesOf(before.world, placeOf(session).world, toldWay(way).names);
}

describe('the picture of the world', () => {
  it('has the objects with their references, what is new and changed marked', () => {
    const { boxes, arrows } = pictureOf(vmid);
    const marks = Object.fromEntries(boxes.map(({ id, mark }) => [id, mark]));
    expect(marks).toMatchObject({ '0/3': 'changed', '0/4': 'same', '0/5': 'new', 'iommu 0': 'same' });
    expect(arrows).toContainEqual({ from: '0/5', to: '0/3', label: 'nests in', mark: 'new' });
    expect(arrows).toContainEqual({ from: '0/4', to: 'iommu 0', label: 'VMID 1', mark: 'same' });
  });

  it('keeps what went for the step that took it', () => {
    const session = sessionOf(
      'one-smmu',
      [],
      'vmm:vm0 openIommufd as iommufd0',
      'vmm:vm0 ioasAlloc fd=iommufd0 as ioas0',
      'vmm:vm0 destroy fd=iommufd0 id=ioas0',
    );
    expect(pictureOf(session).boxes.find(({ kind }) => kind === 'ioas')?.mark).toBe('gone');
    expect(pictureOf(undo(session)).boxes.find(({ kind }) => kind === 'ioas')?.mark).toBe('new');
  });

  it('says of devices with which nothing was done no more than their names, where there are many', async () => {
    const { boxes, idle } = pictureOf(
      await opened('smmuen-reconfigures-nothing/device-sees-what-guest-asked'),
    );
    expect(boxes.filter(({ kind }) => kind === 'device').map(({ title }) => title)).toEqual(['dev1']);
    expect(idle).toEqual(['dev0', 'dev2', 'dev3']);
  });

  it('is laid out without boxes on each other', () => {
    const { boxes, width, height } = laidOut(pictureOf(vmid));
    for (const [at, box] of boxes.entries()) {
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(
        true,
      );
      for (const other of boxes.slice(at + 1)) {
        const apart =
          box.x + box.width <= other.x ||
          other.x + other.width <= box.x ||
          box.y + box.height <= other.y ||
          other.y + other.height <= box.y;
        expect(apart).toBe(true);
      }
    }
  });
});

describe('what a step changed', () => {
  it('is told leaf by leaf, objects by name', () => {
    expect(leaves(vmid)).toMatchObject([
      { where: 'hwpt0.users', kind: 'changed', before: '2', after: '3' },
      { where: 'contexts[0].objects[5]', kind: 'new', before: null },
    ]);
  });

  it('decodes registers by field', async () => {
    const found = leaves(await opened('registers-least-common/id-registers-never-change'));
    expect(found.find(({ where }) => where === 'vms[0].vsmmus[0].registers.IDR5')).toMatchObject({
      structure: 'IDR5',
      fields: [
        { name: 'OAS', before: 'Bits48', after: 'Bits40' },
        { name: 'GRAN16K', before: '1', after: '0' },
      ],
    });
  });

  it('decodes stream table entries by field', async () => {
    const session = await opened('ste-doubleword-torn/dma-between-writes-is-old-or-new');
    const parts = partsOf(null, placeOf(session).world, toldWay(wayTo(session, session.at)).names);
    const rows = parts.find(({ title }) => title.startsWith('Stream tables'))?.rows ?? [];
    expect(rows.some(({ value }) => /^STE\{V=1 Config=Nested .*S2VMID=\d/.test(value))).toBe(true);
    expect(rows.some(({ value }) => value === 'STE{V=1}')).toBe(true);
  });

  it('is told in parts where much came at once', async () => {
    const found = leaves(await opened('registers-least-common/id-registers-never-change'));
    const made = found.filter(({ where }) => where.startsWith('contexts[0].objects'));
    expect(made.length).toBeGreaterThan(6);
    for (const { after } of made) expect(after?.length ?? 0).toBeLessThan(200);
  });
});

describe('the leaves that a property reads', () => {
  const property = vmid.asked;
  if (property === null) throw new Error('the trace is about a property');

  it('are those on which its verdict rests', () => {
    const paths = readsOf(property, runTo(vmid, placeOf(vmid))).map(({ path }) => path.join('.'));
    expect(paths).toContain('contexts.0.objects.4.vmid');
    expect(paths).toContain('contexts.0.objects.5.vmid');
    expect(paths.some((path) => path.startsWith('vms'))).toBe(false);
  });

  it('are read without a change of the verdict, by every property of worlds', () => {
    for (const each of vmid.ground.properties) {
      if (each.kind !== 'state') continue;
      expect(() => readsOf(each, runTo(vmid, placeOf(vmid)))).not.toThrow();
    }
  });
});

describe('the sequence diagram', () => {
  it('has a lifeline for whoever takes part, and steps below each other', async () => {
    const session = await opened('smmuen-reconfigures-nothing/device-sees-what-guest-asked');
    const { steps } = toldWay(pathOf(session));
    const folded = sequenceOf(steps, new Set());
    expect(folded.lifelines.map(({ lines }) => lines.join(' '))).toEqual([
      'operator',
      'guest vm0',
      'VMM vm0',
    ]);
    expect(folded.steps.map(({ folded: count }) => count > 0)).toEqual([false, true, false]);
    const open = sequenceOf(steps, new Set([2]));
    expect(open.lifelines.map(({ lines }) => lines.join(' '))).toContain('iommufd');
    expect(open.steps[1]?.arrows.length).toBeGreaterThan(10);
    for (const { steps: bands } of [folded, open])
      for (const [at, { y, height, arrows }] of bands.entries()) {
        expect(y).toBeGreaterThanOrEqual((bands[at - 1]?.y ?? 0) + (bands[at - 1]?.height ?? 0));
        for (const arrow of arrows) expect(arrow.y > y && arrow.y < y + height).toBe(true);
      }
  });
});

describe('two designs side by side', () => {
  it('tells the first answer that differs', () => {
    const session = sessionOf(
      'one-vsmmu',
      ['vsmmu=inherit'],
      'operator boot vm=vm0',
      'operator reset vm=vm0',
    );
    const there = groundOf({ scope: 'one-vsmmu', designs: ['vsmmu=specified'], defects: [] });
    const { first, rows } = compare(session.ground, there, callsOf(pathOf(session)));
    expect(first).toBe(1);
    expect(rows[0]).toMatchObject({
      differs: true,
      left: { ok: false, answer: 'ENODEV', violated: ['boots-without-a-device'] },
      right: { ok: true, answer: 'ok', violated: [] },
    });
  });

  it('says that there is none where all are alike', () => {
    expect(compare(vmid.ground, vmid.ground, callsOf(pathOf(vmid))).first).toBeNull();
  });
});

describe('a run in other forms', () => {
  it('is the trace that it was opened as', async () => {
    const { trace } = await committedTrace(VMID);
    const { bound: _, design, ...rest } = trace;
    // Axes that came later than the trace have their default.
    expect(traceOf(vmid, 'shortest')).toEqual({ ...rest, design: expect.objectContaining(design) });
    expect(traceOf(undo(vmid))).toMatchObject({ property: null, violation: null, guarantee: null });
  });

  it('is a text for a mail, in 72 columns', () => {
    const trace = traceOf(vmid, 'shortest');
    const text = renderBrief(trace, drawingOf(vmid, trace));
    expect(text).toMatch(/^=> vIOMMUs 4 and 5 both use VMID 1 of pSMMU 0$/m);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(72);
  });

  it('is a drawing that stands alone', async () => {
    const style = styleForFile(
      await readFile(new URL('../../page/drawing/drawing.css', import.meta.url), 'utf8'),
    );
    expect(style).not.toMatch(/var\(|light-dark|:root|\/\*/);
    const svg = svgOf(vmid, style);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('HWPT, nesting parent');
    expect(svg).toContain('openCdev(device=dev0)');
    expect(svg).not.toMatch(/<script|onclick|href=|url\(/i);
  });
});
