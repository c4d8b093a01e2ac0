import { describe, expect, it } from 'vitest';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

/** What `run` says of a file with these lines. */
async function run(...lines: readonly string[]): ReturnType<typeof nestcheck> {
  return nestcheck(['run', await file('mine.steps', ['scope one-smmu', ...lines].join('\n'))]);
}

describe('a file with steps', () => {
  it.each([
    ['a name that no step gives', 'vmm:vm0 ioasAlloc fd=iommufd0', "unknown name 'iommufd0'; no step above"],
    [
      'a flag that there is not',
      'vmm:vm0 ioasMap flags=READABEL',
      "unknown flag 'READABEL'; did you mean READABLE",
    ],
    ['a VM that there is not', 'vmm:vm7 openIommufd', "unknown actor 'vmm:vm7'; did you mean vmm:vm0"],
    ['a guest that there is not', 'guest:vm1 unassign', "unknown actor 'guest:vm1'; did you mean guest:vm0"],
    ['a device that there is not', 'vmm:vm0 openCdev device=dev7', "openCdev: device: unknown device 'dev7'"],
    ['DMA of such a one', 'device:dev7 dma iova=0', "unknown actor 'device:dev7'; did you mean device:dev0"],
  ])('%s is an error at its line', async (_, line, message) => {
    const { code, stdout, stderr } = await run('# mine', line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`mine.steps:3: `);
    expect(stderr).toContain(message);
  });

  it('is printed so that it can be run again, what was refused included', async () => {
    const { code, stdout } = await run(
      'vmm:vm0 openIommufd as iommufd0',
      'vmm:vm0 ioasAlloc fd=iommufd0 flags=4 as ioas0',
      'vmm:vm0 ioasMap fd=iommufd0 ioasId=ioas0 length=0x1000 flags=READABLE',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('ioasAlloc(fd=iommufd0, flags=4) as ioas0 -> EOPNOTSUPP');
    expect((await nestcheck(['run', await file('again.steps', stdout)])).stdout).toBe(stdout);
  });
});
