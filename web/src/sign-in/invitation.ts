/**
 * The invitation that the reader came with. It stands in the fragment of its link, which no server sees; from there it is
 * taken out of the address, and kept for this tab, so that a way round by a provider's page does not lose it.
 */
import { readItem, removeItem, writeItem } from "../browser-storage.ts";

const storageKey = "meiduo.invitation";

/** What a fragment brings, or null. */
export function invitationIn(hash: string): string | null {
  const brought = new URLSearchParams(hash.replace(/^#/, "")).get("invitation");
  return brought !== null && /^[\w-]{20,100}$/.test(brought) ? brought : null;
}

export function keepInvitation(invitation: string): void {
  writeItem("session", storageKey, invitation);
}

export function keptInvitation(): string | null {
  return readItem("session", storageKey);
}

/** It has done its work, or is good for nothing. */
export function forgetInvitation(): void {
  removeItem("session", storageKey);
}

/** As a field of a form's body; nothing where there is none. */
export function invitationField(): { invitation?: string } {
  const invitation = keptInvitation();
  return invitation === null ? {} : { invitation };
}
