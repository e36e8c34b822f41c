/**
 * Passkeys in this browser. The code that talks to devices (@simplewebauthn/browser) is loaded when one is used, and on the
 * log-in page where the browser offers passkeys by itself.
 */
import type { PasskeyJson } from "@meiduo/client";
import { api, siteConfig } from "./api.ts";

/** Why there are none here. */
export type NoPasskeys = "address" | "elsewhere" | "browser";

/** Null where this page can show and make passkeys. */
export function whyNoPasskeys(): NoPasskeys | null {
  const { rpId } = siteConfig().passkeys;
  if (rpId === null) return "address";
  const { hostname } = window.location;
  if (hostname !== rpId && !hostname.endsWith(`.${rpId}`)) return "elsewhere";
  return typeof PublicKeyCredential === "undefined" ? "browser" : null;
}

/** The same page at the domain that passkeys are for. Under development that is a name of this machine. */
export function addressWithPasskeys(): string {
  const { rpId } = siteConfig().passkeys;
  const { protocol, port, pathname, search } = window.location;
  return rpId === "localhost" ? `${protocol}//${rpId}:${port}${pathname}${search}` : `https://${rpId}`;
}

const loadBrowser = () => import("@simplewebauthn/browser");

/** Whether the browser offers passkeys in the log-in field, without being asked. */
export async function offersByItself(): Promise<boolean> {
  // Asked of the browser first: most that have none need not load anything.
  const isAvailable = globalThis.PublicKeyCredential?.isConditionalMediationAvailable;
  return isAvailable !== undefined && (await isAvailable.call(PublicKeyCredential));
}

/** `quietly`: the browser offers it in the field, and waits; another call ends that. Null where the reader would not. */
export async function showPasskey(options: object, quietly = false): Promise<PasskeyJson | null> {
  const { startAuthentication } = await loadBrowser();
  const optionsJSON = options as Parameters<typeof startAuthentication>[0]["optionsJSON"];
  return unlessRefused(() => startAuthentication({ optionsJSON, useBrowserAutofill: quietly }));
}

/** Has the device make one. Null where the reader would not; "there" where it has one already. */
export async function makePasskey(options: object): Promise<PasskeyJson | "there" | null> {
  const { startRegistration } = await loadBrowser();
  const optionsJSON = options as Parameters<typeof startRegistration>[0]["optionsJSON"];
  try {
    return await unlessRefused(() => startRegistration({ optionsJSON }));
  } catch (error) {
    if (nameOf(error) === "InvalidStateError") return "there";
    throw error;
  }
}

/** Ends what `showPasskey` waits for. */
export async function stopWaiting(): Promise<void> {
  const { WebAuthnAbortService } = await loadBrowser();
  WebAuthnAbortService.cancelCeremony();
}

type Signal = Parameters<Awaited<ReturnType<typeof loadBrowser>>["sendSignal"]>[0];

/** Tells the reader's devices what became of their passkeys. Few browsers can, and none has to. */
export async function tellDevices(signal: Signal): Promise<void> {
  const { sendSignal } = await loadBrowser();
  await sendSignal(signal).catch(() => undefined);
}

/** Tells the reader's devices by what name to list their passkeys. Nothing waits for it, and what goes wrong with it is not told. */
export async function tellName(userName: string): Promise<void> {
  // Asked of the browser first: most have no such call, and then nothing need be asked or loaded.
  if (whyNoPasskeys() !== null || !("signalCurrentUserDetails" in PublicKeyCredential)) return;
  try {
    const { rp_id: rpID, user_handle: userID } = await api().passkeys.list();
    if (rpID === null || userID === null) return;
    await tellDevices({
      signalName: "currentUserDetails",
      rpID,
      userID,
      userName,
      userDisplayName: userName,
    });
  } catch {
    // The name is changed all the same. The page of the passkeys tells it once more.
  }
}

/** A person who pressed "cancel", or did nothing for long: browsers tell the two apart for nobody. */
async function unlessRefused(ask: () => Promise<object>): Promise<PasskeyJson | null> {
  try {
    return (await ask()) as PasskeyJson;
  } catch (error) {
    if (nameOf(error) === "NotAllowedError" || nameOf(error) === "AbortError") return null;
    throw error;
  }
}

/** The library's errors have the browser's as their cause. */
function nameOf(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { name?: unknown } };
  return String(cause?.name ?? name);
}
