import type { Tx } from '../world/tx.ts';
import type { ObjectOf, ObjectType } from './objects.ts';

/**
 * struct iommufd_object_ops of one kind of object. What an allocation did before it failed is dropped with its world, so
 * there is nothing to abort; a device, which no DESTROY can take, has its pre_destroy in `device.ts`.
 */
export interface ObjectOperations<T extends ObjectType> {
  /** The object is out of the table: it gives back every reference that it held. Left out: it held none. */
  destroy?(tx: Tx, ctx: number, id: number, object: ObjectOf<T>): void;
}

export type Objects<T extends ObjectType> = { readonly [Each in T]: ObjectOperations<Each> };
