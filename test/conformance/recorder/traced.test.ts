import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { conformFile, judgeFile } from '../../../conformance/index.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import { design } from '../../support/design.ts';

/*
 * QEMU 11.1.3 in the lab's guest, under the recorder, with `-trace 'smmu*' -trace pci_cfg_write` and the traces of QMP, and without a log of
 * qtest: what its guest did is known by the traces alone. `traced` is a machine of one vSMMU; the walk has two, and
 * `-trace memory_region_ops_write -trace memory_region_ops_read`. In `linux-guest` nobody drives the machine: its firmware and Linux 7.2.13,
 * with its driver of the vSMMU, run under KVM, from power on to where they have no root file system.
 */
const FOLDER = join(import.meta.dirname, '../../../conformance/recordings/recorded-7.2.13');

const DESIGN = design('kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11');

const path = (name: string): string => join(FOLDER, `${name}.jsonl.gz`);

interface Recorded {
  readonly ev: string;
  readonly text?: string;
  readonly tid?: number;
}

/** The recording with its lines changed. */
function changed(name: string, change: (line: Recorded) => readonly object[]): string {
  const text = gunzipSync(readFileSync(path(name))).toString();
  const lines = text
    .trimEnd()
    .split('\n')
    .flatMap((line) => change(JSON.parse(line) as Recorded));
  const file = join(mkdtempSync(join(tmpdir(), 'nestcheck-traced-')), `${name}.jsonl`);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

async function verdicts(file: string, ids: readonly string[]) {
  const properties = ALL_PROPERTIES.filter(({ id }) => ids.includes(id));
  const { judgements } = await judgeFile(file, DESIGN, properties, { design: {}, defects: [] });
  return Object.fromEntries(judgements.map(({ property, verdict }) => [property.id, verdict]));
}

describe('a guest that is known by the traces of QEMU', () => {
  it.each([
    ['qemu-11.1.3-traced', 82, '1 vSMMU'],
    ['qemu-11.1.3-traced-walk', 343, '2 vSMMUs'],
    ['qemu-11.1.3-linux-guest', 55, '1 vSMMU'],
  ])('%s agrees, call by call and register by register', async (name, checked, vsmmus) => {
    const report = await conformFile(path(name), DESIGN);
    expect(report.first).toBeNull();
    expect([report.checked, report.agreed, report.machine]).toEqual([
      checked,
      checked,
      `two-smmus, ${vsmmus}`,
    ]);
  });

  it('has its vSMMU held to what the architecture says of it', async () => {
    const ids = ['device-sees-what-guest-asked', 'commands-stop-as-architected'];
    expect(await verdicts(path('qemu-11.1.3-traced'), ids)).toEqual({
      'device-sees-what-guest-asked': 'violated',
      'commands-stop-as-architected': 'violated',
    });
  });

  it('holds what a Linux guest and its driver rely on', async () => {
    const ids = ['device-sees-what-guest-asked'];
    expect(await verdicts(path('qemu-11.1.3-linux-guest'), ids)).toEqual(
      Object.fromEntries(ids.map((id) => [id, 'holds'])),
    );
  });

  it('accuses nobody by an entry that QEMU has not read', async () => {
    const ids = ['device-sees-what-guest-asked'];
    expect(await verdicts(path('qemu-11.1.3-traced-walk'), ids)).toEqual({
      'device-sees-what-guest-asked': 'holds',
    });
  });

  it('parts from the intended VMM in deviations that have names', async () => {
    const { first, deviations } = await conformFile(
      path('qemu-11.1.3-traced'),
      design('kernel=linux-7.2,smmu=qemu-11'),
    );
    expect(first).toBeNull();
    expect(Object.keys(deviations)).toContain('renumber-keeps-vdevice');
  });

  it.each([
    ['a write to GBPA that nobody traced', 'qemu-11.1.3-traced', /^smmuv3_write_mmio addr: 0x44 /, null],
    [
      'a command with another StreamID',
      'qemu-11.1.3-traced',
      /^smmuv3_cmdq_cfgi_ste streamid= 0x100$/,
      'smmuv3_cmdq_cfgi_ste streamid= 0x101',
    ],
    [
      'an entry that asks for something else',
      'qemu-11.1.3-linux-guest',
      /^(smmuv3_accel_install_ste .* type=)bypass/,
      '$1abort',
    ],
    [
      'a bus with another number',
      'qemu-11.1.3-traced',
      /^(pci_cfg_write pcie-root-port 00:04.0 @0x18 <- 0x)10100$/,
      '$170700',
    ],
    [
      'a register that reads otherwise',
      'qemu-11.1.3-traced-walk',
      /^(memory_region_ops_read .* addr 0xc00009c value 0x)\S+/,
      '$177',
    ],
  ])('parts from the model where it has %s', async (_what, name, pattern, to) => {
    let count = 0;
    const file = changed(name, (line) => {
      if (line.text === undefined || !pattern.test(line.text)) return [line];
      count++;
      return to === null ? [] : [{ ...line, text: line.text.replace(pattern, to) }];
    });
    expect(count).toBeGreaterThan(0);
    expect((await conformFile(file, DESIGN)).first).not.toBeNull();
  });
});
