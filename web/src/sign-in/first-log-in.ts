/**
 * What a first third-party log-in left behind for the page that finishes it: the ticket and who the provider says
 * this is. Kept for the tab, so that a reload does not send the reader to the provider again. Never outlives the ticket.
 */
import type { ThirdPartyProfile, ThirdPartyUnbound } from "@meiduo/client";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

export interface FirstLogIn {
  readonly provider: string;
  readonly bindToken: string;
  readonly profile: ThirdPartyProfile;
  readonly next: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

const storageKey = "meiduo.first-log-in";
/** The server's tickets live 600 s; a form handed in at the last moment must still arrive. */
const ticketSeconds = 590;

export function keepFirstLogIn(
  provider: string,
  answer: ThirdPartyUnbound,
  now: () => number = Date.now,
): FirstLogIn {
  const kept: FirstLogIn = {
    provider,
    bindToken: answer.bind_token,
    profile: answer.profile,
    next: answer.next,
    endsAt: now() + ticketSeconds * 1000,
  };
  writeItem("session", storageKey, JSON.stringify(kept));
  return kept;
}

/** The first log-in that still waits for its account at this provider, or null. */
export function keptFirstLogIn(provider: string, now: () => number = Date.now): FirstLogIn | null {
  const kept = readJson("session", storageKey) as FirstLogIn | null;
  return kept?.provider === provider && kept.endsAt > now() ? kept : null;
}

export function forgetFirstLogIn(): void {
  removeItem("session", storageKey);
}

const intentKey = "meiduo.binding-for";

/** Notes that the reader left for a provider to add it to this account, not to log in. */
export function noteBindingIntent(provider: string, userId: number): void {
  writeItem("session", intentKey, JSON.stringify({ provider, userId }));
}

/** True once, where the reader left to add this provider to this account. */
export function takeBindingIntent(provider: string, userId: number | undefined): boolean {
  const intent = readJson("session", intentKey) as { provider?: unknown; userId?: unknown } | null;
  removeItem("session", intentKey);
  return intent?.provider === provider && userId !== undefined && intent.userId === userId;
}
