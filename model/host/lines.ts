/** What user space has switched on. Absent in `DeviceState`: nothing. */
export interface DeviceLines {
  /** INTx is the device's kind of interrupt: MSI cannot be switched on beside it. */
  readonly intx: boolean;
  /** An eventfd unmasks INTx. */
  readonly unmasks: boolean;
  readonly err: boolean;
  readonly req: boolean;
}

export const NO_LINES: DeviceLines = Object.freeze({ intx: false, unmasks: false, err: false, req: false });
