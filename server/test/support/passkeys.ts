import type { LightMyRequestResponse } from "fastify";
import { password } from "./people.ts";
import { type DeviceOptions, type Shown, type SoftwarePasskey, softwarePasskey } from "./software-passkey.ts";
import type { TestApp } from "./test-app.ts";

type Calls = Pick<TestApp, "anonymous" | "as">;

export interface AddedPasskey {
  /** In the list of the account. */
  readonly id: string;
  readonly device: SoftwarePasskey;
  readonly recoveryCodes: readonly string[];
}

/** Adds a passkey to the account of a fresh token, as its owner's page does; with the password of people.ts, where it has one. */
export async function addPasskey(
  { as }: Calls,
  token: string,
  wish: { readonly name?: string; readonly second_factor?: boolean } = {},
  options: DeviceOptions = {},
): Promise<AddedPasskey> {
  const device = softwarePasskey(options);
  const payload = { current_password: password };
  const begun = await as(token)({ method: "POST", url: "/user/passkeys/options/", payload });
  if (begun.statusCode !== 200) throw new Error(`no passkey: ${begun.body}`);
  const passkey = device.register(begun.json().options);
  const added = await as(token)({ method: "POST", url: "/user/passkeys/", payload: { passkey, ...wish } });
  if (added.statusCode !== 201) throw new Error(`no passkey: ${added.body}`);
  const { id } = added.json().passkey;
  return { id, device, recoveryCodes: added.json().recovery_codes };
}

/** What a log-in by a passkey is asked for. */
export async function logInOptions({ anonymous }: Pick<Calls, "anonymous">, headers = {}) {
  const answer = await anonymous({ method: "POST", url: "/users/passkeys/options/", headers });
  if (answer.statusCode !== 200) throw new Error(`no log-in by a passkey: ${answer.body}`);
  return answer.json().options as { challenge: string; rpId: string };
}

export function logInBy(
  { anonymous }: Pick<Calls, "anonymous">,
  passkey: Shown,
  headers = {},
): Promise<LightMyRequestResponse> {
  return anonymous({ method: "POST", url: "/users/passkeys/", payload: { passkey }, headers });
}
