import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { composeRules, type Override } from '../../../model/rules.ts';
import { EMULATED_SMMU_DEFECTS } from '../../../overrides/defects/emulated-smmu.ts';
import { smmuQemu11Deviations } from '../../../overrides/deviations/smmu-qemu-11.ts';
import { emulated } from '../../../workload/scopes/emulated.ts';
import { FakeMachine } from './fake-machine.ts';

/*
 * A program that speaks qtest on its standard input and output, and QMP on descriptor 3, as QEMU does; its SMMU is the model's. Its
 * first word says how it is: as QEMU 11, with a defect by its name, or misbehaving.
 */

const [how = 'as-qemu'] = process.argv.slice(2);
const defect = (EMULATED_SMMU_DEFECTS as Readonly<Record<string, Override>>)[how];
const rules = composeRules([...smmuQemu11Deviations, ...(defect === undefined ? [] : [defect])]);
const ids = emulated.platform.emulated?.registers;
if (ids === undefined) throw new Error('the scope has an emulated SMMUv3');
const machine = new FakeMachine(ids, rules.smmuArchitecture);

if (how === 'does-not-start') {
  process.stderr.write('qemu-system-aarch64: -device edu: no such thing\n');
  process.exit(1);
}

const qmp = new Socket({ fd: 3 });
qmp.write(`${JSON.stringify({ QMP: { version: { qemu: { major: 11, minor: 0, micro: 99 } } } })}\r\n`);
createInterface({ input: qmp }).on('line', (line) => {
  const { execute } = JSON.parse(line) as { readonly execute: string };
  if (execute === 'system_reset') {
    machine.reset();
    qmp.write(`${JSON.stringify({ return: {} })}\r\n${JSON.stringify({ event: 'RESET' })}\r\n`);
  } else qmp.write(`${JSON.stringify({ return: {} })}\r\n`);
});

let silent = false;
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (silent) return;
    const answer = obey(line.split(' '));
    if (!silent) process.stdout.write(`${answer}\n`);
  })
  .on('close', () => process.exit(0));

function obey([command = '', first = '0', second = '0', third = '']: readonly string[]): string {
  const address = BigInt(first);
  switch (command) {
    case 'writel':
    case 'writeq':
      machine.store(address, BigInt(second), command === 'writel' ? 4 : 8);
      return 'OK';
    case 'readl':
      return how === 'says-garbage' && address === 0xc00_0060n
        ? '<html>'
        : `OK 0x${machine.load(address).toString(16).padStart(16, '0')}`;
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
      if (how === 'crashes-at-writes' && done.includes('write') && machine.isTranslating) {
        process.stdout.write('Bail out! ERROR:hw/arm/smmuv3.c:1: code should not be reached\n');
        process.stderr.write('ERROR:hw/arm/smmuv3.c:1: code should not be reached\n');
        process.abort();
      }
      if (how === 'hangs-at-writes' && done.includes('write') && machine.isTranslating) silent = true;
      return `OK ${second}`;
    }
    default:
      return `FAIL Unknown command '${command}'`;
  }
}
