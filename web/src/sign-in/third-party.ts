import { ApiError } from "@meiduo/client";
import { api } from "../api.ts";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

/** Sends the browser to a provider's log-in page; `next` is where it comes back to in the end. */
export async function goToProvider(provider: string, next: string): Promise<void> {
  leaveFor((await api().authorizationAddress(provider, next)).login_url);
}

/** Sends the browser to a provider's log-in page to add it to the logged-in user. */
export async function goToBind(provider: string): Promise<void> {
  leaveFor((await api().bindingAddress(provider, "/account/bindings")).login_url);
}

function leaveFor(address: string): void {
  const { protocol } = new URL(address);
  // The address comes from the API, which the site trusts; `javascript:` would still run with the site's rights.
  if (protocol !== "https:" && protocol !== "http:") {
    throw new ApiError({ code: "not_the_api", message: `Refused to open ${protocol}` });
  }
  writeItem("session", stateKey, JSON.stringify(new URL(address).searchParams.get("state")));
  window.location.assign(address);
}

const stateKey = "meiduo.oauth-state";

/**
 * True once, for the state this tab left with. A link with somebody else's code and state would otherwise log the
 * reader in to that somebody's account; the server's cookie stops it only where the browser has been here before.
 */
export function takeState(state: string): boolean {
  const kept = readJson("session", stateKey);
  removeItem("session", stateKey);
  return kept === state;
}
