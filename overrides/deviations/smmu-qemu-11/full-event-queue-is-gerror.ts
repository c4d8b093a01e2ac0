import type { SmmuDeviation } from './smmu-deviation.ts';

export const fullEventQueueIsGerror: SmmuDeviation = {
  name: 'full-event-queue-is-gerror',
  kind: 'deviation',
  summary: 'A full event queue raises GERROR.EVENTQ_ABT_ERR instead of toggling EVENTQ_PROD.OVFLG.',
  source: 'QEMU 11.1.3 observation "EVTQ overflow (2 entries, 3 faults)"; IHI0070 7.4',
  rules: { smmuArchitecture: { fullEventQueue: 'EVENTQ_ABT_ERR' } },
};
