import type { Override } from '../../../model/rules.ts';
import { intended } from '../../../model/rules.ts';
import type { HostIommu } from '../../../model/vmm/vm.ts';
import { update } from '../../../spec/bits.ts';
import {
  type IdRegisterName,
  type IdRegisterValues,
  idr0,
  idr1,
  idr3,
} from '../../../spec/smmuv3/id-registers.ts';
import { fieldOf } from '../../../spec/vsmmu/field-rule.ts';
import { specifiedRegisters, type VsmmuProperties } from '../../../spec/vsmmu/registers.ts';

/** Where each field stands that is read of a pSMMU. */
const REGISTER = {
  TTF: 'IDR0',
  ATS: 'IDR0',
  TTENDIAN: 'IDR0',
  ST_LEVEL: 'IDR0',
  SIDSIZE: 'IDR1',
  SSIDSIZE: 'IDR1',
  RIL: 'IDR3',
  OAS: 'IDR5',
  GRAN4K: 'IDR5',
  GRAN16K: 'IDR5',
  GRAN64K: 'IDR5',
} as const satisfies Readonly<Record<string, IdRegisterName>>;

type Named = keyof typeof REGISTER;

function fieldNamed(registers: IdRegisterValues, field: Named): number {
  return fieldOf(registers, { register: REGISTER[field], field });
}

/** Fields that must be equal, that the host must not have more of, and that it must not have less of. */
const EQUAL = ['ST_LEVEL', 'GRAN4K', 'GRAN16K', 'GRAN64K'] as const satisfies readonly Named[];
const AT_MOST = ['TTENDIAN'] as const satisfies readonly Named[];
const AT_LEAST = ['TTF', 'SIDSIZE', 'SSIDSIZE', 'RIL', 'OAS', 'ATS'] as const satisfies readonly Named[];

/** smmuv3_accel_check_hw_compatible() */
function objections(vsmmu: IdRegisterValues, { registers }: HostIommu): readonly string[] {
  if (registers === null) return ['no SMMUv3'];
  const own = (field: Named): number => fieldNamed(vsmmu, field);
  const host = (field: Named): number => fieldNamed(registers, field);
  return [
    ...EQUAL.filter((field) => own(field) !== host(field)),
    ...AT_MOST.filter((field) => host(field) > own(field)),
    ...AT_LEAST.filter((field) => host(field) < own(field)),
  ].map((field) => `${field}=${own(field)} (the pSMMU: ${host(field)})`);
}

/** What a vSMMU always advertises in the same way is not asked of the host; what the VMM emulates is. */
export const fixedFieldsUnchecked: Override = {
  name: 'fixed-fields-unchecked',
  kind: 'deviation',
  summary: 'ASID16, STALL_MODEL, COHACC, HAD and BBML of a pSMMU are not compared with what is advertised',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_check_hw_compatible()',
  rules: { vmm: { plugObjections: objections } },
};

/** ST_LEVEL must be 1 and SIDSIZE 16 at least, although stream table and StreamIDs are the VMM's own. */
export const emulatedFieldsCompared: Override = {
  name: 'emulated-fields-compared',
  kind: 'deviation',
  summary:
    'a device is refused because of the stream table formats or StreamID bits of its pSMMU, which the VMM emulates',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_check_hw_compatible()',
  rules: {
    vmm: {
      plugObjections: (registers, iommu, properties, pinned) => [
        ...intended.vmm.plugObjections(registers, iommu, properties, pinned),
        ...objections(registers, iommu).filter((text) => /^(ST_LEVEL|SIDSIZE)=/.test(text)),
      ],
    },
  },
};

/** `auto`: as the first device's pSMMU has it; without one the machine does not start (smmuv3_accel_machine_done()). */
export const autoAsFirstDevice: Override = {
  name: 'auto-as-first-device',
  kind: 'deviation',
  summary: 'a vSMMU with a property set to auto does not boot without a device',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_auto_finalise(), smmuv3_accel_machine_done()',
  rules: {
    vmm: {
      registers(properties, present) {
        const base = { ...withVmid16(specifiedRegisters(properties)) };
        const { auto = [] } = properties;
        if (auto.length === 0) return base;
        const host = present.find(({ here, registers }) => here && registers !== null)?.registers;
        return host === undefined || host === null ? null : inherit(base, host, auto);
      },
    },
  },
};

/** 16-bit VMIDs are advertised, which means nothing without stage 2. */
function withVmid16(registers: IdRegisterValues): IdRegisterValues {
  return { ...registers, IDR0: Number(update(idr0, [BigInt(registers.IDR0)], { VMID16: 1 })[0]) };
}

function inherit(
  base: IdRegisterValues,
  host: IdRegisterValues,
  auto: NonNullable<VsmmuProperties['auto']>,
): IdRegisterValues {
  const from = (field: Named): number => fieldNamed(host, field);
  const word = (value: number): readonly bigint[] => [BigInt(value)];
  const only = ([value = 0n]: readonly bigint[]): number => Number(value);
  return {
    ...base,
    ...(auto.includes('ats') ? { IDR0: only(update(idr0, word(base.IDR0), { ATS: from('ATS') })) } : {}),
    ...(auto.includes('ssidSize')
      ? { IDR1: only(update(idr1, word(base.IDR1), { SSIDSIZE: from('SSIDSIZE') })) }
      : {}),
    ...(auto.includes('ril') ? { IDR3: only(update(idr3, word(base.IDR3), { RIL: from('RIL') })) } : {}),
  };
}
