import type { KnownDevices } from "../devices/known-devices.ts";
import type { Authenticator } from "../http/authentication.ts";
import { AppError } from "../lib/errors.ts";
import type { LogIn } from "./log-in.ts";

interface BasicDeps {
  readonly logIn: LogIn;
  readonly devices: KnownDevices;
}

/**
 * HTTP Basic (RFC 7617, UTF-8) for scripts and monitoring: every request is a log-in, with its limits, its
 * equal answers and its whole cost, one password hash per request. Off unless AUTHENTICATORS names it: a
 * password in every request is a password in many places, and each of them is 15 ms of processor. The answer
 * to a missing credential goes on asking for a token, so that no browser opens its password box.
 */
export function createBasicAuthenticator({ logIn, devices }: BasicDeps): Authenticator {
  return {
    name: "basic",
    async authenticate(authorization, { address, headers }) {
      const found = /^basic(?: +(.*))?$/i.exec(authorization.trim());
      if (!found) return null;
      const credentials = readCredentials(found[1] ?? "");
      if (credentials === null) throw new AppError("token_refused");
      try {
        const asker = await devices.askerOf({ ip: address, headers });
        const user = await logIn.logIn(credentials.name, credentials.password, asker);
        await devices.remember(user, asker);
        return user;
      } catch (error) {
        // Wrong here is not a mistake in a form (400) but a request without a valid credential (401).
        if (error instanceof AppError && error.code === "wrong_credentials")
          throw new AppError("token_refused");
        throw error;
      }
    },
  };
}

/** The name ends at the first colon; the password may hold more of them. Null where it is none, or too long. */
function readCredentials(encoded: string): { name: string; password: string } | null {
  if (encoded.length > 6_000 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const bytes = Buffer.from(encoded, "base64");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
  const colon = text.indexOf(":");
  if (colon < 1 || colon > 254 || colon === text.length - 1) return null;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
