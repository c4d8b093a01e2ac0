/** Paths of files that are memory: memfd_create(), tmpfs, hugetlbfs. */
const IN_MEMORY = /memfd|^\/dev\/shm\/|huge/;

/** Whether a file is memory, by the path at which it was opened. */
export function isInMemory(path: string): boolean {
  return IN_MEMORY.test(path);
}
