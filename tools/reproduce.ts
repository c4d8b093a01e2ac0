import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devicesLike, LAB_MACHINES } from '../lab/machine.ts';
import { labPlaces } from '../lab/places.ts';
import { type Program, runPrograms } from '../lab/run.ts';
import { ROOT } from './committed.ts';
import { type Exported, exportedCounterexamples, REPRODUCERS, type Reproducers } from './reproducers.ts';

/*
 * npm run reproducers: compiles a C program of every committed counterexample of the recorded kernel that a process can make,
 * runs all in the lab, and keeps beside their traces those whose every answer is as asserted. What the lab's machine has no
 * hardware for is listed with what its kernel said.
 */
const [machine] = LAB_MACHINES;
if (machine === undefined) throw new Error('the lab has machines');
const places = labPlaces(process.env);
const folder = await mkdtemp(join(tmpdir(), 'nestcheck-reproducers-'));
try {
  const all = await exportedCounterexamples();
  const programs: Program[] = [];
  const none: Exported[] = [];
  for (const [at, each] of all.entries()) {
    const source = join(folder, `${at}.c`);
    await writeFile(source, each.text);
    const devices = devicesLike(each.devices, machine.devices);
    if (devices === null) none.push(each);
    else programs.push({ name: each.path, source, devices });
  }
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const ends = await runPrograms(places, { machine, kernel: places.kernel('default') }, programs, say);
  const told: Record<string, string> = {};
  for (const { path } of none) told[path] = 'the machine has no such devices';
  for (const { name, status, said } of ends) {
    const own = said.split('\n').filter((line) => line !== '' && !line.startsWith('['));
    told[name] = own.slice(0, 4).join('; ');
    const file = join(ROOT, name);
    const text = all.find(({ path }) => path === name)?.text ?? '';
    if (status === 0) await writeFile(file, text);
    else await rm(file, { force: true });
  }
  const list: Reproducers = {
    kernel: 'Linux 7.2.13, arm64',
    machine: `QEMU 11.1.3, ${machine.name}: ${machine.summary}`,
    said: Object.fromEntries(Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  await writeFile(join(ROOT, REPRODUCERS), `${JSON.stringify(list, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
