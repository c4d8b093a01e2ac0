import { code, type Page, table } from '../checker/pages/markdown.ts';
import { callText } from '../checker/render/values.ts';
import { violationOf } from '../checker/violation.ts';
import { composeRules, type Override } from '../model/rules.ts';
import { DESIGN_AXES } from '../overrides/index.ts';
import { ALL_PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import { scopeByName } from '../workload/scopes/index.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import type { Finding } from './vmm-findings.ts';
import { CLOUD_HYPERVISOR_FINDINGS, OPENVMM_FINDINGS } from './vmm-findings-others.ts';
import { QEMU_FINDINGS } from './vmm-findings-qemu.ts';

/*
 * docs/generated/vmms: a page for each VMM whose vSMMU is a design here, and one that compares them.
 */

interface VmmPage {
  /** The design's name on the `vmm` axis. */
  readonly design: string;
  readonly title: string;
  /** Which version, and how it was looked at. */
  readonly version: string;
  readonly findings: readonly Finding[];
  /** The value on the `smmu` axis that walks tables as its software does, for devices that no pSMMU serves. */
  readonly walker?: string;
  /** What the model does not say of it, and why. */
  readonly beyond: readonly string[];
}

const NO_EVENT =
  'No event for an entry that is invalid, illegal or not there: the kernel makes an abort of each (`arm_smmu_make_nested_domain_ste`), and the architecture records nothing for an abort. No VMM on this interface can tell its guest; the intended one does not either.';

/** Every VMM that has a page. */
export const VMMS: readonly VmmPage[] = [
  {
    design: 'qemu-11',
    title: 'QEMU 11.1.3',
    version:
      'Run: QEMU 11.1.3 (Debian 1:11.1.3+ds-1) on Linux 7.2.13, recorded in `conformance/recordings/qemu-vsmmu-11.1.3`. Read: `hw/arm/smmuv3-accel.c` and `hw/arm/smmuv3.c` at 13b941aaff48, `hw/vfio/iommufd.c`.',
    findings: QEMU_FINDINGS,
    walker: 'qemu-11',
    beyond: [
      NO_EVENT,
      'COHACC: the kernel does not bind a device of a pSMMU without it (`iommufd_device_bind()`, EINVAL), so that no guest can be behind one.',
      'That a device keeps its previous entry after a CFGI_STE which CERROR_ILL stopped is not held against it: until one is done, caches may have the entry. What is shown is that the command stops.',
      'That what EATS leads to is a stale ATC was not seen: no recorded device has one. That the host is given EATS was.',
      'The doorbell of MSIs: where QEMU looks it up is not part of the vSMMU that is modelled here.',
      'Fields that linux/iommufd.h does not list are read (OAS, IDR0.ATS), as by the others: what a VMM should ask instead is an open question, not a fault of one of them.',
    ],
  },
  {
    design: 'openvmm-2026-08',
    title: 'OpenVMM, August 2026',
    version:
      'Read: 1488a37b7cfe (2026-08-21), not run. Where a page here says "read", it was read twice, and no branch saves it.',
    findings: OPENVMM_FINDINGS,
    walker: 'openvmm-2026-08',
    beyond: [
      NO_EVENT,
      'A VMM that ends itself (panics) where even abort cannot be attached, or an object cannot be destroyed: a machine that is gone has no more steps here.',
      'A batch of commands of which the kernel counts some as done that it never issued (Linux 7.2: `invalidate-drops-converted`): as far as it was read, what is handed on cannot fail half-way. Latent.',
      "Halves of the IRQ_CFG0 registers: interrupts other than CMD_SYNC's are not modelled.",
      "Of its software walker: CR2.RECINVSID and memory that does not answer are not part of the emulated machine that `check` drives. The tests' configurations show these two (`test/overrides/deviations/smmu-openvmm.test.ts`).",
      'CMD_SYNC that writes an MSI although IDR0.MSI is 0, and the doorbell that is looked up in the guest’s stage 1 when a vector is programmed and never again: not verified.',
      'ID registers and pinned capabilities are not in its saved state: not verified.',
    ],
  },
  {
    design: 'cloud-hypervisor-2026-09',
    title: 'cloud-hypervisor, September 2026',
    version:
      'Read: `devices/src/smmuv3.rs` (07addbae1c66, pull request 8805), `devices/src/iommu/iommufd.rs` (43659ea3404c), not run. How its device manager wires them was not read: what is said of plug and unplug while a machine runs is not verified.',
    findings: CLOUD_HYPERVISOR_FINDINGS,
    beyond: [
      NO_EVENT,
      'That an endpoint is never unregistered, so that a device cannot come back to its StreamID: not verified.',
      'An invalidation that the kernel says it did not apply is warned of and counted as done: not verified.',
      'A CFGI_STE of a StreamID that no device has, whose entry cannot be read, stops the queue as well: the model looks for the device first.',
      'Clearing SMMUEN reads no entry (`configure_stream()`), so that an entry that cannot be read keeps nobody from GBPA then; setting it does.',
      'That later devices are not compared with the registers shows nowhere here: a device that differs is behind another pSMMU, which the kernel refuses.',
      'A snapshot that carries ID registers to a host that is not checked against them: migration with a vIOMMU is said to be refused.',
    ],
  },
];

/** The findings of every VMM by its design's name. */
export function findingsOf(design: string): readonly Finding[] {
  return VMMS.find((each) => each.design === design)?.findings ?? [];
}

const MEANING = {
  S1: 'isolation, stale translations, or the host',
  S2: 'what a guest sees is wrong',
  S3: 'a corner',
} as const;

function overridesOf(axis: string, value: string): readonly Override[] {
  return (
    DESIGN_AXES.find(({ name }) => name === axis)?.values.find(({ name }) => name === value)?.overrides ?? []
  );
}

function said({ deviation, kernel, scope, property, calls }: Finding): string {
  const rules = composeRules([...overridesOf('kernel', kernel ?? 'intended'), deviation]);
  const found = ALL_PROPERTIES.find(({ id }) => id === property) as Property;
  const violation = violationOf({ scope: scopeByName(scope) as Scope, rules }, found, calls);
  if (violation === null) throw new Error(`${deviation.name} does not break ${property}`);
  return violation.violation;
}

function findingText(vmm: VmmPage, finding: Finding): string {
  const { deviation, severity, confidence, property, scope, kernel, calls, inDesign, report } = finding;
  const steps = calls.map((call, at) => `${at + 1}  ${call.actor}  ${callText(call)}`);
  const more =
    inDesign === undefined
      ? []
      : [
          `In ${code(`vmm=${vmm.design}`)} as a whole it takes ${inDesign.length} commands:`,
          '',
          '```text',
          ...inDesign.map((call, at) => `${at + 1}  ${call.actor}  ${callText(call)}`),
          '```',
          '',
        ];
  return [
    `### ${deviation.name}`,
    '',
    `${severity} (${MEANING[severity]}), ${confidence}. Breaks ${code(property)} on ${code(scope)}${kernel === undefined ? '' : ` with ${code(`kernel=${kernel}`)}`}.`,
    '',
    report,
    '',
    '```text',
    ...steps,
    `=> ${said(finding)}`,
    '```',
    '',
    ...more,
    `Source: ${deviation.source}.`,
  ].join('\n');
}

/** How its software walks tables, beside the architecture. */
function walkerText(walker: string): readonly string[] {
  const rows = overridesOf('smmu', walker).map(({ name, summary, source }) => [code(name), summary, source]);
  return [
    '## Its emulated SMMUv3',
    '',
    `Devices that no physical SMMU serves are translated by software. In this model that is \`smmu=${walker}\`, and the tests have a configuration for each of these in which it and the architecture answer differently.`,
    '',
    table([['', 'what is not as the architecture has it', 'source'], ...rows]),
    '',
  ];
}

function pageOf(vmm: VmmPage): Page {
  const { title, version, findings, walker, beyond, design } = vmm;
  const rows = [
    ['', 'what a guest is not given', 'severity', 'confidence', 'commands'],
    ...findings.map(({ deviation, severity, confidence, calls }) => [
      `[${deviation.name}](#${deviation.name})`,
      deviation.summary,
      severity,
      confidence,
      String(calls.length),
    ]),
  ];
  return {
    path: `docs/generated/vmms/${design}.md`,
    content: `${[
      `# ${title}`,
      '',
      version,
      '',
      `In this model it is the design ${code(`vmm=${design}`)}: \`npx nestcheck check --design vmm=${design}\`. Each row is a deviation from what a guest is promised by the architecture and by the kernel's interface; its sequence is the shortest that is known, with that deviation alone. A paragraph says what happens in words that could be sent to its developers. None of this says that another VMM is better: [all of them compared](README.md).`,
      '',
      table(rows),
      '',
      ...findings.flatMap((finding) => [findingText(vmm, finding), '']),
      ...(walker === undefined ? [] : walkerText(walker)),
      '## What is not shown',
      '',
      ...beyond.map((each) => `- ${each}`),
    ].join('\n')}\n`,
  };
}

/** One row a deviation, one column a VMM; the intended design has none. */
function comparison(): Page {
  const deviations = new Map<string, Override>();
  for (const { findings } of VMMS)
    for (const { deviation } of findings) deviations.set(deviation.name, deviation);
  const head = ['', 'intended', ...VMMS.map(({ design }) => `[${design}](${design}.md)`)];
  const properties = [
    ...new Set(VMMS.flatMap(({ findings }) => findings.map(({ property }) => property))),
  ].sort();
  const rows = properties.map((id) => [
    code(id),
    'holds',
    ...VMMS.map(({ design, findings }) => {
      const broken = findings.filter(({ property }) => property === id);
      if (broken.length === 0) return 'no violation known';
      return broken
        .map(
          ({ deviation, severity, calls }) =>
            `[${severity}, ${calls.length}](${design}.md#${deviation.name})`,
        )
        .join('; ');
    }),
  ]);
  return {
    path: 'docs/generated/vmms/README.md',
    content: `${[
      '# Three vSMMUs on iommufd',
      '',
      'QEMU, OpenVMM and cloud-hypervisor have each built a vSMMU whose stage 1 a physical SMMU walks. Each is a design of this model, and this is what each gives up of what a guest is promised. A cell has the severity and the length of the shortest sequence that shows it, and leads to it; the pages say which version was read or run, and how sure each finding is. "No violation known" is no more than that.',
      '',
      table([head, ...rows]),
      '',
      'S1: isolation, stale translations, or the host; S2: what a guest sees is wrong; S3: a corner.',
      '',
      `How many deviations: ${VMMS.map(({ title, findings }) => `${title} ${findings.length}`).join(', ')}. The numbers compare what was looked at, not who is right: QEMU was run and recorded, the others were read. What the three decided differently where no rule says who is right is in the [decisions](../decisions/vmms.md).`,
    ].join('\n')}\n`,
  };
}

/** Every page about VMMs. */
export function vmmPages(): readonly Page[] {
  return [comparison(), ...VMMS.map(pageOf)];
}
