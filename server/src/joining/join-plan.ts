import { createHash } from "node:crypto";
import { planRecord, type RecordPlan } from "../accounts/join-record.ts";
import { type OwnRows, planRows } from "../accounts/join-rows.ts";
import type { User } from "../accounts/record.ts";
import { type AddressPlan, planAddresses } from "../addresses/join-addresses.ts";
import { isOwnAvatar, takesAvatar } from "../avatars/avatar-owners.ts";
import type { Db } from "../engines/database/database.ts";
import { bindingsToMove, type MovingBinding } from "../identities/bindings/join-bindings.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { countPasskeys } from "./join-store.ts";

/**
 * What becomes of two accounts where one goes into the other, and what prevents it: worked out by the preview and, under the accounts'
 * locks, by the join itself, so that nobody gets another thing than what they were shown. Promises: rights never move, neither a
 * standing nor a group nor a permission; the digest is another one whenever anything of the plan is.
 */
export const joinProblems = ["staff", "rights", "unavailable", "deletion_pending"] as const;
/**
 * - `staff`: either is staff or a superuser;
 * - `rights`: the other is in a group or was granted a permission, which would be lost or move unseen;
 * - `unavailable`: either is disabled;
 * - `deletion_pending`: either is about to be erased.
 */
export type JoinProblem = (typeof joinProblems)[number];

export const joinedThings = [
  ...([
    "username",
    "email",
    "mobile",
    "nickname",
    "name",
    "picture",
    "password",
    "passkeys",
    "second_factor",
  ] as const),
  ...(["addresses", "consents", "choices", "age", "fields"] as const),
] as const;

/** One line of the preview. */
export interface JoinItem {
  readonly what: (typeof joinedThings)[number];
  readonly becomes: "moves" | "stays" | "lost";
  /** What it is where that can be said in words, else null. */
  readonly value: string | null;
  readonly count: number;
}

export interface JoinPlan {
  readonly problems: readonly JoinProblem[];
  readonly items: readonly JoinItem[];
  readonly record: RecordPlan;
  readonly rows: OwnRows;
  readonly bindings: readonly MovingBinding[];
  readonly addresses: AddressPlan;
  readonly digest: string;
}

export interface JoinPlanDeps {
  readonly passwords: Pick<Passwords, "isUsable">;
  readonly groups: Pick<Groups, "ofUser">;
  readonly permissions: Pick<Permissions, "grantedTo">;
}

/** Reads through `from`: a transaction, so that all of it is of one moment. */
export async function planJoin(
  deps: JoinPlanDeps,
  from: Db,
  { kept, joined }: { readonly kept: User; readonly joined: User },
): Promise<JoinPlan> {
  const pair = { kept: kept.id, joined: joined.id };
  const record = planRecord(kept, joined);
  const rows = await planRows(from, pair);
  const bindings = await bindingsToMove(from, joined.id);
  const addresses = await planAddresses(from, pair);
  const problems = await problemsOf(deps, from, kept, joined);
  const items = [
    ...record.values.map((one): JoinItem => ({ ...one, count: 1 })),
    ...pictureItems(kept, joined),
    ...(await factorItems(deps, from, kept, joined)),
    ...counted("addresses", "moves", addresses.moved.length),
    ...counted("addresses", "lost", addresses.lost),
    ...counted("consents", "moves", rows.consents.length),
    ...counted("choices", "moves", rows.choices.length),
    ...counted("age", "moves", rows.age ? 1 : 0),
    ...rows.fields.map((value): JoinItem => ({ what: "fields", becomes: "moves", value, count: 1 })),
  ];
  const facts = {
    ...{ kept: [kept.id, kept.credentials_version], joined: [joined.id, joined.credentials_version] },
    ...{ problems, items, rows, addresses, changes: record.changes },
    bindings: bindings.map((one) => [one.provider, one.account_key, one.unproved]),
  };
  const digest = createHash("sha256").update(JSON.stringify(facts)).digest("base64url");
  return { problems, items, record, rows, bindings, addresses, digest };
}

async function problemsOf(
  { groups, permissions }: JoinPlanDeps,
  from: Db,
  kept: User,
  joined: User,
): Promise<JoinProblem[]> {
  const both = [kept, joined];
  const isStaff = both.some(({ is_staff, is_superuser }) => is_staff === 1 || is_superuser === 1);
  const ofGroups = await groups.ofUser(joined.id, from);
  const granted = await permissions.grantedTo(joined.id, from);
  return [
    ...(isStaff ? (["staff"] as const) : []),
    ...(ofGroups.length + granted.length > 0 ? (["rights"] as const) : []),
    ...(both.some(({ is_active }) => is_active === 0) ? (["unavailable"] as const) : []),
    ...(both.some(({ deletion_due_at }) => deletion_due_at !== null) ? (["deletion_pending"] as const) : []),
  ];
}

/** What opens an account is never moved but for third parties: the kept account's own stays, the other's goes. */
async function factorItems(
  { passwords }: JoinPlanDeps,
  from: Db,
  kept: User,
  joined: User,
): Promise<JoinItem[]> {
  const passwordsOf = ({ password_hash }: User) => (passwords.isUsable(password_hash) ? 1 : 0);
  return [
    ...counted("password", "stays", passwordsOf(kept)),
    ...counted("password", "lost", passwordsOf(joined)),
    ...counted("passkeys", "stays", await countPasskeys(from, kept.id)),
    ...counted("passkeys", "lost", await countPasskeys(from, joined.id)),
    ...counted("second_factor", "stays", kept.second_factor_at === null ? 0 : 1),
    ...counted("second_factor", "lost", joined.second_factor_at === null ? 0 : 1),
  ];
}

/** The one that its owner chose; a third party's follows its binding. */
function pictureItems(kept: User, joined: User): JoinItem[] {
  const own = counted("picture", "stays", isOwnAvatar(kept.avatar) ? 1 : 0);
  const others = counted(
    "picture",
    takesAvatar(kept, joined) ? "moves" : "lost",
    isOwnAvatar(joined.avatar) ? 1 : 0,
  );
  return [...own, ...others];
}

function counted(what: JoinItem["what"], becomes: JoinItem["becomes"], count: number): JoinItem[] {
  return count === 0 ? [] : [{ what, becomes, value: null, count }];
}
