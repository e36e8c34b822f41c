import { randomToken } from "../lib/ids.ts";

/**
 * The cookie that ties a log-in to the browser that began it. It authorises nothing by itself: no request is
 * trusted because it carries it. One per browser, not per flow, so that several tabs don't disturb each other.
 */
const lifeSeconds = 3600;
const form = /^[A-Za-z0-9_-]{22}$/;

export interface BrowserCookie {
  /** The browser's id, or null when the request shows none. */
  read(cookieHeader: string | undefined): string | null;
  /** The Set-Cookie value that makes or renews it. */
  write(browserId: string): string;
}

/** `isHttps` of the API's public address. */
export function createBrowserCookie({ isHttps }: { isHttps: boolean }): BrowserCookie {
  // __Host- keeps sibling subdomains from planting theirs (RFC 6265bis section 4.1.3.2), and needs Secure.
  // SameSite=None lets a site of another domain bring it along; on plain http only Lax is possible.
  const name = isHttps ? "__Host-meiduo_oauth" : "meiduo_oauth";
  const attributes = `; Path=/; Max-Age=${lifeSeconds}; HttpOnly${isHttps ? "; SameSite=None; Secure" : "; SameSite=Lax"}`;
  return {
    read(cookieHeader) {
      for (const pair of (cookieHeader ?? "").slice(0, 8192).split(";")) {
        const [given, value = ""] = pair.trim().split("=", 2);
        if (given === name && form.test(value)) return value;
      }
      return null;
    },
    write: (browserId) => `${name}=${browserId}${attributes}`,
  };
}

export function newBrowserId(): string {
  return randomToken(16);
}
