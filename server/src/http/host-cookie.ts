import { readCookie } from "./read-cookie.ts";

/** A cookie of this host alone that holds random bits and authorises nothing by itself. */
export interface HostCookie {
  /** The id, or null when the request shows none. */
  read(cookieHeader: string | undefined): string | null;
  /** The Set-Cookie value that makes or renews it. */
  write(id: string): string;
}

/** `isHttps` of the API's public address; `bytes` of its value, 16 where nothing is said. */
export function createHostCookie(options: {
  readonly name: string;
  readonly lifeSeconds: number;
  readonly isHttps: boolean;
  readonly bytes?: number;
}): HostCookie {
  const { isHttps, lifeSeconds, bytes = 16 } = options;
  // base64url without padding (RFC 4648 section 5)
  const form = new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`);
  // __Host- keeps sibling subdomains from planting theirs (RFC 6265bis section 4.1.3.2), and needs Secure.
  // SameSite=None lets a site of another domain bring it along; on plain http only Lax is possible.
  const name = isHttps ? `__Host-${options.name}` : options.name;
  const attributes = `; Path=/; Max-Age=${lifeSeconds}; HttpOnly${isHttps ? "; SameSite=None; Secure" : "; SameSite=Lax"}`;
  return {
    read: (cookieHeader) => readCookie(cookieHeader, name, form),
    write: (id) => `${name}=${id}${attributes}`,
  };
}
