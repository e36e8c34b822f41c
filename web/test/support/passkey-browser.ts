/**
 * A browser with passkeys, as far as pages reach it: what they ask its devices for, and what it hears of passkeys that have
 * changed. The library between (@simplewebauthn/browser) is the real one.
 */
import { vi } from "vitest";

/** What is answered to `navigator.credentials`: the name of an error that it throws, or nothing for a person who agrees. */
type Refusal = "NotAllowedError" | "InvalidStateError" | undefined;

export interface PasskeyBrowser {
  /** What its next ceremonies end with. */
  refusal: Refusal;
  /** `create` and `get`, with the challenges of their options. */
  readonly ceremonies: { readonly kind: "create" | "get"; readonly options: CredentialOptions }[];
  /** What the page told it of passkeys, by the call's name. */
  readonly signals: { readonly name: string; readonly facts: object }[];
}

interface CredentialOptions {
  readonly mediation?: string;
  readonly publicKey: { readonly challenge: ArrayBuffer };
}

const bytes = (text: string) => new TextEncoder().encode(text).buffer;

function credential(response: object) {
  return {
    ...{ id: "Y3JlZA", rawId: bytes("cred"), type: "public-key", authenticatorAttachment: "platform" },
    ...{ response, getClientExtensionResults: () => ({}) },
  };
}

/** `hasSignals`: whether it can be told of changes, which few can. */
export function stubPasskeyBrowser({ hasSignals = true } = {}): PasskeyBrowser {
  const browser: PasskeyBrowser = { refusal: undefined, ceremonies: [], signals: [] };
  const answer = (kind: "create" | "get", response: object) => async (options: CredentialOptions) => {
    browser.ceremonies.push({ kind, options });
    if (browser.refusal !== undefined) throw new DOMException("The person would not.", browser.refusal);
    return credential(response);
  };
  const signal = (name: string) => async (facts: object) => void browser.signals.push({ name, facts });
  const signals = {
    signalUnknownCredential: signal("unknownCredential"),
    signalAllAcceptedCredentials: signal("allAcceptedCredentials"),
    signalCurrentUserDetails: signal("currentUserDetails"),
  };
  vi.stubGlobal("PublicKeyCredential", Object.assign(class {}, hasSignals ? signals : {}));
  const made = { attestationObject: bytes("attested"), clientDataJSON: bytes("{}") };
  const shown = { authenticatorData: bytes("data"), clientDataJSON: bytes("{}"), signature: bytes("signed") };
  const credentials = { create: answer("create", made), get: answer("get", shown) };
  Object.defineProperty(navigator, "credentials", { configurable: true, value: credentials });
  return browser;
}
