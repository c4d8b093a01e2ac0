import type {
  PairProperty,
  Property,
  ReachabilityProperty,
  StateProperty,
  StepProperty,
} from '../properties/property.ts';

/** What is looked at in a run, sorted by when it is looked at. */
export interface Watch {
  /** In every world that differs from the one before. */
  readonly state: readonly StateProperty[];
  /** At every step. */
  readonly step: readonly StepProperty[];
  /** In the last world. */
  readonly reachability: readonly ReachabilityProperty[];
  /** On the whole run. */
  readonly pair: readonly PairProperty[];
}

export const NOTHING: Watch = Object.freeze({ state: [], step: [], reachability: [], pair: [] });

/** All of these properties, sorted by when they are looked at. */
export function watchOf(properties: readonly Property[]): Watch {
  return {
    state: properties.filter((property) => property.kind === 'state'),
    step: properties.filter((property) => property.kind === 'step'),
    reachability: properties.filter((property) => property.kind === 'reachability'),
    pair: properties.filter((property) => property.kind === 'pair'),
  };
}

export function without(watch: Watch, property: Property): Watch {
  return {
    state: watch.state.filter((other) => other !== property),
    step: watch.step.filter((other) => other !== property),
    reachability: watch.reachability.filter((other) => other !== property),
    pair: watch.pair.filter((other) => other !== property),
  };
}
