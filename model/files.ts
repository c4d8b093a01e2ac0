import { unbindMediated } from './accesses/mediated.ts';
import { isTaken } from './host/rescan.ts';
import { EMPTY_CONTEXT } from './iommufd/context.ts';
import { putContextRef } from './iommufd/destroy.ts';
import { addUsers } from './iommufd/object-table.ts';
import { unbind } from './vfio/bind.ts';
import { copyWorld } from './world/copy.ts';
import { fileOf, forgetFd, installFile } from './world/files.ts';
import { type OpenFile, processOf } from './world/process.ts';
import { done, type Result, refused } from './world/result.ts';
import { putContext, putFile, putProcess, type Tx } from './world/tx.ts';

export function openIommufd(tx: Tx, actor: string): Result {
  const free = tx.world.contexts.indexOf(null);
  const ctx = free < 0 ? tx.world.contexts.length : free;
  putContext(tx, ctx, EMPTY_CONTEXT);
  return done({ fd: installFile(tx, actor, { kind: 'iommufd', ctx }) });
}

/** Opens a device's character device. It may be open many times; only one open file can be bound. */
export function openCdev(tx: Tx, id: string, actor: string): Result {
  const device = tx.world.platform.devices.findIndex((d) => d.id === id);
  if (device < 0) return openMediated(tx, id, actor);
  // vfio-pci takes no device that is in no IOMMU group.
  if (!isTaken(tx, device)) return refused('ENOENT');
  return done({ fd: installFile(tx, actor, { kind: 'cdev', device, bound: null }) });
}

function openMediated(tx: Tx, id: string, actor: string): Result {
  const mdev = tx.world.platform.mediated?.indexOf(id) ?? -1;
  if (mdev < 0) return refused('ENOENT');
  return done({ fd: installFile(tx, actor, { kind: 'mdev', mdev, bound: null }) });
}

/** close(): the file itself goes with the last descriptor or mapping of it. */
export function closeFd(tx: Tx, fd: number, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  forgetFd(tx, actor, fd);
  dropFile(tx, file.index);
  return done();
}

/** A mapping of a device's BAR keeps its file, and so the binding, alive after close(). */
export function mmapBar(tx: Tx, fd: number, va: bigint, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  const process = processOf(tx.world.processes, actor);
  if (file === null || process === undefined) return refused('EBADF');
  if (file.of.kind !== 'cdev' || file.of.bound === null) return refused('EINVAL');
  const open = tx.world.files[file.index];
  if (open === undefined || open === null) return refused('EBADF');
  putFile(tx, file.index, { ...open, refs: open.refs + 1 });
  putProcess(tx, actor, { ...process, mappings: [...process.mappings, { va, file: file.index }] });
  return done();
}

export function munmapBar(tx: Tx, va: bigint, actor: string): Result {
  const process = processOf(tx.world.processes, actor);
  const mapping = process?.mappings.find((m) => m.va === va);
  if (process === undefined || mapping === undefined) return done();
  putProcess(tx, actor, { ...process, mappings: process.mappings.filter((m) => m !== mapping) });
  dropFile(tx, mapping.file);
  return done();
}

/** Gives back one reference to a file; with the last one it is released. */
export function dropFile(tx: Tx, index: number): void {
  const file = tx.world.files[index] ?? null;
  if (file === null) return;
  if (file.refs > 1) {
    putFile(tx, index, { ...file, refs: file.refs - 1 });
    return;
  }
  putFile(tx, index, null);
  let { files } = tx.world;
  while (files.length > 0 && files.at(-1) === null) files = files.slice(0, -1);
  const world = copyWorld(tx.world);
  world.files = files;
  tx.world = world;
  release(tx, file.of);
}

/** The last reference to a file is gone. */
function release(tx: Tx, of: OpenFile): void {
  switch (of.kind) {
    case 'iommufd':
      putContextRef(tx, of.ctx);
      return;
    case 'cdev':
      if (of.bound !== null) unbind(tx, of.device, of.bound);
      return;
    case 'veventq':
    case 'fault':
      addUsers(tx, of.ctx, of.id, -1);
      putContextRef(tx, of.ctx);
      return;
    case 'mdev':
      if (of.bound !== null) unbindMediated(tx, of.bound);
      return;
    // Whether anybody still has the dma-buf is found as the command ends.
    case 'dmabuf':
    case 'other':
      return;
  }
}
