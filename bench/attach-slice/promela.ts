import type { Size } from './size.ts';

/** Virtual StreamIDs of a vIOMMU, and forms of a nested HWPT: abort, bypass, translate. */
const VSIDS = 2;
const FORMS = 3;
const TRANSLATE = 2;

const upTo = (bound: number): readonly number[] => [...Array(bound).keys()];

/** What `hwpt[h]` holds for a paging HWPT of a pSMMU, and for a nested one on a vIOMMU. */
const paging = (smmu: number): number => 1 + smmu;
const nested = (viommu: number, form: number): number => 3 + FORMS * viommu + form;
/** What `vdevice[d]` holds. */
const vdevice = (viommu: number, vsid: number): number => 1 + VSIDS * viommu + vsid;

const or = (terms: readonly string[]): string => `(${terms.join(' || ')})`;

/** One command as Promela has it: a guard and what it changes, in a single transition. */
function option(guards: readonly string[], ...effects: readonly string[]): string {
  return `  :: d_step { ${guards.join(' && ')} -> ${effects.join('; ')} }`;
}

/**
 * The attach slice in Promela. Every command with its operands is an option of one loop, a `d_step` each: a command is
 * one transition, and no state between two commands is stored. What a slot holds is 0 once it is free again, so equal
 * states have equal vectors. The vector is as short as bytes allow, since its length is most of what SPIN pays for.
 */
export function promelaOf(size: Size): string {
  const { devices, viommus, hwpts } = size;
  return [
    '/* 0 free; 1 + pSMMU: paging; 3 + 3 * vIOMMU + (0 abort, 1 bypass, 2 translate): nested */',
    `byte hwpt[${hwpts}];`,
    '/* 0 free, else 1 + its paging hwpt; and its pSMMU */',
    `byte parent[${viommus}]; byte smmu[${viommus}];`,
    '/* 0 none, else 1 + 2 * vIOMMU + vSID; 0 none, else 1 + hwpt */',
    `byte vdevice[${devices}]; byte attached[${devices}];`,
    '',
    'active proctype slice() {',
    '  do',
    ...upTo(devices).flatMap((d) => [...allocations(d, size), ...vdevices(d, size), ...attachments(d, size)]),
    ...destructions(size),
    '  od',
    '}',
    '',
  ].join('\n');
}

/** HWPTs and vIOMMUs for the pSMMU of device `d`. */
function allocations(d: number, { viommus, hwpts }: Size): readonly string[] {
  const smmu = d % 2;
  return upTo(hwpts).flatMap((h) => [
    option([`hwpt[${h}] == 0`], `hwpt[${h}] = ${paging(smmu)}`),
    ...upTo(viommus).flatMap((v) => [
      option(
        [`parent[${v}] == 0`, `hwpt[${h}] == ${paging(smmu)}`],
        `parent[${v}] = ${h + 1}`,
        `smmu[${v}] = ${smmu}`,
      ),
      ...upTo(FORMS).map((form) =>
        option([`hwpt[${h}] == 0`, onSmmu(v, smmu)], `hwpt[${h}] = ${nested(v, form)}`),
      ),
    ]),
  ]);
}

/** That there is a vIOMMU in slot `v`, and on which pSMMU. */
function onSmmu(v: number, smmu: number): string {
  return `parent[${v}] != 0 && smmu[${v}] == ${smmu}`;
}

function vdevices(d: number, { devices, viommus }: Size): readonly string[] {
  const others = upTo(devices).filter((other) => other !== d);
  return upTo(viommus).flatMap((v) =>
    upTo(VSIDS).map((vsid) => {
      const value = vdevice(v, vsid);
      const unique = others.map((other) => `vdevice[${other}] != ${value}`);
      return option([`vdevice[${d}] == 0`, onSmmu(v, d % 2), ...unique], `vdevice[${d}] = ${value}`);
    }),
  );
}

function attachments(d: number, { viommus, hwpts }: Size): readonly string[] {
  const attach = upTo(hwpts).map((h) => {
    const onVdevice = (v: number) => or(upTo(VSIDS).map((vsid) => `vdevice[${d}] == ${vdevice(v, vsid)}`));
    const ways = upTo(viommus).map(
      (v) =>
        `(hwpt[${h}] >= ${nested(v, 0)} && hwpt[${h}] <= ${nested(v, TRANSLATE)} && smmu[${v}] == ${d % 2} && ` +
        `(hwpt[${h}] != ${nested(v, TRANSLATE)} || ${onVdevice(v)}))`,
    );
    return option([or([`hwpt[${h}] == ${paging(d % 2)}`, ...ways])], `attached[${d}] = ${h + 1}`);
  });
  return [...attach, option([`attached[${d}] != 0`], `attached[${d}] = 0`)];
}

function destructions({ devices, viommus, hwpts }: Size): readonly string[] {
  const isOn = (v: number, h: number) =>
    `(hwpt[${h}] >= ${nested(v, 0)} && hwpt[${h}] <= ${nested(v, TRANSLATE)})`;
  const translates = (h: number) => or(upTo(viommus).map((v) => `hwpt[${h}] == ${nested(v, TRANSLATE)}`));
  return [
    ...upTo(hwpts).map((h) => {
      const unattached = upTo(devices).map((d) => `attached[${d}] != ${h + 1}`);
      const childless = upTo(viommus).map((v) => `parent[${v}] != ${h + 1}`);
      return option([`hwpt[${h}] != 0`, ...unattached, ...childless], `hwpt[${h}] = 0`);
    }),
    ...upTo(viommus).map((v) => {
      const noNested = upTo(hwpts).map((h) => `!${isOn(v, h)}`);
      const noVdevice = upTo(devices).flatMap((d) =>
        upTo(VSIDS).map((vsid) => `vdevice[${d}] != ${vdevice(v, vsid)}`),
      );
      return option([`parent[${v}] != 0`, ...noNested, ...noVdevice], `parent[${v}] = 0`, `smmu[${v}] = 0`);
    }),
    ...upTo(devices).map((d) => {
      const idle = upTo(hwpts).map((h) => `!(attached[${d}] == ${h + 1} && ${translates(h)})`);
      return option([`vdevice[${d}] != 0`, ...idle], `vdevice[${d}] = 0`);
    }),
  ];
}
