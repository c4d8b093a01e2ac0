import { describe, expect, it } from 'vitest';
import type { Scenario } from './observations/lab.ts';
import { nested } from './observations/nested.ts';
import { commandQueue, eventQueue } from './observations/queues.ts';
import { configurationCache, contextDescriptors, stage1Tlb, stage1Walks } from './observations/stage1.ts';
import { stage2Tlb, stage2Walks } from './observations/stage2.ts';
import { streams, twoLevelTables } from './observations/streams.ts';

/** What QEMU 11.1.3's emulated SMMUv3 was seen to do, one observation after the other. */
const scenarios: readonly Scenario[] = [
  streams,
  contextDescriptors,
  stage1Walks,
  stage1Tlb,
  configurationCache,
  stage2Walks,
  stage2Tlb,
  nested,
  eventQueue,
  commandQueue,
  twoLevelTables,
];

function replay({ machine, observations }: Scenario) {
  const lab = machine();
  lab.takeEvents();
  lab.drainQueue();
  return observations.map(([name, act, seen, events]) => {
    const modelSeen = act(lab);
    const modelEvents = lab.takeEvents();
    lab.drainQueue();
    return { name, expected: `${seen} | ${events}`, model: `${modelSeen} | ${modelEvents}` };
  });
}

it('covers all 133 observations', () => {
  expect(scenarios.flatMap(({ observations }) => observations)).toHaveLength(133);
});

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  it.each(replay(scenario))('$name', ({ expected, model }) => {
    expect(model).toBe(expected);
  });
});
