import { hash } from "node:crypto";
import type { StoredAccount, UserChanges } from "../../accounts/record.ts";
import type { Written } from "../sources/django-rows.ts";

/**
 * What was taken over of an account, as fingerprints of single facts ("p:4kd8fjs2", "g:7"), kept with the
 * account. Without them a later import could not tell a binding that the source has gained since from one that
 * was withdrawn here, nor an account that was changed here from one that was not. Not a secret and no proof: 48
 * bits of a digest, of values that are in the same database.
 */
export type Facts = ReadonlySet<string>;

/** Not `standingColumns`: fingerprints of earlier imports stay comparable when an account gains a flag. */
const fingerprinted = ["is_active", "is_staff", "is_superuser"] as const;

type FactSource = Required<UserChanges> & Pick<StoredAccount, "password_hash">;

/** What differs, as the report calls it. `names or flags`: earlier imports kept one fingerprint of both. */
export type Change = "password" | "email" | "mobile" | "names" | "flags" | "names or flags";

/** Not the last log-in: that one changes every day and is worth no word. */
export function accountFacts(account: FactSource): string[] {
  return [
    `p:${short(account.password_hash)}`,
    `e:${short(account.email ?? "")}`,
    `m:${short(account.mobile ?? "")}`,
    `n:${names(account)}`,
    `f:${fingerprinted.map((flag) => account[flag]).join("")}`,
  ];
}

/**
 * What the account has now and did not have when it was taken over. `written`: the source's own writing, of which
 * earlier imports took their fingerprints.
 */
export function changesSince(known: Facts, now: FactSource, written?: Written): Change[] {
  const [password, email, mobile, name, flags] = accountFacts(now) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const changes: Change[] = [];
  const isKnown = (...facts: string[]) => facts.some((fact) => known.has(fact));
  if (!isKnown(password)) changes.push("password");
  if (!isKnown(email, `e:${short(written?.email ?? now.email ?? "")}`)) changes.push("email");
  if (!isKnown(mobile, `m:${short(written?.mobile ?? now.mobile ?? "")}`)) changes.push("mobile");
  const earlier = [now, { ...now, ...written }].map((one) => `a:${namesAndFlags(one)}`);
  if ([...known].some((fact) => fact.startsWith("a:"))) {
    if (!isKnown(...earlier)) changes.push("names or flags");
    return changes;
  }
  if (!isKnown(name, `n:${names({ ...now, ...written })}`)) changes.push("names");
  if (!isKnown(flags)) changes.push("flags");
  return changes;
}

type NameSource = Pick<FactSource, "username" | "first_name" | "last_name">;

function names({ username, first_name, last_name }: NameSource): string {
  return short(JSON.stringify([username, first_name, last_name]));
}

/** One fingerprint of both, as earlier imports kept. */
function namesAndFlags(source: NameSource & FactSource): string {
  const { username, first_name, last_name } = source;
  const flags = fingerprinted.map((flag) => source[flag]);
  return short(JSON.stringify([username, first_name, last_name, ...flags]));
}

/**
 * Whether nobody touched the account here since it was taken over: what it logs in by, its names and flags are what
 * they were, and no token of it was ended. A log-in that renewed the hash counts as a touch: somebody uses it here.
 */
export function isUntouched(
  known: Facts,
  here: FactSource & Pick<StoredAccount, "credentials_version">,
): boolean {
  // Records of earlier versions name none: their accounts all began with 0.
  const version = [...known].find((fact) => fact.startsWith("v:"))?.slice(2) ?? "0";
  return changesSince(known, here).length === 0 && String(here.credentials_version) === version;
}

export function versionFact(version: number): string {
  return `v:${version}`;
}

export const membershipFact = {
  user_groups: (groupId: number) => `g:${groupId}`,
  user_permissions: (permissionId: number) => `r:${permissionId}`,
} as const;

export function bindingFact(provider: string, openid: string): string {
  return `b:${short(`${provider} ${openid}`)}`;
}

/** The facts of what hangs on the account, without those of the account itself. */
export function linkFacts(known: Facts): string[] {
  return [...known].filter((fact) => /^[bgr]:/.test(fact));
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
