import { createHostCookie, type HostCookie } from "../../http/host-cookie.ts";
import { randomToken } from "../../kernel/ids.ts";

/**
 * The cookie that ties a log-in to the browser that began it. It authorises nothing by itself: no request is
 * trusted because it carries it. One per browser, not per flow, so that several tabs don't disturb each other.
 */
export type BrowserCookie = HostCookie;

/** `isHttps` of the API's public address. */
export function createBrowserCookie({ isHttps }: { isHttps: boolean }): BrowserCookie {
  return createHostCookie({ name: "meiduo_oauth", lifeSeconds: 3600, isHttps });
}

export function newBrowserId(): string {
  return randomToken(16);
}
