import { PassThrough } from 'node:stream';
import type { LineOf } from '../conformance/linux/lines.ts';
import { parseLine } from '../conformance/linux/lines.ts';
import { AgentChannel } from '../lab/channel.ts';
import { bootGuest } from '../lab/guest.ts';
import { LAB_MACHINES } from '../lab/machine.ts';
import { labPlaces } from '../lab/places.ts';
import { canBePlanned, planRun } from '../live/plan.ts';
import { firstDifference } from '../live/same-recording.ts';
import type { LiveSequence, LiveStep } from '../live/step.ts';
import { USER_MEMORY } from '../workload/scopes/hardware.ts';

/*
 * npm run live:recorder: has the agent carry out calls of every kind in a guest of the lab, under the recorder, and holds what it says that it
 * did against what the recorder saw. Needs `nestcheck lab setup --vmm`.
 */
const [machine] = LAB_MACHINES;
if (machine === undefined) throw new Error('the lab has machines');
const places = labPlaces(process.env);
const guest = await bootGuest({
  ...{ places, machine, kernel: places.kernel('vmm'), initramfs: places.vmmInitramfs(machine.name) },
  ...{ processors: 1, accelerator: 'tcg', runsVmms: true, name: `record-agent-${process.pid}` },
});
const BATCH_MS = 20_000;
const SESSION_MS = 120_000;
try {
  const device = guest.hello.devices.find(({ cdev }) => cdev !== null);
  if (device?.cdev == null) throw new Error('the guest has no device');
  const cdevs = new Map([[device.bdf, device.cdev]]);
  const call = (command: string, args: object, as?: string): LiveStep =>
    ({
      kind: 'call',
      call: { actor: 'vmm:process', command, args, ...(as === undefined ? {} : { as }) },
    }) as LiveStep;
  const sequence: LiveSequence = [
    call('openIommufd', {}, 'iommufd0'),
    call('openCdev', { device: device.bdf }, 'cdev0'),
    call('vfioBind', { fd: 'cdev0', iommufd: 'iommufd0' }, 'device0'),
    call('getHwInfo', { fd: 'iommufd0', devId: 'device0', dataLen: 64 }),
    call('ioasAlloc', { fd: 'iommufd0' }, 'ioas0'),
    call('ioasIovaRanges', { fd: 'iommufd0', ioasId: 'ioas0', numIovas: 4 }),
    call('hwptAlloc', { fd: 'iommufd0', flags: 1, devId: 'device0', ptId: 'ioas0' }, 'hwpt0'),
    call('viommuAlloc', { fd: 'iommufd0', type: 1, devId: 'device0', hwptId: 'hwpt0' }, 'viommu0'),
    call('ioasMap', {
      ...{ fd: 'iommufd0', flags: 7, ioasId: 'ioas0', userVa: USER_MEMORY.start },
      ...{ length: 0x2000n, iova: 0x10_0000n },
    }),
    call('vfioAttach', { fd: 'cdev0', ptId: 'hwpt0' }),
    call('ioasUnmap', { fd: 'iommufd0', ioasId: 'ioas0', iova: 0x20_0000n, length: 0x1000n }),
    call('destroy', { fd: 'iommufd0', id: 'ioas0' }),
    call('vfioDetach', { fd: 'cdev0' }),
    call('destroy', { fd: 'iommufd0', id: 'viommu0' }),
    call('close', { fd: 'cdev0' }),
    call('close', { fd: 'iommufd0' }),
  ];
  for (const step of sequence)
    if (!canBePlanned(step, cdevs)) throw new Error(`not to be planned: ${JSON.stringify(step)}`);
  const length = Number(USER_MEMORY.last - USER_MEMORY.start + 1n);
  const plan = planRun(sequence, { start: USER_MEMORY.start, length }, cdevs);
  const text = [`batch 1 ${plan.operations.length} ${BATCH_MS}`, ...plan.operations, 'quit', ''].join('\\n');
  const shell = `printf '${text}' | /bin/nestcheck-agent ${device.bdf}`;
  const words = ['--no-hw-info', '--', '/bin/busybox', 'sh', '-c', shell];
  const { recorded, said } = await guest.channel.session(words, [], SESSION_MS);
  // What the agent said, as whoever speaks with one hears it.
  const [heard, told] = [new PassThrough(), new PassThrough()];
  const channel = new AgentChannel(heard, told);
  const answered = channel.batch(plan.operations, BATCH_MS);
  heard.write(`${said.join('\n')}\n`);
  const { answers } = await answered;
  const seen = recorded.map(({ line }) => parseLine('recorder', 1, line));
  const own = plan.lines(answers);
  const difference = firstDifference(own, seen);
  const ioctls = own.filter((line): line is LineOf<'ioctl'> => line.ev === 'ioctl').length;
  process.stdout.write(
    difference === null
      ? `The agent's own recording and the recorder's are the same: ${ioctls} ioctls, ${own.length} lines.\n`
      : `${difference}\n`,
  );
  process.exitCode = difference === null && ioctls > 10 ? 0 : 1;
} finally {
  await guest.stop();
}
