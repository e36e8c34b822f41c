/**
 * Leaving for a provider's page, and what this tab remembers of it until it is back: the state, and what the reader
 * left for. Never takes back a state this tab did not leave with.
 */
import { ApiError, type StepUpAction } from "@meiduo/client";
import { api } from "../api.ts";
import { readJson, writeItem } from "../browser-storage.ts";
import { addressOf } from "../site-path.ts";
import type { Interrupted } from "../step-up.ts";

/** What the reader left for a provider to do. */
export interface Departure {
  readonly provider: string;
  /** The account the provider is to be added to; null for a log-in. */
  readonly userId: number | null;
  /** Where a log-in comes back to in the end. Not checked: read it with `safeNextAddress`. */
  readonly next: string;
  /** Whether a log-in is kept after the browser is closed. */
  readonly remember: boolean;
  /** What the reader left to prove themselves for (step-up.ts); absent for anything else. */
  readonly action?: StepUpAction | undefined;
  readonly interrupted?: Interrupted | undefined;
}

const storageKey = "meiduo.departure";

/** Sends the browser to a provider's log-in page; `next` is where it comes back to in the end. */
export async function goToProvider(provider: string, next: string, remember: boolean): Promise<void> {
  const { login_url: address } = await api().authorizationAddress(provider, next);
  leaveFor(address, { provider, userId: null, next, remember });
}

/** Sends the browser to a provider's log-in page to add it to the logged-in user, whose id is `userId`. */
export async function goToBind(provider: string, userId: number): Promise<void> {
  const next = addressOf("/account/bindings");
  const { login_url: address } = await api().bindingAddress(provider, next);
  leaveFor(address, { provider, userId, next, remember: false });
}

/** Sends the browser to a provider's page to prove that the reader is the account's owner. `next` as `Departure` has it. */
export async function goToProve(
  provider: string,
  {
    action,
    next,
    interrupted,
  }: { readonly action: StepUpAction; readonly next: string; readonly interrupted?: Interrupted | undefined },
): Promise<void> {
  const { login_url: address } = await api().reauthenticationAddress(provider, next);
  leaveFor(address, { provider, userId: null, next, remember: false, action, interrupted });
}

function leaveFor(address: string, departure: Departure): void {
  const target = new URL(address);
  const { protocol, searchParams } = target;
  // The address comes from the API, which the site trusts; `javascript:` would still run with the site's rights.
  if (protocol !== "https:" && protocol !== "http:") {
    throw new ApiError({ code: "not_the_api", message: `Refused to open ${protocol}` });
  }
  keep({ ...departure, state: searchParams.get("state") });
  window.location.assign(comingBackHere(target));
}

/**
 * Under development this machine has two names, and only by `localhost` browsers have passkeys. The sandbox is told by which
 * one it was left; other providers send back to the address they know.
 */
function comingBackHere(target: URL): string {
  const thisMachine = /^http:\/\/(?:localhost|127\.0\.0\.1)(?=[:/]|$)/;
  const back = target.searchParams.get("redirect_uri") ?? "";
  const { origin } = window.location;
  const isOther = thisMachine.test(back) && thisMachine.test(origin) && !back.startsWith(`${origin}/`);
  if (isOther) target.searchParams.set("back_at", origin);
  return target.href;
}

/**
 * What this tab left for this provider for, or null where it did not. `isOurs` is true once, for the state it left
 * with: a link with somebody else's code and state would otherwise log the reader in to that somebody's account; the
 * server's cookie stops it only where the browser has been here before. The rest stays for "try again", also after a
 * reload.
 */
export function takeDeparture(
  provider: string,
  state: unknown,
): { departure: Departure | null; isOurs: boolean } {
  const kept = readJson("session", storageKey) as (Partial<Departure> & { state?: unknown }) | null;
  if (kept?.provider !== provider) return { departure: null, isOurs: false };
  const departure: Departure = {
    provider,
    userId: typeof kept.userId === "number" ? kept.userId : null,
    next: typeof kept.next === "string" ? kept.next : addressOf("/"),
    remember: kept.remember === true,
    ...(typeof kept.action === "string" && { action: kept.action, interrupted: kept.interrupted }),
  };
  keep({ ...departure, state: null });
  return { departure, isOurs: typeof kept.state === "string" && kept.state === state };
}

function keep(departure: Departure & { state: string | null }): void {
  writeItem("session", storageKey, JSON.stringify(departure));
}
