import type { Words } from '../../model/world/command.ts';
import { encode } from '../../spec/bits.ts';
import { Eats, S1Dss, S1Fmt, type Ste, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { type Draw, pick } from './choice.ts';

/** The two words of a stream table entry that a guest gives (iommufd.h: struct iommu_hwpt_arm_smmuv3). */
export function vste(fields: Partial<Ste>): Words {
  return encode(ste, fields).slice(0, 2);
}

const translate = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: 0x4_0000n } as const;

/** Entries with which a guest's stage 1 translates. */
const TRANSLATING: readonly Words[] = [
  vste(translate),
  vste({ ...translate, S1ContextPtr: 0x8_0000n }),
  vste({ ...translate, EATS: Eats.Translated }),
  vste({ ...translate, S1CDMax: 4, S1DSS: S1Dss.Substream0, S1Fmt: S1Fmt.TwoLevel64K }),
  vste({ ...translate, S1CIR: 1, S1COR: 1, S1CSH: 3, S1STALLD: 1 }),
];

/** Entries that are accepted and translate nothing; V=0 is, whatever else it says. */
const OTHER: readonly Words[] = [
  vste({ V: 1, Config: SteConfig.Bypass }),
  vste({ V: 1, Config: SteConfig.Abort }),
  vste({ V: 0 }),
  vste({ V: 0, Config: SteConfig.Nested, EATS: Eats.SplitStage }),
];

/** A bit of the first doubleword that no field has. */
const NO_FIELD = 1n << 55n;

/** Entries with what only the host may decide: stage 2, split-stage ATS, its own fields; or in no legal Config. */
const REFUSED: readonly Words[] = [
  vste({ V: 1, Config: SteConfig.S2Trans }),
  vste({ ...translate, Config: SteConfig.Nested }),
  vste({ V: 1, Config: 0b001 }),
  vste({ ...translate, EATS: Eats.SplitStage }),
  vste({ ...translate, S2FWB: 1 }),
  vste({ ...translate, MEV: 1 }),
  [(vste(translate)[0] ?? 0n) | NO_FIELD, 0n],
];

/** The words of a guest's stream table entry, mostly one that translates. */
export function drawVste(draw: Draw): Words {
  const kind = draw(16);
  if (kind === 0) return pick(REFUSED, draw);
  return kind < 5 ? pick(OTHER, draw) : pick(TRANSLATING, draw);
}
