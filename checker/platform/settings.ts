import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import type { LegacyIommu } from '../../model/platform/legacy.ts';
import type { PasidPlatform } from '../../model/platform/pasid.ts';
import type {
  DeviceHardware,
  IommuHardware,
  Its,
  KernelConfig,
  Platform,
  VtdRegisters,
} from '../../model/platform/platform.ts';
import {
  ALLOCATIONS,
  ENTRY_FORMS,
  GRANULARITIES,
  type IommuHardware as PasidHardware,
  TABLE_POINTERS,
} from '../../spec/pasid/hardware.ts';
import { ID_REGISTER_NAMES, IDR_NAMES, idRegisters } from '../../spec/smmuv3/id-registers.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';
import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import { type Fields, flag, number, oneOf, register, someOf, u64 } from './fields.ts';

/** What a setting can name on a platform, by its first word: `smmu0`, `vsmmu0`, `dev1`, `kernel`. */
export type Target = Fields<Platform>;

/** The fields of a part, as fields of the platform that has it. */
function within<T>(
  fields: Fields<T>,
  get: (platform: Platform) => T | undefined,
  put: (platform: Platform, part: T) => Platform,
): Target {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { expected, set }]) => [
      name,
      {
        expected,
        set: (platform: Platform, text: string) => {
          const part = get(platform);
          const changed = part === undefined ? null : set(part, text);
          return changed === null ? null : put(platform, changed);
        },
      },
    ]),
  );
}

function replaced<T>(list: readonly T[], at: number, by: T): readonly T[] {
  return list.map((each, index) => (index === at ? by : each));
}

const SMMU_FIELDS: Fields<IommuHardware> = {
  ...Object.assign(
    {},
    ...IDR_NAMES.map((name, at) =>
      register<IommuHardware>(
        name,
        idRegisters[name],
        32,
        ({ idr }) => BigInt(idr[at] ?? 0),
        (of, word) => ({ ...of, idr: replaced(of.idr, at, Number(word)) }),
      ),
    ),
  ),
  ...register<IommuHardware>(
    'IIDR',
    idRegisters.IIDR,
    32,
    ({ iidr }) => BigInt(iidr),
    (of, word) => ({ ...of, iidr: Number(word) }),
  ),
  ...register<IommuHardware>(
    'AIDR',
    idRegisters.AIDR,
    32,
    ({ aidr }) => BigInt(aidr),
    (of, word) => ({ ...of, aidr: Number(word) }),
  ),
};

const NO_REGISTERS: VtdRegisters = { cap: 0n, ecap: 0n };

/** The capability registers of a VT-d unit, of whatever has them. */
function vtdFields<T>(
  get: (of: T) => VtdRegisters | undefined,
  put: (of: T, registers: VtdRegisters) => T,
): Fields<T> {
  const registers = (of: T) => get(of) ?? NO_REGISTERS;
  return {
    ...register<T>(
      'CAP',
      cap,
      64,
      (of) => registers(of).cap,
      (of, word) => put(of, { ...registers(of), cap: word }),
    ),
    ...register<T>(
      'ECAP',
      ecap,
      64,
      (of) => registers(of).ecap,
      (of, word) => put(of, { ...registers(of), ecap: word }),
    ),
  };
}

const VTD_FIELDS: Fields<IommuHardware> = vtdFields(
  ({ vtd }) => vtd,
  (of, vtd) => ({ ...of, vtd }),
);

const VSMMU_FIELDS: Fields<VsmmuProperties> = {
  oas: number('oas', 0, 6, AddressSize),
  ssidSize: number('ssidSize', 0, 20),
  ril: flag('ril'),
  ats: flag('ats'),
  cmdqv: flag('cmdqv'),
  auto: someOf('auto', ['oas', 'ssidSize', 'ril', 'ats']),
};

const DEVICE_FIELDS: Fields<DeviceHardware> = {
  group: number('group', 0, 1023),
  host: number('host', 0, 3),
  canwbs: flag('canwbs'),
  ats: flag('ats'),
  pasidBits: number('pasidBits', 1, 20),
  pageRequests: number('pageRequests', 1, 1024),
  resets: flag('resets'),
  vfioResets: flag('vfioResets'),
  intx: flag('intx'),
  vga: flag('vga'),
  msiVectors: number('msiVectors', 0, 32),
};

const ITS_FIELDS: Fields<Its> = {
  doorbell: u64('doorbell'),
  doorbellPages: number('doorbellPages', 1, 256),
  untranslated: flag('untranslated'),
  unisolated: flag('unisolated'),
};

const KERNEL_FIELDS: Fields<KernelConfig> = {
  pageSize: u64('pageSize'),
  maxIovaAlignment: u64('maxIovaAlignment'),
  capSysResource: flag('capSysResource'),
  allowUnsafeInterrupts: flag('allowUnsafeInterrupts'),
};

const LEGACY_FIELDS: Fields<LegacyIommu> = {
  stage1: flag('stage1'),
  stage2: flag('stage2'),
  nestingAttribute: flag('nestingAttribute'),
  pageSize: u64('pageSize'),
  lastIova: u64('lastIova'),
  enforcesCoherency: flag('enforcesCoherency'),
};

const HARDWARE_FIELDS: Fields<PasidHardware> = {
  withPasid: someOf('withPasid', ENTRY_FORMS),
  withoutPasid: someOf('withoutPasid', ENTRY_FORMS),
  stage2Root: oneOf('stage2Root', GRANULARITIES),
  nestingAttribute: oneOf('nestingAttribute', GRANULARITIES),
  pasidTable: oneOf('pasidTable', TABLE_POINTERS),
  allocation: oneOf('allocation', ALLOCATIONS),
  slicesTagged: flag('slicesTagged'),
  translatesPasids: flag('translatesPasids'),
};

const PASID_FIELDS: Fields<PasidPlatform> = {
  pasids: number('pasids', 1, 64),
  guestPasids: number('guestPasids', 1, 64),
  ramPages: number('ramPages', 1, 64),
  iovaPages: number('iovaPages', 1, 64),
  guestTables: number('guestTables', 1, 64),
};

const KNOWN = new WeakMap<Platform, ReadonlyMap<string, Target>>();

/** Everything of a platform that a setting can name, by first word. */
export function targetsOf(platform: Platform): ReadonlyMap<string, Target> {
  const known = KNOWN.get(platform) ?? targetsIn(platform);
  KNOWN.set(platform, known);
  return known;
}

function targetsIn(platform: Platform): ReadonlyMap<string, Target> {
  const { iommus, devices, its, vmHardware = [], emulated, emulatedVtd, legacy, pasid } = platform;
  const targets = new Map<string, Target>();
  targets.set(
    'kernel',
    within(
      KERNEL_FIELDS,
      ({ kernel }) => kernel,
      (of, kernel) => ({ ...of, kernel }),
    ),
  );
  for (const [at, { kind, name }] of iommus.entries()) {
    const fields = kind === 'smmuv3' ? SMMU_FIELDS : kind === 'vtd' ? VTD_FIELDS : {};
    const target = within(
      fields,
      (of) => of.iommus[at],
      (of, smmu) => ({ ...of, iommus: replaced(of.iommus, at, smmu) }),
    );
    targets.set(name, target);
  }
  for (const [at, { id }] of devices.entries()) {
    const fields: Fields<DeviceHardware> = {
      ...DEVICE_FIELDS,
      iommu: number('iommu', 0, iommus.length - 1, namesOf(iommus)),
      its: number(
        'its',
        0,
        its.length - 1,
        Object.fromEntries(its.map((_, index) => [`its${index}`, index])),
      ),
    };
    const target = within(
      fields,
      (of) => of.devices[at],
      (of, device) => ({ ...of, devices: replaced(of.devices, at, device) }),
    );
    targets.set(id, target);
  }
  for (const at of its.keys())
    targets.set(
      `its${at}`,
      within(
        ITS_FIELDS,
        (of) => of.its[at],
        (of, each) => ({ ...of, its: replaced(of.its, at, each) }),
      ),
    );
  const most = Math.max(0, ...vmHardware.map(({ vsmmus }) => vsmmus.length));
  for (let vsmmu = 0; vsmmu < most; vsmmu++) targets.set(`vsmmu${vsmmu}`, vsmmuTarget(platform, null, vsmmu));
  for (const [vm, { vm: name, vsmmus }] of vmHardware.entries())
    targets.set(
      name,
      Object.assign(
        {},
        ...vsmmus.map((_, vsmmu) =>
          Object.fromEntries(
            Object.entries(vsmmuTarget(platform, vm, vsmmu)).map(([field, each]) => [
              `vsmmu${vsmmu}.${field}`,
              each,
            ]),
          ),
        ),
      ),
    );
  if (emulated !== undefined) targets.set('emulated', EMULATED);
  if (emulatedVtd !== undefined) targets.set('emulatedVtd', EMULATED_VTD);
  for (const [at, { name }] of (legacy?.iommus ?? []).entries())
    targets.set(
      name,
      within(
        LEGACY_FIELDS,
        (of) => of.legacy?.iommus[at],
        (of, iommu) =>
          of.legacy === undefined
            ? of
            : { ...of, legacy: { ...of.legacy, iommus: replaced(of.legacy.iommus, at, iommu) } },
      ),
    );
  if (pasid !== undefined) targets.set('pasid', PASID);
  return targets;
}

function namesOf(iommus: readonly IommuHardware[]): Readonly<Record<string, number>> {
  return Object.fromEntries(iommus.map(({ name }, at) => [name, at]));
}

/** A vSMMU of one virtual machine, or (`vm` null) that of this number in each that has one. */
function vsmmuTarget(platform: Platform, vm: number | null, vsmmu: number): Target {
  const names = platform.iommus.map(({ name }) => name);
  const fields: Fields<VsmmuProperties> = { ...VSMMU_FIELDS, iommu: oneOf('iommu', names) };
  return Object.fromEntries(
    Object.entries(fields).map(([name, { expected, set }]) => [
      name,
      {
        expected,
        set: (of: Platform, text: string) => {
          let isRead = true;
          const vmHardware = (of.vmHardware ?? []).map((machine, at) => {
            const properties = machine.vsmmus[vsmmu];
            if (properties === undefined || (vm !== null && vm !== at)) return machine;
            const changed = set(properties, text);
            if (changed === null) isRead = false;
            return changed === null
              ? machine
              : { ...machine, vsmmus: replaced(machine.vsmmus, vsmmu, changed) };
          });
          return isRead ? { ...of, vmHardware } : null;
        },
      },
    ]),
  );
}

const EMULATED: Target = Object.assign(
  {},
  ...ID_REGISTER_NAMES.map((name) =>
    register<Platform>(
      name,
      idRegisters[name],
      32,
      ({ emulated }) => BigInt(emulated?.registers[name] ?? 0),
      (of, word) =>
        of.emulated === undefined
          ? of
          : {
              ...of,
              emulated: { ...of.emulated, registers: { ...of.emulated.registers, [name]: Number(word) } },
            },
    ),
  ),
);

const EMULATED_VTD_FIELDS: Fields<EmulatedVtdHardware> = {
  ...vtdFields<EmulatedVtdHardware>(
    (of) => of,
    (of, registers) => ({ ...of, ...registers }),
  ),
  hostAddressWidth: number('hostAddressWidth', 30, 52),
};

const EMULATED_VTD: Target = within(
  EMULATED_VTD_FIELDS,
  ({ emulatedVtd }) => emulatedVtd,
  (of, emulatedVtd) => ({ ...of, emulatedVtd }),
);

const PASID: Target = {
  ...within(
    PASID_FIELDS,
    ({ pasid }) => pasid,
    (of, pasid) => ({ ...of, pasid }),
  ),
  ...within(
    HARDWARE_FIELDS,
    ({ pasid }) => pasid?.hardware,
    (of, hardware) => (of.pasid === undefined ? of : { ...of, pasid: { ...of.pasid, hardware } }),
  ),
};

/** What a vSMMU's properties are set by, in a platform file: without a platform around them. */
export function setVsmmu(properties: VsmmuProperties, name: string, text: string): VsmmuProperties | string {
  const fields: Fields<VsmmuProperties> = {
    ...VSMMU_FIELDS,
    iommu: { expected: 'the name of an IOMMU', set: (of, iommu) => ({ ...of, iommu }) },
  };
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined)
    return `unknown property '${name}' of a vSMMU; known: ${Object.keys(fields).join(', ')}`;
  return field.set(properties, text) ?? `${name}: expected ${field.expected}`;
}
