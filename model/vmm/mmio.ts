import { decode, update } from '../../spec/bits.ts';
import { gbpa, strtabBaseCfg } from '../../spec/smmuv3/registers.ts';
import { giveVeventqs } from './backing.ts';
import { type ControlName, isWide, SMMUEN } from './control.ts';
import { changingTables, entriesMayBeFetched } from './held.ts';
import { putOnGbpa } from './place.ts';
import type { Vmm } from './process.ts';
import { consume } from './queue.ts';
import { configureThose, eachDevice } from './reconfigure.ts';
import { isEnabled } from './stream.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

const HALF = 0xffff_ffffn;

/** A guest's store to a register: all of it, or the half of a 64-bit one (0: low, 1: high). */
export function storeRegister(
  vmm: Vmm,
  index: number,
  name: ControlName,
  value: bigint,
  half: 0 | 1 | null,
): void {
  const { cr0 } = vsmmuAt(vmm, index);
  if (!vmm.tx.rules.vmm.takesWrite(name, cr0)) return;
  if (name === 'CR0') {
    storeCr0(vmm, index, Number(value & HALF));
    return;
  }
  if (name === 'GBPA') {
    storeGbpa(vmm, index, Number(value & HALF));
    return;
  }
  if (half !== null && isWide(name) && !vmm.tx.rules.vmm.takesHalves) return;
  changingTables(vmm, () => put(vmm, index, name, value, half));
  if (name === 'CMDQ_PROD') consume(vmm, index);
  if (name === 'GERRORN' && vmm.tx.rules.vmm.acknowledgeRestarts) consume(vmm, index);
}

function put(
  vmm: Vmm,
  index: number,
  name: Exclude<ControlName, 'CR0' | 'GBPA'>,
  value: bigint,
  half: 0 | 1 | null,
): void {
  const { control } = vsmmuAt(vmm, index);
  if (isWide(name)) {
    const old = control[name];
    const wide =
      half === null
        ? value
        : half === 0
          ? (old & ~HALF) | (value & HALF)
          : (old & HALF) | ((value & HALF) << 32n);
    changeVsmmu(vmm, index, { control: { ...control, [name]: wide } });
    return;
  }
  const narrow = Number(value & HALF);
  const changed = { ...control, [name]: narrow };
  const isTwoLevel = name === 'STRTAB_BASE_CFG' && decode(strtabBaseCfg, [value]).FMT === 1;
  changeVsmmu(vmm, index, { control: isTwoLevel ? { ...changed, twoLevels: narrow } : changed });
}

/** SMMUEN changes what every stream sees; when it is set, the stream table is read anew. */
function storeCr0(vmm: Vmm, index: number, value: number): void {
  const before = vsmmuAt(vmm, index);
  if (value !== before.cr0) changeVsmmu(vmm, index, { cr0: value });
  entriesMayBeFetched(vmm, index);
  if (((value ^ before.cr0) & SMMUEN) !== 0) {
    const { rules } = vmm.tx;
    const enabled = (value & SMMUEN) !== 0;
    configureThose(vmm, index, enabled ? rules.vmm.enableConfigures : rules.vmm.disableConfigures);
  }
  consume(vmm, index);
  giveVeventqs(vmm, index);
}

/** A write without UPDATE is ignored. */
function storeGbpa(vmm: Vmm, index: number, value: number): void {
  const { rules } = vmm.tx;
  const word = [BigInt(value)];
  if (decode(gbpa, word).UPDATE === 0 && rules.vmm.gbpaNeedsUpdate) return;
  changeVsmmu(vmm, index, { gbpa: Number(update(gbpa, word, { UPDATE: 0 })[0]) });
  const which = rules.vmm.gbpaConfigures(isEnabled(vsmmuAt(vmm, index)));
  if (which === 'none') return;
  const { named } = vsmmuAt(vmm, index);
  eachDevice(
    vmm,
    index,
    ({ device, vsid }) =>
      (which === 'named' && !named.includes(vsid)) || putOnGbpa(vmm, index, device) === null,
  );
}
