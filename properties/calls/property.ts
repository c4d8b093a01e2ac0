import type { Platform } from '../../model/platform/platform.ts';
import type { World } from '../../model/world/world.ts';
import type { Transition, Violation } from '../property.ts';

/**
 * What a VMM must do right, whatever the kernel lets it do: judged over its calls, one after the other. A process of a scope does
 * as it pleases, and breaks each of them; they are about recordings.
 */
export interface CallsProperty {
  readonly kind: 'calls';
  /** kebab-case, unique, `vmm-…`. */
  readonly id: string;
  /** What holds, in one sentence. */
  readonly sentence: string;
  readonly source: string;
  appliesTo?(platform: Platform): boolean;
  /** A VMM that breaks it: `test/properties/calls/<name>.steps`. */
  readonly brokenBy: string;
  watch(): CallsWatch;
}

/** Follows the calls of one recording. */
export interface CallsWatch {
  /** A call of a VMM's process, with what was before it and after it. */
  see(call: Transition): Violation;
  /** Nothing more comes. */
  end(world: World): Violation;
  /** Whether what the property speaks of has happened. */
  readonly witnessed: boolean;
}

/** A watch of a function that looks at each call; `end` has the last word. */
export function watchCalls(
  see: (call: Transition, witness: () => void) => Violation,
  end: (world: World) => Violation = () => null,
): CallsWatch {
  let witnessed = false;
  const witness = (): void => {
    witnessed = true;
  };
  return {
    see: (call) => see(call, witness),
    end,
    get witnessed() {
      return witnessed;
    },
  };
}
