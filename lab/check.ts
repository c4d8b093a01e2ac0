import type { BatchAnswer, OperationAnswer } from './channel.ts';
import type { Connection } from './guest.ts';

/** One thing that a lab must be able to do, and whether it is. */
export interface Ability {
  readonly what: string;
  readonly works: boolean;
  /** What the machine said of it. */
  readonly said: string;
}

const u32 = (...values: readonly number[]): string => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * at);
  return bytes.toString('hex');
};

const MEMORY = 0xffff_f6ff_9000n;
const IOVA = 0x10_0000n;
const u64 = (value: bigint): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('hex');
};

/** Anonymous, private, at this address: linux/mman.h. */
const MAP_FIXED_PRIVATE_ANONYMOUS = 0x32;

/** What the lab is for, on the agent's first device, in one batch; each line with what it shows. */
function steps(bdf: string, cdev: string): readonly (readonly [string, string])[] {
  return [
    ['opens /dev/iommu', 'open /dev/iommu'],
    ['opens the device', `open ${cdev}`],
    ['binds it', `ioctl $1 0x3b76 ${u32(24, 0, 0, 0, 0, 0)} p 8 4 $0`],
    ['makes an IOAS', `ioctl $0 0x3b81 ${u32(12, 0, 0)}`],
    [
      'makes a nesting parent',
      `ioctl $0 0x3b89 ${u32(48, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)} p 8 4 $2+12:4 p 12 4 $3+8:4`,
    ],
    [
      'makes a vIOMMU (the IORT says CANWBS)',
      `ioctl $0 0x3b90 ${u32(40, 0, 1, 0, 0, 0, 0, 0, 0, 0)} p 12 4 $2+12:4 p 16 4 $4+16:4`,
    ],
    ['attaches the device', `ioctl $1 0x3b77 ${u32(12, 0, 0)} p 8 4 $4+16:4`],
    ['maps memory', `mmap ${MEMORY} 0x1000 3 ${MAP_FIXED_PRIVATE_ANONYMOUS} -1 0`],
    ['writes it', `store ${MEMORY} 0123456789abcdef`],
    [
      'gives it to the device',
      `ioctl $0 0x3b85 ${u32(40, 7, 0, 0)}${u64(MEMORY)}${u64(0x1000n)}${u64(IOVA)} p 8 4 $3+8:4`,
    ],
    ['does DMA from it', `transfer ${bdf} from-mem ${IOVA} 8`],
    ['does DMA to it', `transfer ${bdf} to-mem ${IOVA + 0x100n} 8`],
    ['finds there what the device wrote', `load ${MEMORY + 0x100n} 8`],
    ['makes an eventfd', 'eventfd'],
    ['turns the message of the device on', `ioctl $1 0x3b6e ${u32(24, 0x24, 1, 0, 1, 0)} p 20 4 $13`],
    ['gets an interrupt', `msi ${bdf}`],
  ];
}

/** Tries what the lab is for. */
export async function checkLab({ channel, hello }: Connection): Promise<readonly Ability[]> {
  const device = hello.devices.find(({ cdev, edu }) => cdev !== null && edu);
  const found = `${hello.devices.length} devices, ${hello.devices.filter(({ cdev }) => cdev !== null).length} bound to vfio-pci`;
  const abilities: Ability[] = [
    { what: `boots Linux ${hello.release}`, works: true, said: hello.architecture },
    { what: 'gives devices to the agent', works: device !== undefined, said: found },
  ];
  if (device?.cdev == null) return abilities;
  const plan = steps(device.bdf, device.cdev);
  const batch = await channel.batch(
    plan.map(([, operation]) => operation),
    20_000,
  );
  abilities.push(...plan.map(([what], at) => ability(what, batch.answers[at])));
  return [...abilities, leavesNothing(batch, await channel.batch([], 20_000))];
}

function ability(what: string, answer: OperationAnswer | undefined): Ability {
  if (answer?.kind !== 'done') return { what, works: false, said: answer?.kind ?? 'no answer' };
  const said = answer.ret < 0 ? `errno ${answer.errno}` : answer.out === '' ? String(answer.ret) : answer.out;
  const works =
    answer.ret >= 0 &&
    (!what.startsWith('finds') || answer.out === '0123456789abcdef') &&
    (!what.startsWith('gets') || answer.ret === 1);
  return { what, works, said: said.length > 40 ? `${said.slice(0, 40)}…` : said };
}

function leavesNothing({ end }: BatchAnswer, { files }: BatchAnswer): Ability {
  return { what: 'is clean after a batch', works: end === 'ok', said: `${files} open files` };
}
