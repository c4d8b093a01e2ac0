/** A mail thread as those who took part know it. */
export interface Thread {
  /** File name in the collection of seed threads. */
  readonly seed: string;
  readonly subject: string;
  readonly list: string;
  /** Where it can be found, as far as an address or a message id is known. */
  readonly found?: string;
}

export const THREADS: readonly Thread[] = [
  {
    seed: '000_ad57012bc817ef74',
    subject: '[RFC PATCH 0/5] hw/arm/virt: Add support for user-creatable nested SMMUv3',
    list: 'qemu-devel, February 2025',
  },
  {
    seed: '002_2722f0477c083981',
    subject: '[RFC PATCH v2 00/10] vfio/mdev: IOMMU aware mediated device',
    list: 'iommu, September 2018',
  },
  {
    seed: '003_067a4682a5f6c57b',
    subject: '[RFC] /dev/ioasid uAPI proposal',
    list: 'linux-iommu, June 2021',
  },
  {
    seed: '004_dab1b720de67ebea',
    subject: '[PATCH v2 2/3] iommu/dma: Support MSIs through nested domains',
    list: 'linux-iommu, August 2024',
    found: 'patch 3/3 of it is <544ab894a301c83eb9f9d7a6326f4cb87f517019.1722644866.git.nicolinc@nvidia.com>',
  },
];

/** Where a message was sent: the subject of its thread and the list; null where a record is about no mail thread. */
export function threadOf(seed: string): Thread | null {
  return THREADS.find((each) => each.seed === seed) ?? null;
}

/** A source as readers know it: the list and the month of a thread in the place of the name under which records have it. */
export function cited(source: string): string {
  return source.replaceAll(/\bseed (\d{3})\b/g, (name, number: string) => {
    const thread = THREADS.find(({ seed }) => seed.startsWith(`${number}_`));
    return thread === undefined ? name : thread.list;
  });
}
