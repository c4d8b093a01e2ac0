import type { Command } from '../../spec/smmuv3/command.ts';

/** CFGI_STE_RANGE with this Range is CFGI_ALL. */
const ALL_STREAMS = 31;

/** The streams whose configuration a CFGI command is about (IHI0070 4.3). */
export function streamsOf(command: Command<'CFGI_STE' | 'CFGI_STE_RANGE'>): (vsid: number) => boolean {
  const { StreamID } = command.fields;
  if (command.name === 'CFGI_STE') return (vsid) => vsid === StreamID;
  if (command.fields.Range >= ALL_STREAMS) return () => true;
  const size = 2 ** (command.fields.Range + 1);
  const first = StreamID - (StreamID % size);
  return (vsid) => vsid >= first && vsid < first + size;
}
