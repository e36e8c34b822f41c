/** A cookie of this host alone that holds an id of 128 random bits and authorises nothing by itself. */
const form = /^[A-Za-z0-9_-]{22}$/;

export interface HostCookie {
  /** The id, or null when the request shows none. */
  read(cookieHeader: string | undefined): string | null;
  /** The Set-Cookie value that makes or renews it. */
  write(id: string): string;
}

/** `isHttps` of the API's public address. */
export function createHostCookie(options: {
  readonly name: string;
  readonly lifeSeconds: number;
  readonly isHttps: boolean;
}): HostCookie {
  const { isHttps, lifeSeconds } = options;
  // __Host- keeps sibling subdomains from planting theirs (RFC 6265bis section 4.1.3.2), and needs Secure.
  // SameSite=None lets a site of another domain bring it along; on plain http only Lax is possible.
  const name = isHttps ? `__Host-${options.name}` : options.name;
  const attributes = `; Path=/; Max-Age=${lifeSeconds}; HttpOnly${isHttps ? "; SameSite=None; Secure" : "; SameSite=Lax"}`;
  return {
    read(cookieHeader) {
      for (const pair of (cookieHeader ?? "").slice(0, 8192).split(";")) {
        const [given, value = ""] = pair.trim().split("=", 2);
        if (given === name && form.test(value)) return value;
      }
      return null;
    },
    write: (id) => `${name}=${id}${attributes}`,
  };
}
