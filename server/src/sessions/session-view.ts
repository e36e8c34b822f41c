import type { Static } from "typebox";
import { browserName } from "../devices/browser-name.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionRow } from "./session-store.ts";

const nullableText = Type.Union([Type.String(), Type.Null()]);

/** A session as its owner sees it, and whoever may see the account. */
export const SessionView = Type.Object({
  id: Type.String(),
  /** Whether the request itself came with it. */
  current: Type.Boolean(),
  /**
   * `password`, `sign_up`, `provider`, `binding`, `provider_sign_up`, `passkey`, `code` or `new_password`; `impersonation` where somebody of
   * the staff acts in the owner's place.
   */
  way: Type.String(),
  provider: nullableText,
  browser: Type.String(),
  system: Type.String(),
  network: Type.String(),
  created_at: Type.String(),
  last_seen_at: Type.String(),
  expires_at: Type.String(),
});

/** `current`: the id of the request's own session. */
export async function viewOf(
  row: SessionRow,
  current: string | null | undefined,
): Promise<Static<typeof SessionView>> {
  const [browser = "", system = ""] = (await browserName(row.user_agent)).split("/");
  const idleEnd = row.idle_seconds === null ? row.expires_at : row.last_seen_at + row.idle_seconds * 1000;
  return {
    ...{ id: row.id, current: row.id === current, way: row.way, provider: row.provider, browser, system },
    network: shownNetwork(row.network),
    created_at: new Date(row.created_at).toISOString(),
    last_seen_at: new Date(row.last_seen_at).toISOString(),
    expires_at: new Date(Math.min(row.expires_at, idleEnd)).toISOString(),
  };
}

/** The network and not the address: enough to know it by, and one device less to be told apart. */
function shownNetwork(network: string): string {
  return network.replace(/^(\d+\.\d+\.\d+)\.\d+$/, "$1.*");
}
