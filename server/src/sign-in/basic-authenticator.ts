import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError } from "../errors/errors.ts";
import type { Authenticator } from "../http/authentication.ts";
import type { Door } from "./complete.ts";
import type { LogIn } from "./log-in.ts";

interface BasicDeps {
  readonly logIn: LogIn;
  readonly door: Door;
  readonly devices: KnownDevices;
}

/**
 * HTTP Basic (RFC 7617, UTF-8) for scripts and monitoring: every request is a log-in, with its limits, its
 * equal answers and its whole cost, one password hash per request. It opens no session: the door records it and lets
 * this one request pass. Off unless AUTHENTICATORS names it: a password in every request is a password in many places,
 * and each request is 15 ms of processor. The answer to a missing credential goes on asking for a token, so that no
 * browser opens its password box.
 */
export function createBasicAuthenticator({ logIn, door, devices }: BasicDeps): Authenticator {
  return {
    name: "basic",
    async authenticate(authorization, { address, headers }) {
      const [scheme = "", encoded, ...more] = authorization.trim().split(/\s+/);
      if (!/^basic$/i.test(scheme)) return null;
      if (encoded === undefined) throw new AppError("basic_missing");
      if (more.length > 0) throw new AppError("basic_has_spaces");
      const credentials = readCredentials(encoded);
      try {
        const asker = await devices.askerOf({ ip: address, headers });
        const proved = await logIn.prove(credentials.name, credentials.password, asker);
        return await door.passOnce({ ...proved, how: "basic" }, asker);
      } catch (error) {
        // Wrong here is not a mistake in a form (400) but a request without a valid credential (401).
        if (error instanceof AppError && error.code === "wrong_credentials") {
          throw new AppError("basic_refused");
        }
        throw error;
      }
    },
  };
}

/**
 * The name ends at the first colon; the password may hold more of them. Errors: `basic_undecodable` for what is not
 * base64 of UTF-8 or too long, `basic_refused` where a name or a password is missing.
 */
function readCredentials(encoded: string): { name: string; password: string } {
  if (encoded.length > 6_000 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new AppError("basic_undecodable");
  }
  const bytes = Buffer.from(encoded, "base64");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("basic_undecodable");
  }
  const colon = text.indexOf(":");
  if (colon < 1 || colon > 254 || colon === text.length - 1) throw new AppError("basic_refused");
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
