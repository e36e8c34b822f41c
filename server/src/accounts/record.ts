import type { Generated } from "kysely";
import type { Flag } from "../engines/database/flag.ts";
import { newCredentialsVersion } from "./credentials-version.ts";

/**
 * The account's record: every column of `users` but its id, once. What is read, written, begun with, changed by
 * operators, audited, listed and taken over by an import follows from this list; so does the table's type. Both engines
 * store flags as 0 or 1 and times as epoch milliseconds. Guard: record.test.ts compares it with the migrated database.
 */
interface Column<Value, Marks extends Mark = never> {
  /** What a new account has where nothing is given; without it something must be. `now` in epoch milliseconds. */
  readonly begins?: (now: number) => Value;
  readonly marks: readonly Marks[];
}

/**
 * - `given`: a new account must bring it;
 * - `operator`: administrators, commands and imports may change it; the audit log has it before and after;
 * - `standing`: of these, a flag that decides what the account may do;
 * - `secret`: never shown to anybody, nor what a token could be made of;
 * - `kept`: for the table's own keeping; services don't see it.
 */
type Mark = "given" | "operator" | "standing" | "secret" | "kept";

const column = <Value>() => ({
  given: <const Marks extends Mark = never>(...marks: Marks[]): Column<Value, Marks | "given"> => ({
    marks: ["given", ...marks],
  }),
  begins: <const Marks extends Mark = never>(
    begins: (now: number) => Value,
    ...marks: Marks[]
  ): Column<Value, Marks> => ({ begins, marks }),
});

const columns = {
  /** As the person wrote it, NFKC. */
  username: column<string>().given("operator"),
  /** Null for an account without one; as written, domain lower-cased. */
  email: column<string | null>().given("operator"),
  mobile: column<string | null>().begins(() => null, "operator"),
  /** The number to which a code was sent that came back; another one than `mobile` proves nothing (accounts/mobile.ts). */
  proved_mobile: column<string | null>().begins(() => null),
  /** When that was last so; null where it was not noted, and of numbers that were put back (accounts/stale-numbers.ts). */
  mobile_proved_at: column<number | null>().begins(() => null),
  first_name: column<string>().begins(() => "", "operator"),
  last_name: column<string>().begins(() => "", "operator"),
  /** What its owner calls themselves; null where they chose nothing. */
  nickname: column<string | null>().begins(() => null, "operator"),
  /** Of the third party that was bound first: what stands there until the owner chooses. */
  provider_nickname: column<string | null>().begins(() => null),
  /** An https address at the third party. */
  provider_avatar: column<string | null>().begins(() => null),
  /** The name of its own picture (avatars/avatars.ts); empty where the owner wants none, null where they chose nothing. */
  avatar: column<string | null>().begins(() => null),
  /** In Django's notation `algorithm$…`; one starting with `!` is unusable. */
  password_hash: column<string>().given("secret"),
  /** 1 where the original may have trimmed the password before hashing it. */
  password_trimmed: column<Flag>().begins(() => 0, "secret"),
  is_active: column<Flag>().begins(() => 1, "operator", "standing"),
  is_staff: column<Flag>().begins(() => 0, "operator", "standing"),
  is_superuser: column<Flag>().begins(() => 0, "operator", "standing"),
  /** 1 once a code sent to the address came back. */
  email_verified: column<Flag>().begins(() => 0),
  /** 1 where nobody chose the user name, and the owner is still to be asked; null or 0 elsewhere. */
  username_due: column<Flag | null>().begins(() => null),
  /** When the owner last chose another user name. */
  username_changed_at: column<number | null>().begins(() => null),
  /** When its second factor was switched on, which each log-in asks for since; written with it (factors/second-factors.ts). */
  second_factor_at: column<number | null>().begins(() => null),
  /** When it was first met without one although it must have one (factors/second-factor-policy.ts). */
  second_factor_asked_at: column<number | null>().begins(() => null),
  /** Another one after every change that must end earlier tokens, which carry theirs. Random: nothing is later. */
  credentials_version: column<number>().begins(newCredentialsVersion, "secret"),
  /** When it last changed; ends tokens of the mall's other services, which carry no version. */
  credentials_changed_at: column<number | null>().begins(() => null, "secret"),
  /** When the password was last made by somebody who did not give the one before. */
  password_reset_at: column<number | null>().begins(() => null, "secret"),
  last_login_at: column<number | null>().begins(() => null),
  /** From when on it is erased, where that was asked for (rights/deletions.ts); null elsewhere. */
  deletion_due_at: column<number | null>().begins(() => null),
  /** When that was asked for; stays where the time is moved. Null where a program of 0.6 and before was asked. */
  deletion_asked_at: column<number | null>().begins(() => null),
  /** When its erasure began what can't be undone (rights/erase-job.ts); null before. */
  erasure_begun_at: column<number | null>().begins(() => null),
  /** Larger with each change that other programs are told of (events/); beside what they keep of the account, too. */
  version: column<number>().begins(() => 0),
  joined_at: column<number>().begins((now) => now),
  created_at: column<number>().begins((now) => now, "kept"),
  updated_at: column<number>().begins((now) => now, "kept"),
};

type Columns = typeof columns;
export type ColumnName = keyof Columns;
type ValueOf<Name extends ColumnName> = Columns[Name] extends Column<infer Value, infer _> ? Value : never;
type With<Marked extends Mark> = {
  [Name in ColumnName]: Marked extends Columns[Name]["marks"][number] ? Name : never;
}[ColumnName];
type Values<Name extends ColumnName> = { readonly [One in Name]: ValueOf<One> };

/** A row without its id. */
export type AccountValues = Values<ColumnName>;
/** A row as it is stored: what an import carries. */
export type StoredAccount = { readonly id: number } & AccountValues;
/** An account as the services see it. */
export type User = { readonly id: number } & Values<Exclude<ColumnName, With<"kept">>>;
/** What of it may be shown. */
export type ShownUser = { readonly id: number } & Values<Exclude<ColumnName, With<"kept"> | With<"secret">>>;
/** What a new account is made of. */
export type NewUser = Values<With<"given">> & Partial<AccountValues>;
/** What an operator may change. */
export type UserChanges = Partial<Values<With<"operator">>>;

declare module "../engines/database/tables.ts" {
  interface Tables {
    users: { id: Generated<number>; version: Generated<number> } & {
      -readonly [Name in Exclude<ColumnName, "version">]: ValueOf<Name>;
    };
  }
}

const marksOf = (name: ColumnName): readonly Mark[] => columns[name].marks;

export const columnNames = Object.keys(columns) as ColumnName[];
export const operatorColumns = columnNames.filter((name): name is With<"operator"> =>
  marksOf(name).includes("operator"),
);
export const standingColumns = columnNames.filter((name): name is With<"standing"> =>
  marksOf(name).includes("standing"),
);
const seen = columnNames.filter(
  (name): name is Exclude<ColumnName, With<"kept">> => !marksOf(name).includes("kept"),
);

/** For a select beside other tables. */
export const userColumns = ["users.id" as const, ...seen.map((name) => `users.${name}` as const)];
export const shownColumns = [
  "id" as const,
  ...seen.filter(
    (name): name is Exclude<(typeof seen)[number], With<"secret">> => !marksOf(name).includes("secret"),
  ),
];

/** A whole row of a new account. `now` in epoch milliseconds. */
export function newAccount(given: NewUser, now: number): AccountValues {
  const row = columnNames.map((name) => {
    const { begins } = columns[name] as Column<unknown, Mark>;
    return [name, given[name] === undefined ? begins?.(now) : given[name]];
  });
  return Object.fromEntries(row) as AccountValues;
}

/** The operator's columns of an account, for a change or the audit log. */
export function operatorValues(account: Values<With<"operator">>): Values<With<"operator">> {
  const values = operatorColumns.map((name) => [name, account[name]]);
  return Object.fromEntries(values) as Values<With<"operator">>;
}
