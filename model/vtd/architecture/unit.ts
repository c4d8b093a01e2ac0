import { decode } from '../../../spec/bits.ts';
import { cap, ecap } from '../../../spec/vtd/registers.ts';

/** A remapping unit as its capability registers describe it (VT-d 11.4.2, 11.4.3), read once for many translations. */
export interface VtdUnit {
  /** Bits of a host-physical address. */
  readonly hostBits: number;
  /** Bits of a second stage's input that the unit takes at most (CAP_REG.MGAW + 1). */
  readonly inputBits: number;
  /** Bit n: second-stage tables of n + 2 levels. */
  readonly levels: number;
  readonly secondStage2M: boolean;
  readonly secondStage1G: boolean;
  readonly firstStage1G: boolean;
  readonly fiveLevels: boolean;
  readonly domainIdBits: number;
  readonly scalable: boolean;
  readonly firstStage: boolean;
  readonly secondStage: boolean;
  readonly nesting: boolean;
  readonly passThrough: boolean;
  readonly deviceTlb: boolean;
  /** Invalidations of device TLBs can be told which physical function is behind them; else PFSID is reserved. */
  readonly deviceTlbThrottling: boolean;
  readonly snoopControl: boolean;
  readonly pasids: boolean;
  readonly pageRequests: boolean;
  /** Wait descriptors can ask for it; else their PD is reserved. */
  readonly pageRequestDrain: boolean;
  readonly supervisorRequests: boolean;
  readonly executeRequests: boolean;
  readonly extendedAccessed: boolean;
  readonly secondStageFlags: boolean;
  /** Requests without a PASID are served by the entry that RID_PASID names; else by entry 0. */
  readonly ridPasid: boolean;
  readonly abortDma: boolean;
}

/** CAP_REG, ECAP_REG, and the width of the host's addresses, which firmware reports (DMAR table, HAW). */
export interface VtdUnitRegisters {
  readonly cap: bigint;
  readonly ecap: bigint;
  readonly hostAddressWidth: number;
}

export function vtdUnitOf({ cap: capWord, ecap: ecapWord, hostAddressWidth }: VtdUnitRegisters): VtdUnit {
  const c = decode(cap, [capWord]);
  const e = decode(ecap, [ecapWord]);
  return {
    hostBits: hostAddressWidth,
    inputBits: c.MGAW + 1,
    levels: c.SAGAW,
    secondStage2M: (c.SSLPS & 1) !== 0,
    secondStage1G: (c.SSLPS & 2) !== 0,
    firstStage1G: c.FS1GP === 1,
    fiveLevels: c.FS5LP === 1,
    domainIdBits: 4 + 2 * c.ND,
    scalable: e.SMTS === 1,
    firstStage: e.FSTS === 1,
    secondStage: e.SSTS === 1,
    nesting: e.NEST === 1,
    passThrough: e.PT === 1,
    deviceTlb: e.DT === 1,
    deviceTlbThrottling: e.DIT === 1,
    snoopControl: e.SC === 1,
    pasids: e.PASID === 1,
    pageRequests: e.PRS === 1,
    pageRequestDrain: e.PDS === 1,
    supervisorRequests: e.SRS === 1,
    executeRequests: e.ERS === 1,
    extendedAccessed: e.EAFS === 1,
    secondStageFlags: e.SSADS === 1,
    ridPasid: e.RPS === 1,
    abortDma: e.ADMS === 1,
  };
}

/** Whether second-stage tables may have the levels that an AW field counts. */
export function hasWidth({ levels }: VtdUnit, addressWidth: number): boolean {
  return addressWidth < 5 && ((levels >> addressWidth) & 1) === 1;
}
