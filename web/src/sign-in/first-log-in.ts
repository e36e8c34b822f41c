/**
 * What a first third-party log-in left behind for the page that finishes it: the ticket and who the provider says
 * this is. Kept for the tab, so that a reload does not send the reader to the provider again. Never outlives the ticket.
 */
import type { ThirdPartyProfile, ThirdPartyUnbound } from "@meiduo/client";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";
import { forgetDrafts } from "../form-draft.ts";

export interface FirstLogIn {
  readonly provider: string;
  readonly bindToken: string;
  readonly profile: ThirdPartyProfile;
  readonly next: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Of both forms: what one person typed must not stand in for the next one's address or name. */
export const firstLogInDrafts = "first-log-in.";

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
  forgetDrafts(firstLogInDrafts);
  writeItem("session", storageKey, JSON.stringify(kept));
  return kept;
}

/** The first log-in that still waits for its account at this provider, or null. */
export function keptFirstLogIn(provider: string, now: () => number = Date.now): FirstLogIn | null {
  const kept = readJson("session", storageKey) as FirstLogIn | null;
  return kept?.provider === provider && kept.endsAt > now() ? kept : null;
}

export function forgetFirstLogIn(): void {
  forgetDrafts(firstLogInDrafts);
  removeItem("session", storageKey);
}
