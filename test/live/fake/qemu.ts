import { Socket } from 'node:net';
import { Lines } from '../../../lab/qtest/lines.ts';
import { composeRules, type Override } from '../../../model/rules.ts';
import { EMULATED_SMMU_DEFECTS } from '../../../overrides/defects/emulated-smmu.ts';
import { smmuQemu11Deviations } from '../../../overrides/deviations/smmu-qemu-11.ts';
import { vtdQemu11Deviations } from '../../../overrides/deviations/vtd-qemu-11/index.ts';
import { emulated } from '../../../workload/scopes/emulated.ts';
import { vtdPlatform } from '../../model/vtd/emulated/machine.ts';
import type { FakeMachine } from './machine.ts';
import { FakeSmmuMachine } from './smmu-machine.ts';
import { FakeVtdMachine } from './vtd-machine.ts';

/*
 * A program that speaks qtest on its standard input and output, and QMP on descriptor 3, as QEMU does; its IOMMU is the model's. Its
 * first word says which that is, its second how it is: as QEMU 11, with a defect by its name or without a deviation, or misbehaving.
 */

const [kind = 'smmu', how = 'as-qemu'] = process.argv.slice(2);
const machine = machineOf();

function machineOf(): FakeMachine {
  if (kind !== 'smmu') {
    // Without one of QEMU's deviations it is another unit than QEMU's.
    const own = vtdQemu11Deviations.filter(({ name }) => name !== how);
    return new FakeVtdMachine(vtdPlatform(kind), composeRules(own));
  }
  const defect = (EMULATED_SMMU_DEFECTS as Readonly<Record<string, Override>>)[how];
  const rules = composeRules([...smmuQemu11Deviations, ...(defect === undefined ? [] : [defect])]);
  const ids = emulated.platform.emulated?.registers;
  if (ids === undefined) throw new Error('the scope has an emulated SMMUv3');
  return new FakeSmmuMachine(ids, rules.smmuArchitecture);
}

if (how === 'does-not-start') {
  process.stderr.write('qemu-system-aarch64: -device edu: no such thing\n');
  process.exit(1);
}

const qmp = new Socket({ fd: 3 });
qmp.write(`${JSON.stringify({ QMP: { version: { qemu: { major: 11, minor: 0, micro: 99 } } } })}\r\n`);
const commanded = new Lines();
qmp.setEncoding('utf8').on('data', (text: string) => {
  for (const line of commanded.take(text)) {
    const { execute } = JSON.parse(line) as { readonly execute: string };
    if (execute === 'system_reset') {
      machine.reset();
      qmp.write(`${JSON.stringify({ return: {} })}\r\n${JSON.stringify({ event: 'RESET' })}\r\n`);
    } else qmp.write(`${JSON.stringify({ return: {} })}\r\n`);
  }
});

let silent = false;
/** Answers to lines that came together, which are said together. */
let answers = '';
const asked = new Lines();
process.stdin
  .setEncoding('latin1')
  .on('data', (text: string) => {
    for (const line of asked.take(text)) {
      const answer = silent ? '' : obey(line.split(' '));
      if (!silent) answers += `${answer}\n`;
    }
    say();
  })
  .on('end', () => process.exit(0));

function say(): void {
  if (answers !== '') process.stdout.write(answers);
  answers = '';
}

/** Registers that only a machine which says garbage says otherwise: GERROR, GSTS. */
const GARBLED: readonly bigint[] = [0xc00_0060n, 0xfed9_001cn];

function obey([command = '', first = '0', second = '0', third = '']: readonly string[]): string {
  const address = BigInt(first);
  switch (command) {
    case 'writel':
    case 'writeq':
      machine.store(address, BigInt(second), command === 'writel' ? 4 : 8);
      return 'OK';
    case 'outl':
      machine.out(Number(address), Number(second));
      return 'OK';
    case 'readl':
    case 'readq':
      return how === 'says-garbage' && GARBLED.includes(address)
        ? '<html>'
        : `OK 0x${loaded(address).toString(16).padStart(16, '0')}`;
    case 'read':
      return `OK 0x${Buffer.from(machine.read(address, Number(second))).toString('hex')}`;
    case 'write':
      machine.write(address, Buffer.from(third.slice(2), 'hex'));
      return 'OK';
    case 'b64write':
      machine.write(address, Buffer.from(third, 'base64'));
      return 'OK';
    case 'memset':
      machine.write(address, new Uint8Array(Number(second)).fill(Number(third)));
      return 'OK';
    case 'clock_step': {
      const done = machine.tick();
      const isHit = done.includes('write') && machine.isTranslating;
      if (done.includes('ends') || (how === 'crashes-at-writes' && isHit)) {
        answers += 'Bail out! ERROR:hw/arm/smmuv3.c:1: code should not be reached\n';
        say();
        process.stderr.write('ERROR:hw/arm/smmuv3.c:1: code should not be reached\n');
        process.abort();
      }
      if (how === 'hangs-at-writes' && isHit) silent = true;
      return `OK ${second}`;
    }
    default:
      return `FAIL Unknown command '${command}'`;
  }
}

/** A machine that lies does so of CMDQ_CONS or IQH, once it translates: that it did nothing. */
function loaded(address: bigint): bigint {
  const value = machine.load(address);
  const isTold = address === 0xc00_009cn || address === 0xfed9_0080n;
  return how === 'lies' && isTold && machine.isTranslating ? 0n : value;
}
