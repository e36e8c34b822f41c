import type { Names } from "../brand/brand.ts";

/** A field of an account that the site declares by SIGN_UP_FIELDS, besides those that every account has. */
export interface ExtraField {
  readonly name: string;
  readonly type: ExtraFieldType;
  /** Whether a new account must bring it, and nobody can empty it. */
  readonly required: boolean;
  /** Of a text its length in characters, of a number its value. */
  readonly min?: number;
  readonly max?: number;
  /** What may be chosen. */
  readonly choices?: readonly { readonly value: string; readonly label: Names }[];
  /** By language, as the brand's name: who reads none of them gets the Chinese or the English one. */
  readonly label: Names;
  readonly hint?: Names;
  /** Who may see it. `services`: hooks, and programs that embed the server. */
  readonly read: readonly FieldReader[];
  readonly write: readonly FieldWriter[];
}

export const extraFieldTypes = ["text", "integer", "boolean", "choice", "date"] as const;
export type ExtraFieldType = (typeof extraFieldTypes)[number];

export const fieldReaders = ["user", "staff", "services"] as const;
export type FieldReader = (typeof fieldReaders)[number];

export const fieldWriters = ["user", "staff"] as const;
export type FieldWriter = (typeof fieldWriters)[number];

/** Values by name; a field without one is null. */
export type ExtraValues = Readonly<Record<string, string | number | boolean | null>>;
