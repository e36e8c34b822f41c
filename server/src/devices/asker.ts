import { createHostCookie } from "../http/host-cookie.ts";
import { clientNetwork } from "../kernel/client-address.ts";
import { randomToken } from "../kernel/ids.ts";
import { deriveKey, hmac } from "../kernel/keys.ts";
import { browserName } from "./browser-name.ts";

/**
 * Who asks, as far as that can be told before anybody has logged in: the network, and the device by two marks. The
 * cookie is the sure one, 128 random bits that only this browser was given. Front ends that keep no cookies (axios
 * without credentials) have the other: network, browser and system, which strangers in one network may share.
 *
 * Neither mark authorises anything. Both are kept as keyed digests only, so a stolen database holds no address and no
 * browser, and nothing that could be shown as a cookie.
 */
export interface Asker {
  /** What limits per client count by (kernel/client-address.ts). Personal data: not for keys of a store as it is. */
  readonly network: string;
  /** Digest of the cookie's id; null where the request brought none. */
  readonly cookieKey: string | null;
  /** Digest of network, browser and system. */
  readonly browserKey: string;
  /** The cookie's id, brought or new: what a successful answer gives the browser. A secret of the browser. */
  readonly cookieId: string;
}

/** What is read of a request; every FastifyRequest fits. */
export interface AskingRequest {
  readonly ip: string;
  readonly headers: { readonly cookie?: string | undefined; readonly "user-agent"?: string | undefined };
}

/** Days without being seen after which a device is a stranger again; the cookie's life as well. */
export const deviceLifeDays = 180;

export function createAskers({ secretKey, isHttps }: { secretKey: string; isHttps: boolean }) {
  const key = deriveKey(secretKey, "known device");
  const cookie = createHostCookie({ name: "meiduo_device", lifeSeconds: deviceLifeDays * 86_400, isHttps });
  const digest = (...parts: string[]) =>
    hmac(key, ...parts)
      .toString("base64url")
      .slice(0, 22);

  return {
    async askerOf({ ip, headers }: AskingRequest): Promise<Asker> {
      const network = clientNetwork(ip);
      const brought = cookie.read(headers.cookie);
      return {
        network,
        cookieKey: brought === null ? null : digest("cookie", brought),
        browserKey: digest("browser", network, await browserName(headers["user-agent"])),
        cookieId: brought ?? randomToken(16),
      };
    },
    /** The digest that a cookie with this id will have. */
    cookieKeyOf: (id: string) => digest("cookie", id),
    /** The Set-Cookie value for the asker's browser. */
    cookieFor: (asker: Asker) => cookie.write(asker.cookieId),
  };
}
