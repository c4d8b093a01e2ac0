import type { ArgValue, Call } from '../../../model/call.ts';
import type { CommandName } from '../../../model/world/command.ts';
import { FIRST_FD, type OpenFile } from '../../../model/world/process.ts';
import { MOCK_PAGES } from '../../../spec/iommufd/selftest.ts';
import { type Draw, oneIn, pickAny } from '../choice.ts';
import type { UapiName } from '../move.ts';
import { MOVES } from '../moves.ts';
import { PAGE } from '../values.ts';
import { fdHandle, type Handle, type Objects, objectAt, objectHandle, type View } from '../view.ts';

/** What IOVAs of an area are asked for: the whole, some pages, or half of one. */
interface Range {
  readonly iova: bigint;
  readonly length: bigint;
}

/** One of the general moves. */
export function general(name: UapiName, { view, draw }: MockView): Call | null {
  const move = MOVES[name];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

/** What a process with mock devices sees, and how its calls refer to it. */
export class MockView {
  readonly view: View;
  readonly here: Objects;
  readonly draw: Draw;

  constructor(view: View, here: Objects, draw: Draw) {
    this.view = view;
    this.here = here;
    this.draw = draw;
  }

  call(command: CommandName, args: Readonly<Record<string, ArgValue>>): Call {
    return { actor: this.view.actor, command, args: { fd: this.fd, ...args } };
  }

  get fd(): Handle {
    return fdHandle(this.view, this.here.fd as number);
  }

  handle(id: number): Handle {
    return objectHandle(this.view, this.here, id);
  }

  any(ids: readonly number[]): Handle | null {
    const id = pickAny(ids, this.draw);
    return id === undefined ? null : this.handle(id);
  }

  ids(type: string): readonly number[] {
    return this.here.table.flatMap((slot, id) => (slot?.type === type ? [id] : []));
  }

  areas() {
    const { here } = this;
    return here.ioases.flatMap((ioas) =>
      objectAt(here, ioas, 'ioas').iopt.areas.map((area) => ({ ioas, area })),
    );
  }

  filesOf<K extends OpenFile['kind']>(kind: K) {
    const { world, process } = this.view;
    return process.fds.flatMap((index, at) => {
      const of = index === null ? undefined : world.files[index]?.of;
      return of?.kind === kind
        ? [{ fd: at + FIRST_FD, of: of as Extract<OpenFile, { readonly kind: K }> }]
        : [];
    });
  }

  accesses() {
    return this.filesOf('mockAccess').filter(({ of }) => of.ctx === this.here.ctx);
  }

  range(): Range {
    const found = pickAny(this.areas(), this.draw);
    if (found === undefined || oneIn(12, this.draw)) {
      const iova = MOCK_PAGES.FIRST + BigInt(this.draw(16)) * MOCK_PAGES.SIZE;
      return { iova, length: BigInt(this.draw(5)) * MOCK_PAGES.SIZE };
    }
    const { start, last } = found.area;
    const pages = Number((last - start) / PAGE) + 1;
    const first = this.draw(pages);
    const count = 1 + this.draw(pages - first + (oneIn(6, this.draw) ? 1 : 0));
    const short = oneIn(8, this.draw) ? MOCK_PAGES.SIZE : 0n;
    return { iova: start + BigInt(first) * PAGE, length: BigInt(count) * PAGE - short };
  }

  /** The user address behind an IOVA, or another. */
  uptr(iova: bigint): bigint {
    const found = this.areas().find(({ area }) => area.start <= iova && iova <= area.last);
    const va = found === undefined ? 0n : found.area.va + (iova - found.area.start);
    return oneIn(10, this.draw) ? va + PAGE : va;
  }
}
