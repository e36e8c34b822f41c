import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { PasskeyAddress } from "./passkey-address.ts";
import type { PasskeyRow } from "./passkey-store.ts";

/**
 * The two ceremonies of W3C Web Authentication, Level 3: what browsers are given, and what they bring back (sections 7.1 and
 * 7.2). Promises: the device has verified its user each time, so a passkey is two factors at once; only pages of the expected
 * origins, never in a frame of another; only ES256, EdDSA and RS256, pinned on both ways (a library's later default would be
 * keys that older Nodes can't verify). Nothing that a browser sent is in what is thrown.
 *
 * The library costs 29 MB: it is loaded at the first registration or proof. What a log-in page asks for at every visit is made
 * here, so that a site without passkeys never loads it. Guards: passkey-ceremony.test.ts (W3C's test vectors), passkeys.test.ts.
 */
export type RegistrationOptions = PublicKeyCredentialCreationOptionsJSON;
export type RequestOptions = PublicKeyCredentialRequestOptionsJSON;

/** What a browser brought, of which nothing is known yet. */
export type Shown = Readonly<Record<string, unknown>>;

/** Why it was refused, for the log. */
export class PasskeyRefused extends Error {}

/** How long a person may take, in milliseconds. */
export const ceremonyMillis = 300_000;

const algorithms = [-8, -7, -257];
const transportNames = /^(?:ble|cable|hybrid|internal|nfc|smart-card|usb)$/;

/** Loads what the first passkey would. */
export const loadCeremonies = () => import("@simplewebauthn/server");

export interface Registrant {
  readonly siteName: string;
  readonly username: string;
  /** base64url. */
  readonly handle: string;
  readonly present: readonly Pick<PasskeyRow, "credential_id" | "transports">[];
}

export async function registrationOptions(
  { rpId }: PasskeyAddress,
  { siteName, username, handle, present }: Registrant,
  challenge: string,
): Promise<RegistrationOptions> {
  const { generateRegistrationOptions } = await loadCeremonies();
  return generateRegistrationOptions({
    ...{ rpName: siteName, rpID: rpId, userName: username, userDisplayName: username },
    ...{ userID: bytesOf(handle), challenge: bytesOf(challenge), timeout: ceremonyMillis },
    ...{ attestationType: "none", supportedAlgorithmIDs: algorithms },
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: present.map(described),
  });
}

/** `allowed`: of one account; without them a device offers every passkey it has for the domain. */
export function requestOptions(
  { rpId }: PasskeyAddress,
  challenge: string,
  allowed: readonly Pick<PasskeyRow, "credential_id" | "transports">[] = [],
): RequestOptions {
  const allowCredentials = allowed.map((row) => ({ ...described(row), type: "public-key" as const }));
  return {
    ...{ challenge, rpId, timeout: ceremonyMillis, userVerification: "required" },
    ...(allowCredentials.length > 0 && { allowCredentials: allowCredentials as never }),
  };
}

/** What the browser says that it was asked. Throws PasskeyRefused. */
export function challengeIn(shown: Shown): string {
  return clientDataOf(shown).challenge;
}

export type NewPasskey = Pick<
  PasskeyRow,
  "credential_id" | "public_key" | "counter" | "transports" | "device_type" | "backed_up" | "aaguid"
>;

/** The passkey that a device made. Throws PasskeyRefused. */
export async function registered(
  address: PasskeyAddress,
  shown: Shown,
  challenge: string,
): Promise<NewPasskey> {
  const { verifyRegistrationResponse } = await loadCeremonies();
  const made = await orRefused(() =>
    verifyRegistrationResponse({
      response: shown as unknown as RegistrationResponseJSON,
      ...expectations(address, shown, challenge),
      ...{ requireUserVerification: true, supportedAlgorithmIDs: algorithms },
    }),
  );
  if (!made.verified) throw new PasskeyRefused("the attestation is not right");
  const { credential, aaguid, credentialDeviceType, credentialBackedUp } = made.registrationInfo;
  const transports = [...new Set((credential.transports ?? []).map(String))].filter((name) =>
    transportNames.test(name),
  );
  return {
    ...{ credential_id: credential.id, public_key: textOf(credential.publicKey) },
    ...{ counter: credential.counter, transports: transports.join(), aaguid },
    ...{ device_type: credentialDeviceType, backed_up: credentialBackedUp ? 1 : 0 },
  };
}

/** What a passkey's device says beside that it is right. The caller compares the counter. Throws PasskeyRefused. */
export async function shownRight(
  address: PasskeyAddress,
  shown: Shown,
  {
    challenge,
    passkey,
  }: { readonly challenge: string; readonly passkey: Pick<PasskeyRow, "credential_id" | "public_key"> },
): Promise<Pick<PasskeyRow, "counter" | "device_type" | "backed_up">> {
  const { verifyAuthenticationResponse } = await loadCeremonies();
  const { verified, authenticationInfo: info } = await orRefused(() =>
    verifyAuthenticationResponse({
      response: shown as unknown as AuthenticationResponseJSON,
      ...expectations(address, shown, challenge),
      requireUserVerification: true,
      // 0: a counter that falls is told apart from a signature that is wrong, and only a right one is reported.
      credential: { id: passkey.credential_id, publicKey: bytesOf(passkey.public_key), counter: 0 },
    }),
  );
  if (!verified) throw new PasskeyRefused("the signature is not right");
  const { newCounter: counter, credentialDeviceType: device_type, credentialBackedUp } = info;
  return { counter, device_type, backed_up: credentialBackedUp ? 1 : 0 };
}

/** What is expected of a page, once it is known to be one of ours. */
function expectations(address: PasskeyAddress, shown: Shown, challenge: string) {
  const { origin, crossOrigin } = clientDataOf(shown);
  if (!address.isExpected(origin)) {
    throw new PasskeyRefused(`pages of ${origin.slice(0, 200)} may show no passkey here`);
  }
  // The library lets some pass: a page of ours is never in a frame of others.
  if (crossOrigin) throw new PasskeyRefused("the page was in a frame of another origin");
  return { expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: address.rpId };
}

function clientDataOf({ response }: Shown): {
  readonly challenge: string;
  readonly origin: string;
  readonly crossOrigin: boolean;
} {
  const text = (response as { readonly clientDataJSON?: unknown } | null | undefined)?.clientDataJSON;
  const data = typeof text === "string" ? parsed(Buffer.from(text, "base64url").toString()) : null;
  if (typeof data?.challenge !== "string" || typeof data.origin !== "string") {
    throw new PasskeyRefused("that is no answer of a browser's");
  }
  const { challenge, origin, crossOrigin, topOrigin } = data;
  return {
    challenge,
    origin,
    crossOrigin: (crossOrigin ?? false) !== false || topOrigin !== undefined,
  };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The library throws for most of what is wrong, in words that can have what a browser sent. */
async function orRefused<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    throw new PasskeyRefused("what the device signed is not what it was asked", { cause: error });
  }
}

function described({ credential_id: id, transports }: Pick<PasskeyRow, "credential_id" | "transports">) {
  return { id, ...(transports !== "" && { transports: transports.split(",") }) };
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
