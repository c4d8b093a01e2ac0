import type { DeviceHardware, IommuHardware, Platform } from '../model/platform/platform.ts';
import { decode, nameOfValue } from '../spec/bits.ts';
import { type IdRegisterName, type IdRegisterValues, idRegisters } from '../spec/smmuv3/id-registers.ts';
import { specifiedRegisters } from '../spec/vsmmu/registers.ts';
import { changesText } from '../workload/scopes/platform-changes.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { wrap } from './render/layout.ts';
import { hex } from './trace/values.ts';

/** What is on a scope's platform: IOMMUs with their registers decoded, devices, ITSes, virtual machines, memory. */
export function describeScope({ name, summary, adversary, platform, changes }: Scope): string {
  const { iommus, devices, its, vms, vmHardware = [], userMemory, mediated = [] } = platform;
  return [
    ...wrap(`${name}: ${summary}`, 2),
    `The adversary is the ${adversary === 'vmm' ? 'VMM: the kernel must hold' : 'guest: VMM and kernel must hold'}.`,
    ...section('Changed', changesText(changes)),
    ...section('IOMMUs', iommus.flatMap(iommuLines)),
    ...section(
      'Devices',
      devices.flatMap((device) => deviceLines(device, platform)),
    ),
    ...section('Mediated devices', mediated),
    ...section(
      'ITSes',
      its.map(({ doorbell, doorbellPages = 1, untranslated, unisolated }, at) =>
        [
          `its${at}: doorbell ${hex(doorbell)}, ${doorbellPages} page${doorbellPages === 1 ? '' : 's'}`,
          ...(untranslated === true ? ['not translated'] : []),
          ...(unisolated === true ? ['not isolated'] : []),
        ].join(', '),
      ),
    ),
    ...section(
      'Virtual machines',
      vms.flatMap((vm) => {
        const hardware = vmHardware.find((each) => each.vm === vm);
        if (hardware === undefined) return [`${vm}: its VMM (vmm:${vm}) does as it pleases`];
        return [
          `${vm}: a VMM and a guest (guest:${vm}), operated by operator`,
          ...hardware.vsmmus.flatMap((properties, at) => [
            `  vSMMU ${at}: ${propertiesText(properties)}`,
            ...registerLines(specifiedRegisters(properties), '    '),
          ]),
          ...(hardware.ram ?? []).map(({ start, pages }) => `  RAM at ${hex(start)}, ${pages} pages`),
          ...(hardware.vits === null ? ['  no virtual ITS'] : []),
          ...(hardware.vits === undefined || hardware.vits === null
            ? []
            : [`  virtual ITS at ${hex(hardware.vits.start)}, ${hardware.vits.pages} pages`]),
        ];
      }),
    ),
    ...section(
      'Memory of each VMM process',
      userMemory.map(
        ({ start, last, writable }) =>
          `${hex(start)}..${hex(last)}, ${writable ? 'readable and writable' : 'read-only'}`,
      ),
    ),
    ...section('Of its own', ownParts(platform)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.flatMap((line) => wrap(`  ${line}`, 6))];
}

function iommuLines({ kind, name, idr, iidr, aidr, vtd }: IommuHardware, at: number): readonly string[] {
  const head = `${at}: ${name}, ${kind}`;
  if (vtd !== undefined) return [`${head}, CAP ${hex(vtd.cap)}, ECAP ${hex(vtd.ecap)}`];
  if (kind !== 'smmuv3') return [head];
  const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = idr;
  return [head, ...registerLines({ IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR: iidr, AIDR: aidr }, '  ')];
}

/** Each register that is not zero, its fields by the architecture's names. */
function registerLines(values: IdRegisterValues, margin: string): readonly string[] {
  return (Object.keys(idRegisters) as IdRegisterName[])
    .filter((name) => values[name] !== 0)
    .map((name) => {
      const of = idRegisters[name];
      const record: Readonly<Record<string, number | bigint>> = decode(of, [BigInt(values[name])]);
      const fields = Object.entries(of.fields).flatMap(([field, layout]) => {
        const value = record[field] ?? 0;
        if (BigInt(value) === 0n) return [];
        const word = typeof value === 'number' ? nameOfValue(layout, value) : undefined;
        return [`${field}=${word ?? value}`];
      });
      return `${margin}${name} 0x${values[name].toString(16)}: ${fields.join(' ')}`;
    });
}

function deviceLines(device: DeviceHardware, { iommus }: Platform): readonly string[] {
  const {
    id,
    host = 0,
    iommu,
    group,
    streamIds,
    canwbs,
    ats,
    pasidBits,
    pageRequests,
    msiVectors,
    its,
  } = device;
  const ids = streamIds.map((streamId) => `0x${streamId.toString(16)}`).join(', ');
  return [
    [
      `${id}: behind ${iommus[iommu]?.name ?? iommu}`,
      `group ${group}`,
      `StreamID ${ids}`,
      ...(host === 0 ? [] : [`host ${host}`]),
      ...(canwbs ? ['CANWBS'] : ['no CANWBS']),
      ...(ats === true ? ['ATS'] : []),
      ...(pasidBits === undefined ? [] : [`PASIDs of ${pasidBits} bits`]),
      ...(pageRequests === undefined ? [] : [`${pageRequests} page requests`]),
      ...(msiVectors === 0 ? [] : [`${msiVectors} MSI vectors to its${its}`]),
    ].join(', '),
  ];
}

function propertiesText(properties: object): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}

/** Parts that have machines of their own. */
function ownParts({
  pasid,
  emulated,
  emulatedVtd,
  notifiers,
  legacy,
  caches,
  probes,
}: Platform): readonly string[] {
  return [
    ...(caches === true ? ["caches, guests' tables and DMA are followed"] : []),
    ...(probes === true ? ['devices can be taken away and found again'] : []),
    ...(pasid === undefined ? [] : ['devices with PASIDs (docs/pasid.md)']),
    ...(emulated === undefined ? [] : ["a VMM's emulated SMMUv3"]),
    ...(emulatedVtd === undefined ? [] : ["a VMM's emulated VT-d unit"]),
    ...(notifiers === undefined ? [] : ["an emulated IOMMU whose guest's mappings its VMM repeats"]),
    ...(legacy === undefined ? [] : ["VFIO's old containers (docs/pasid.md)"]),
  ];
}
