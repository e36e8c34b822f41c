/**
 * What this tab carries from one log-in to the other while two accounts are joined. Only what this site wrote here itself: nothing of an
 * address, which anybody could have made (attack: a link that has its reader's account go into a stranger's; guard: journey joining.test.ts).
 */
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

export interface BegunJoining {
  readonly offer: string;
  readonly keptId: number;
  readonly keptName: string;
  /** Once the other account has agreed. */
  readonly ticket?: string;
  readonly joinedName?: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

const storageKey = "meiduo.joining";

export function keepJoining(begun: Omit<BegunJoining, "endsAt">, lifeSeconds: number): void {
  const kept = { ...begun, endsAt: Date.now() + lifeSeconds * 1000 } satisfies BegunJoining;
  writeItem("session", storageKey, JSON.stringify(kept));
}

/** Null where nothing was begun, or it is over. */
export function begunJoining(): BegunJoining | null {
  const kept = readJson("session", storageKey) as Partial<BegunJoining> | null;
  const isWhole = typeof kept?.offer === "string" && typeof kept.keptId === "number";
  if (!isWhole || Number(kept.endsAt) <= Date.now()) return null;
  return { ...kept, keptName: String(kept.keptName ?? "") } as BegunJoining;
}

export const forgetJoining = (): void => removeItem("session", storageKey);
