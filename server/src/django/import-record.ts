import { hash } from "node:crypto";
import type { AccountRow } from "./django-rows.ts";

/**
 * What was taken over of an account, as fingerprints of single facts ("p:4kd8fjs2", "g:7"), kept with the
 * account. Without them a later import could not tell a binding that the source has gained since from one that
 * was withdrawn here. Not a secret and no proof: 48 bits of a digest, of values that stand in the same database.
 */
export type Facts = ReadonlySet<string>;

type FactSource = Pick<
  AccountRow,
  "password_hash" | "email" | "mobile" | "username" | "first_name" | "last_name"
> &
  Pick<AccountRow, "is_active" | "is_staff" | "is_superuser">;

/** What a changed fact is called in the report. */
const accountFactNames = { p: "password", e: "email", m: "mobile", a: "names or flags" } as const;

/** Not the last log-in: that one changes every day and is worth no word. */
export function accountFacts(account: FactSource): string[] {
  const { username, first_name, last_name, is_active, is_staff, is_superuser } = account;
  const rest = JSON.stringify([username, first_name, last_name, is_active, is_staff, is_superuser]);
  return [
    `p:${short(account.password_hash)}`,
    `e:${short(account.email ?? "")}`,
    `m:${short(account.mobile ?? "")}`,
    `a:${short(rest)}`,
  ];
}

/** The names of what the account has now and did not have when it was taken over. */
export function changedFacts(known: Facts, now: readonly string[]): string[] {
  return now
    .filter((fact) => !known.has(fact))
    .map((fact) => accountFactNames[fact[0] as keyof typeof accountFactNames]);
}

export const membershipFact = {
  user_groups: (groupId: number) => `g:${groupId}`,
  user_permissions: (permissionId: number) => `r:${permissionId}`,
} as const;

export function bindingFact(provider: string, openid: string): string {
  return `b:${short(`${provider} ${openid}`)}`;
}

export function readFacts(stored: string): Set<string> {
  return new Set(stored.split(" "));
}

export function writeFacts(facts: Iterable<string>): string {
  return [...facts].join(" ");
}

function short(value: string): string {
  return hash("sha256", value, "base64url").slice(0, 8);
}
