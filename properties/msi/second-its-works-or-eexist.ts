import type { PageRange } from '../../model/platform/platform.ts';
import type { World } from '../../model/world/world.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, vmOfCommand } from '../vmm/look.ts';
import { fitsBehind, hasItsesBehindOne } from './platforms.ts';

/** The calls that may say that a doorbell's place is taken. */
const DOCUMENTED: ReadonlySet<string> = new Set(['ioasMapMsi', 'ioasMap', 'vfioSetIrqs']);

/** The ITS of a device, by index; null where it has nothing to do with a machine's virtual one: no room, or no need. */
function itsOf({ platform }: World, id: string, vits: PageRange): number | null {
  const device = platform.devices.find((each) => each.id === id);
  const its = platform.its[device?.its ?? -1];
  return device === undefined || its === undefined || !fitsBehind(its, vits) ? null : device.its;
}

/** The device of a step that plugs it, or switches a vector on, beside one of another ITS in the same machine. */
function besideAnother(transition: Transition): string | null {
  const vm = vmOfCommand(transition.before, transition);
  const plug = argsOf(transition, 'plug');
  const enable = argsOf(transition, 'enableVector');
  const devices = vm?.vsmmus.flatMap((vsmmu) => vsmmu.devices) ?? [];
  const on = enable === null ? undefined : vm?.vsmmus[enable.vsmmu]?.devices;
  const id = plug?.device ?? on?.find(({ vsid }) => vsid === enable?.vsid)?.device;
  if (vm === null || id === undefined) return null;
  const vits = transition.before.platform.vmHardware?.find((each) => each.vm === vm.name)?.vits ?? null;
  const its = vits === null ? null : itsOf(transition.before, id, vits);
  if (vits === null || its === null) return null;
  const other = devices.some(
    ({ device }) => device !== id && (itsOf(transition.before, device, vits) ?? its) !== its,
  );
  return other ? id : null;
}

/** The last of the VMM's calls that was refused and cost the machine something. */
function refusedCall({ effects }: Transition): { readonly name: string; readonly errno: string } | null {
  const at = effects.findIndex(({ kind }) => kind === 'vmmRefusal');
  for (const effect of effects.slice(0, Math.max(at, 0)).reverse()) {
    if (effect.kind === 'vmmCall' && !effect.result.ok)
      return { name: effect.command.command, errno: effect.result.errno };
  }
  return null;
}

export const secondItsWorksOrEexist: StepProperty = {
  id: 'second-its-works-or-eexist',
  sentence:
    'A device with another physical ITS behind the same virtual ITS works, or is refused with EEXIST by the call that maps its doorbell.',
  source: 'seed 004, Nicolin Chen: "EEXIST for the case, so VMM will need to allocate a different IOAS/HWPT"',
  kind: 'step',
  appliesTo: hasItsesBehindOne,
  brokenBy: 'single-doorbell',
  violated(transition) {
    const id = besideAnother(transition);
    const refusal = id === null ? null : refusedCall(transition);
    if (refusal === null || (refusal.errno === 'EEXIST' && DOCUMENTED.has(refusal.name))) return null;
    // What has nothing to do with doorbells may be refused for its own reasons, as a vector that was never programmed is.
    if (refusal.name !== 'vfioAttach' && !DOCUMENTED.has(refusal.name)) return null;
    if (refusal.name === 'vfioSetIrqs' && refusal.errno === 'EINVAL') return null;
    return `${id}, beside a device of another ITS, was refused with ${refusal.errno} by ${refusal.name}`;
  },
  witness: (transition) => besideAnother(transition) !== null,
};
