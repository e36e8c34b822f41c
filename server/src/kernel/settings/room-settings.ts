import type { SettingProblemCode } from "../../errors/setting-problem.ts";
import type { Variable } from "./variable.ts";

/**
 * The settings of one room of the server: its variables, what it makes of them, and what is reported of them, in one file.
 * config/ gathers the rooms; reading, checking, `check-config` and docs/configuration.md all follow from these tables.
 */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

export type ValuesOf<Table extends Variables> = {
  readonly [Name in keyof Table]: ReturnType<Table[Name]["parse"]>;
};

/** What every room may know of the installation. */
export interface Surroundings {
  readonly production: boolean;
  /** Absolute. */
  readonly dataDir: string;
  /** Whether the variable has a value, right or wrong. */
  readonly isSet: (variable: string) => boolean;
}

export interface SettingRefusal<Name> {
  readonly variable: Name;
  readonly code: SettingProblemCode;
  readonly parameters?: Readonly<Record<string, string | number>>;
}

type Texts<Table> = { readonly [Name in keyof Table]?: string };

export interface RoomSettings<Table extends Variables, Settings extends object> {
  readonly variables: Table;
  /** Variables that production can't do without, each with what is wrong where it is missing. */
  readonly required?: { readonly [Name in keyof Table]?: SettingProblemCode };
  /** The values the room works with. */
  settings(env: ValuesOf<Table>, around: Surroundings): Settings;
  /** What each variable's parser can't see by itself. */
  problems?(env: ValuesOf<Table>, around: Surroundings): readonly SettingRefusal<keyof Table>[];
  /** What is computed from a variable, set or not, as `check-config` shows it. */
  inForce?(settings: Settings): Texts<Table>;
  /** What an unset variable comes to here; without it the table's default is shown. */
  byDefault?(settings: Settings): Texts<Table>;
  /** Why a variable does nothing here although it is set, in one phrase. */
  idle?(settings: Settings): Texts<Table>;
}

/** Says nothing new: gives the table its types. */
export function defineSettings<const Table extends Variables, Settings extends object>(
  room: RoomSettings<Table, Settings>,
): RoomSettings<Table, Settings> {
  return room;
}

/** A limit whose 0 means that there is none. */
export function limitText(perHour: number): string {
  return perHour === 0 ? "(unlimited)" : String(perHour);
}
