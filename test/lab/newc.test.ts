import { describe, expect, it } from 'vitest';
import { newcArchive } from '../../lab/newc.ts';

/** What an archive has, read as the kernel reads it. */
function entriesOf(bytes: Uint8Array): { name: string; mode: number; content: string }[] {
  const text = Buffer.from(bytes).toString('latin1');
  const entries = [];
  for (let at = 0; at < text.length; ) {
    expect(text.slice(at, at + 6)).toBe('070701');
    const field = (index: number) => Number.parseInt(text.slice(at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = text.slice(at + 110, at + 110 + nameSize - 1);
    const start = (at + 110 + nameSize + 3) & ~3;
    entries.push({ name, mode, content: text.slice(start, start + size) });
    at = (start + size + 3) & ~3;
  }
  return entries;
}

describe('an initramfs', () => {
  it('has its files and folders, and an end, each on a multiple of four bytes', () => {
    const archive = newcArchive([
      { name: 'dev', content: null },
      { name: 'init', content: Buffer.from('12345'), executable: true },
      { name: 'note', content: new Uint8Array() },
    ]);
    expect(archive.length % 4).toBe(0);
    expect(entriesOf(archive)).toEqual([
      { name: 'dev', mode: 0o040755, content: '' },
      { name: 'init', mode: 0o100755, content: '12345' },
      { name: 'note', mode: 0o100644, content: '' },
      { name: 'TRAILER!!!', mode: 0o100644, content: '' },
    ]);
  });
});
