import { commandTable } from '../commands.ts';
import type { Family } from './family.ts';

/**
 * Opening, binding and closing. A process has at most one file of a device: a second one could only be refused its
 * BIND, which the one that is bound shows as well.
 */
export const files: Family = ({ scope, bounds, of }) => {
  const { devices } = scope.platform;
  const openIommufd = commandTable((process) => of(process, 'openIommufd', {}));
  const openCdev = commandTable((process, device) =>
    of(process, 'openCdev', { device: devices[device]?.id ?? '' }),
  );
  const bind = commandTable((process, fd, iommufd) => of(process, 'vfioBind', { fd, iommufd }));
  const close = commandTable((process, fd) => of(process, 'close', { fd }));
  return ({ process, world, contexts, cdevs, fds }, tried) => {
    let open = 0;
    for (const context of world.contexts) if (context !== null) open++;
    if (open < bounds.iommufd && contexts.length === 0) tried.push(openIommufd(process));
    for (let device = 0; device < devices.length; device++)
      if (!cdevs.some((cdev) => cdev.device === device)) tried.push(openCdev(process, device));
    for (const cdev of cdevs) for (const { fd } of contexts) tried.push(bind(process, cdev.fd, fd));
    for (const fd of fds) tried.push(close(process, fd));
  };
};
