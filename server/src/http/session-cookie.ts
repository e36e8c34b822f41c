import { readCookie } from "./read-cookie.ts";

/**
 * The cookie that holds a session. Over https it is `__Host-`, so that no sister host can plant or read it, and Secure;
 * SameSite=Strict, because only pages of the API's own site ever bring it; HttpOnly, so that no script reads it. On plain
 * http there is one on loopback names alone (cookie-guard.ts), without the prefix and Secure, which Safari refuses there.
 */
export interface SessionCookie {
  /** The value, or null where the request has none of that form. */
  read(cookieHeader: string | undefined): string | null;
  /** The Set-Cookie value. `lifeSeconds` null: until the browser is closed. */
  write(value: string, lifeSeconds: number | null): string;
  /** The Set-Cookie value that deletes it. */
  readonly removal: string;
}

/** `isHttps` of the API's public address; `form` of its values. */
export function createSessionCookie({ isHttps, form }: { isHttps: boolean; form: RegExp }): SessionCookie {
  const name = isHttps ? "__Host-meiduo_session" : "meiduo_session";
  const attributes = `; Path=/; HttpOnly; SameSite=Strict${isHttps ? "; Secure" : ""}`;
  return {
    read: (cookieHeader) => readCookie(cookieHeader, name, form),
    write: (value, lifeSeconds) =>
      `${name}=${value}${attributes}${lifeSeconds === null ? "" : `; Max-Age=${Math.max(0, lifeSeconds)}`}`,
    removal: `${name}=${attributes}; Max-Age=0`,
  };
}
