/**
 * Somebody of the staff acts in an owner's place, in this tab alone. Promises: their own session stays where it is, and comes back when
 * this one ends; another tab, and whoever opens the site anew, knows nothing of it. The token lies under a name that is not the
 * tutorial's: pages of that kind, which show no banner, are not given it.
 */
import { readJson, removeItem, writeItem } from "./browser-storage.ts";

export interface Impersonation {
  readonly token: string;
  /** In whose place. */
  readonly username: string;
  readonly userId: number;
  /** Who acts. */
  readonly by: string;
  /** ISO 8601. */
  readonly ends: string;
}

const key = "meiduo.impersonation";

/** Null where nobody acts for anybody here, or the time is over. */
export function keptImpersonation(): Impersonation | null {
  const kept = readJson("session", key) as Partial<Impersonation> | null;
  const { token, username, userId, by, ends } = kept ?? {};
  const isWhole = [token, username, by, ends].every((one) => typeof one === "string");
  if (!isWhole || typeof userId !== "number" || !(Date.parse(ends!) > Date.now())) return null;
  return kept as Impersonation;
}

export function keepImpersonation(one: Impersonation): void {
  writeItem("session", key, JSON.stringify(one));
}

export function forgetImpersonation(): void {
  removeItem("session", key);
}
