import type { PictureStoreName } from "./avatar-store.ts";

/**
 * Where pictures lie: the contract of the database (database-pictures.ts) and of an S3-shaped store (s3-pictures.ts), with one
 * suite for both (picture-store.contract.ts). Promise: what `put` resolved is there for every process until `remove` resolves;
 * then it is nowhere. Names are unguessable and never used twice, so nothing is ever replaced. A store in trouble rejects, within
 * seconds.
 */
export interface PictureStore {
  readonly name: PictureStoreName;
  put(name: string, content: Buffer): Promise<void>;
  /** Null for one that is not there. */
  get(name: string): Promise<Buffer | null>;
  /** One that is not there is removed already. */
  remove(name: string): Promise<void>;
}
