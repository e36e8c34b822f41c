import { createHostCookie, type HostCookie } from "../http/host-cookie.ts";
import { type ClientNetworks, clientNetworks } from "../kernel/client-address.ts";
import { secretDigest } from "../kernel/digest.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { browserName } from "./browser-name.ts";

/**
 * Who asks, as far as that can be told before anybody has logged in: the network, and the device by two marks. The
 * cookie is the sure one, 128 random bits that only this browser was given. Front ends that keep no cookies (axios
 * without credentials) have the other: network, browser and system, which strangers in one network may share.
 *
 * Neither mark authorises anything. Both are kept as keyed digests only, so what is kept of a device shows no
 * address and no browser, and nothing that could be shown as a cookie.
 */
export interface Asker extends DeviceMarks, ClientNetworks {
  /** What limits per client count by. Personal data, as `wider` is: not for keys of a store as it is. */
  readonly network: string;
  /** The User-Agent header's beginning; empty without one. Personal data, and anything a stranger chose to send. */
  readonly userAgent: string;
  /** The same marks under earlier SECRET_KEYs: what was noted then is still known. */
  readonly before: readonly DeviceMarks[];
  /** The cookie's id, brought or new: what a successful answer gives the browser. A secret of the browser. */
  readonly cookieId: string;
  /** The hash of what a remembered device shows (remembered-devices.ts); null where the request brought nothing of it. */
  readonly trustHash: string | null;
}

/** Digests under one key. */
interface DeviceMarks {
  /** Of the cookie's id; null where the request brought none. */
  readonly cookieKey: string | null;
  /** Of network, browser and system. */
  readonly browserKey: string;
  /** Of browser and system alone. */
  readonly programKey: string;
}

/** What is read of a request; every FastifyRequest fits. */
export interface AskingRequest {
  readonly ip: string;
  readonly headers: { readonly cookie?: string | undefined; readonly "user-agent"?: string | undefined };
}

/** The cookie of a remembered device: 256 random bits, which stand in for the second factor. */
export const trustBytes = 32;

export function createTrustCookie({
  isHttps,
  days,
}: {
  readonly isHttps: boolean;
  readonly days: number;
}): HostCookie {
  return createHostCookie({
    ...{ name: "meiduo_trusted", lifeSeconds: days * 86_400, isHttps, bytes: trustBytes },
  });
}

/** How its secret is kept. Of 256 random bits no slower hash is needed. */
export const trustHashOf = (secret: string): string => secretDigest(secret);

/** Days without being seen after which a device is a stranger again; the cookie's life as well. */
export const deviceLifeDays = 180;

export function createAskers({ secretKeys, isHttps }: { secretKeys: SecretKeys; isHttps: boolean }) {
  const keys = deriveKeys(secretKeys, "known device");
  const cookie = createHostCookie({ name: "meiduo_device", lifeSeconds: deviceLifeDays * 86_400, isHttps });
  const trust = createTrustCookie({ isHttps, days: 0 });
  const digest = (key: Buffer, ...parts: string[]) =>
    hmac(key, ...parts)
      .toString("base64url")
      .slice(0, 22);

  return {
    async askerOf({ ip, headers }: AskingRequest): Promise<Asker> {
      const { network, wider } = clientNetworks(ip);
      const program = await browserName(headers["user-agent"]);
      const brought = cookie.read(headers.cookie);
      const trusted = trust.read(headers.cookie);
      const [present, ...before] = keys.map((key) => ({
        cookieKey: brought === null ? null : digest(key, "cookie", brought),
        browserKey: digest(key, "browser", network, program),
        programKey: digest(key, "program", program),
      }));
      return {
        ...{ network, wider },
        userAgent: (headers["user-agent"] ?? "").slice(0, 256),
        ...present!,
        before,
        cookieId: brought ?? randomToken(16),
        trustHash: trusted === null ? null : trustHashOf(trusted),
      };
    },
    /** The digest that a cookie with this id will have. */
    cookieKeyOf: (id: string) => digest(keys[0], "cookie", id),
    /** The Set-Cookie value for the asker's browser. */
    cookieFor: (asker: Asker) => cookie.write(asker.cookieId),
  };
}
