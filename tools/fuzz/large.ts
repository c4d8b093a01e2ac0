import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultOf } from './judge.ts';
import { SHAPES, TARGETS, writeShape } from './shapes.ts';

/*
 * npm run large -- 1024: gives every reader so many megabytes of each shape, under a heap of 512 MB, and says what took how
 * long. What ends in anything but one line, or takes longer than a minute, is a fault.
 */

const MEGABYTES = Number(process.argv[2] ?? '1024');
const HEAP = '--max-old-space-size=512';
const MOST_TIME = 60_000;

const folder = await mkdtemp(join(tmpdir(), 'nestcheck-large-'));
let faults = 0;
try {
  for (const shape of SHAPES)
    for (const { name, argv } of TARGETS) {
      const path = join(folder, name);
      await writeShape(path, shape, MEGABYTES * 1024 * 1024);
      const started = performance.now();
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [HEAP, 'dist/bundle/cli.js', ...argv, path],
        { encoding: 'utf8', timeout: MOST_TIME, maxBuffer: 1 << 28 },
      );
      const fault =
        status === null
          ? 'killed'
          : status === 2
            ? faultOf({ code: status, stdout, stderr })
            : `exit ${status}`;
      if (fault !== null) faults++;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `${fault === null ? 'fine ' : 'FAULT'} ${seconds} s  ${name}, ${shape.name}: ${fault ?? stderr.trimEnd().slice(-120)}`,
      );
      await rm(path);
    }
} finally {
  await rm(folder, { recursive: true });
}
process.exitCode = faults === 0 ? 0 : 1;
