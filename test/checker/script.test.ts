import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../checker/render/paint.ts';
import { renderText, WHOLE } from '../../checker/render/text.ts';
import { ScriptError } from '../../checker/script/error.ts';
import { parseScript, readScript } from '../../checker/script/read.ts';
import { committedCounterexamples } from '../../tools/committed.ts';

const committed = await committedCounterexamples();

describe('what replay prints', () => {
  it.each(committed.map((each) => [each.path, each] as const))('%s is read back as it was', (_path, each) => {
    const script = readScript(renderText(each.trace, each));
    expect(script.scope).toBe(each.trace.scope);
    expect(script.defects).toEqual(each.trace.defects);
    expect(script.designs).toEqual(
      Object.entries(each.trace.design).map(([axis, value]) => `${axis}=${value}`),
    );
    const calls = each.trace.steps.map(({ result: _, ...call }) => call);
    expect(script.calls).toEqual(calls);
  });

  it('is read back with every change that is printed in whole', () => {
    const [each] = committed;
    if (each === undefined) throw new Error('no counterexamples');
    const brief = readScript(renderText(each.trace, each));
    expect(readScript(renderText(each.trace, each, PLAIN, WHOLE))).toEqual(brief);
  });
});

describe('a script', () => {
  it('has names, flags, words and comments', () => {
    const script = readScript(`# mine
scope one-smmu
design kernel=linux-7.2
vmm:vm0 openIommufd as iommufd0   # the first
vmm:vm0 ioasAlloc fd=iommufd0 as ioas0
vmm:vm0 hwptAlloc(fd=iommufd0, flags=NEST_PARENT, ptId=ioas0) as hwpt0
vmm:vm0 hwptInvalidate fd=iommufd0 hwptId=7 data=[TLBI_NH_ASID{ASID=1}, CFGI_STE{StreamID=5}]
`);
    expect(script.scope).toBe('one-smmu');
    expect(script.designs).toEqual(['kernel=linux-7.2']);
    expect(script.calls.map(({ as }) => as)).toEqual(['iommufd0', 'ioas0', 'hwpt0', undefined]);
    expect(script.calls[2]?.args.flags).toBe(1 << 0);
    expect(script.calls[3]?.args.data).toEqual([0x0001_0000_0000_0011n, 0n, 0x5_0000_0003n, 0n]);
  });

  it.each([
    ['vmm:vm0 ioasAlocc fd=iommufd0', 1, 'did you mean ioasAlloc'],
    ['scope one-smmu\nvmm:vm0 ioasAlloc fdd=iommufd0', 2, "unknown argument of ioasAlloc 'fdd'"],
    ['vmm:vm0 ioasMap length=x', 1, 'ioasMap: length: expected'],
    [
      'vmm:vm0 ioasMap flags=READABEL',
      1,
      "ioasMap: flags: unknown flag 'READABEL'; did you mean READABLE? known: ",
    ],
    ['vmm:vm0 ioasMap flags=READABLE|0x8|WRITABLE', 1, "unknown flag 'WRITABLE'; did you mean WRITEABLE?"],
    [
      'vmm:vm0 viommuAlloc type=ARM_SMMU3',
      1,
      "viommuAlloc: type: unknown value 'ARM_SMMU3'; did you mean ARM_SMMUV3?",
    ],
    [
      'vmm:vm0 ioasAlloc fd=iommufd0 as ioas0',
      1,
      "ioasAlloc: unknown name 'iommufd0'; no step above gives one",
    ],
    [
      'vmm:vm0 openIommufd as iommufd0\nvmm:vm0 ioasAlloc fd=iomufd0',
      2,
      "ioasAlloc: unknown name 'iomufd0'; did you mean iommufd0? known: iommufd0",
    ],
    ['1-6  vmm:vm0  openCdev, openIommufd', 1, 'these steps were folded'],
    ['nonsense', 1, 'expected a step such as'],
    ['vmm:vm0 openIommufd as .bad', 1, 'expected a name'],
    ['vmm:vm0 hwptAlloc data=STE{W=1}', 1, "unknown field 'W=1' of STE"],
    ['vmm:vm0 openIommufd(', 1, 'expected )'],
  ])('%j is refused at line %i: %s', (text, line, message) => {
    const read = (): unknown => readScript(text);
    expect(read).toThrow(ScriptError);
    expect(read).toThrow(message);
    try {
      read();
    } catch (error) {
      expect((error as ScriptError).line).toBe(line);
    }
  });

  it('may use what the tool calls unbound, and what a step was to make that was refused', () => {
    const text = 'vmm:vm0 openCdev device=dev9 as cdev0\nvmm:vm0 close fd=cdev0\nvmm:vm0 close fd=unbound0';
    expect(readScript(text).calls).toHaveLength(3);
  });

  it('is parsed in part without the steps that give its names', () => {
    expect(parseScript('vmm:vm0 close fd=cdev0').calls).toHaveLength(1);
  });
});
