/** What an object or descriptor is, as far as naming it goes. */
export type HandleKind =
  | 'iommufd'
  | 'cdev'
  | 'ioas'
  | 'hwpt'
  | 'device'
  | 'viommu'
  | 'vdevice'
  | 'veventq'
  | 'fault'
  | 'fd';

/** What an argument may name: `pt` is an IOAS or an HWPT, `any` every object, `invalidatable` a vIOMMU or an HWPT. */
export type HandleOf = HandleKind | 'pt' | 'any' | 'invalidatable';

/** Bits or values by the names of their interface. */
export type Names = Readonly<Record<string, number>>;

/** What stands in words of memory: it is printed by the architecture's names. */
export type WordsFormat = 'ste' | 'commands' | 'event' | 'ranges';
