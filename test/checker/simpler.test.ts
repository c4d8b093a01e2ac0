import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { simplerCalls, withoutDefaults } from '../../checker/simpler.ts';
import type { ArgValue, Call } from '../../model/call.ts';
import { arbitraryCall } from './arbitrary.ts';

const call = (command: Call['command'], args: Call['args']): Call => ({ actor: 'vmm:vm0', command, args });

describe('a simpler call', () => {
  const cases: readonly [string, Call, string, readonly ArgValue[]][] = [
    ['a name is left out, never replaced', call('destroy', { id: 'hwpt3' }), 'id', []],
    ['a flag is cleared', call('hwptAlloc', { flags: 5 }), 'flags', [2, 1, 4]],
    ['a size goes half way to the size of its struct', call('ioasAlloc', { size: 4 }), 'size', [8]],
    [
      'a 64-bit value is halved, or loses a bit',
      call('ioasMap', { length: 0x3000n }),
      'length',
      [0x1800n, 0x1000n, 0x2000n],
    ],
    [
      'the last bit of a value is not cleared but the value left out',
      call('ioasMap', { length: 1n }),
      'length',
      [],
    ],
    [
      'words become fewer, then smaller',
      call('smmuEvent', { words: [1n, 2n] }),
      'words',
      [[], [1n], [2n], [0n, 2n], [1n, 0n], [1n, 1n]],
    ],
    ['a pointer is left out', call('hwptAlloc', { dataUptr: 'null' }), 'dataUptr', []],
    ['a boolean is left out', call('hwptAlloc', { trailing: true }), 'trailing', []],
  ];

  it.each(cases)('%s', (_, given, name, values) => {
    const simpler = [...simplerCalls(given)];
    expect(simpler[0]?.args).toEqual({});
    expect(simpler.slice(1).map(({ args }) => args[name])).toEqual(values);
  });

  it('has no arguments that say what leaving them out says', () => {
    const given = call('ioasMap', { size: 40, flags: 0, iova: 0n, userVa: 1n, trailing: false, data: null });
    expect(withoutDefaults(given).args).toEqual({ userVa: 1n });
  });

  test.prop([arbitraryCall()], { numRuns: 40 })('is reached in few steps: every chain ends', (given) => {
    let here: Call | undefined = withoutDefaults(given);
    let steps = 0;
    while (here !== undefined && steps < 10_000) {
      const next: Call[] = [...simplerCalls(here)];
      // The last is the smallest step, so this is the longest chain that the engine could go.
      here = next.at(-1);
      steps++;
    }
    expect(here).toBeUndefined();
  });

  test.prop([arbitraryCall()], { numRuns: 40 })('is never the call itself', (given) => {
    for (const simpler of simplerCalls(withoutDefaults(given))) expect(simpler).not.toEqual(given);
  });
});
