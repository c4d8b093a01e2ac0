import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { contextOfFd, hex, objectOf } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The IOVA range and the IOAS of a mapping that the kernel placed itself; null for other steps. */
function placed({ before, command, result }: Transition) {
  if (command.command !== 'ioasMap' || !result.ok || (command.args.flags & IOAS_MAP.FIXED_IOVA) !== 0)
    return null;
  const context = contextOfFd(before, command.actor, command.args.fd);
  const ioas = context === null ? null : objectOf(context, command.args.ioasId, 'ioas');
  if (ioas === null) return null;
  const start = BigInt(result.out.iova as bigint);
  return { start, last: start + command.args.length - 1n, iopt: ioas.iopt };
}

export const automaticIovaIsAllowed: StepProperty = {
  id: 'automatic-iova-is-allowed',
  sentence: 'An IOVA that the kernel chooses is not 0, is free, and is in an allowed range if there are any.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_IOAS_ALLOW_IOVAS; iommufd: Prevent ALIGN() overflow (2025-07)',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'iova-align-overflow',
  violated(transition) {
    const range = placed(transition);
    if (range === null) return null;
    const { start, last, iopt } = range;
    const at = `${hex(start)}..${hex(last)}`;
    if (start === 0n) return `the kernel chose IOVA 0 (${at})`;
    if (iopt.areas.some((area) => area.start <= last && start <= area.last))
      return `the kernel chose ${at}, in use`;
    if (iopt.allowed.length === 0) return null;
    const inside = iopt.allowed.some((range) => range.start <= start && last <= range.last);
    return inside ? null : `the kernel chose ${at}, outside the allowed ranges`;
  },
  witness: (transition) => (placed(transition)?.iopt.allowed.length ?? 0) > 0,
};
