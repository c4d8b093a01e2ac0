import { describe, expect, it } from 'vitest';
import { type DeviceState, IDLE_DEVICE, withVmaster } from '../../../model/host/device.ts';

describe('a device that is attached otherwise', () => {
  const STATES: readonly (readonly [string, Partial<DeviceState>])[] = [
    ['sleeps', { asleep: true }],
    ['has lost events', { lostEvents: 2 }],
    ['is open', { opened: true }],
  ];

  it.each(STATES)('is as it was: it %s', (_, state) => {
    const device = { ...IDLE_DEVICE, ...state };
    const vmaster = { ctx: 0, viommu: 3, vsid: 8n };
    expect(withVmaster(device, vmaster)).toEqual({ ...device, vmaster });
    expect(withVmaster(withVmaster(device, vmaster), null)).toEqual(device);
  });
});
