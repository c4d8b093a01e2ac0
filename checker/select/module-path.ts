/** Whether a `--design` is a module rather than axes: it looks like a path. */
export function isModulePath(selector: string): boolean {
  return /^(?:\.{1,2}\/|\/)/.test(selector) || /\.(?:[cm]?[jt]s|json)$/.test(selector);
}
