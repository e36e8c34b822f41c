/**
 * What to do where a page can't be opened. Mostly its file is missing because a new version was put up, and the new
 * index.html knows the new one. Never loads anew twice for one page, never leaves for the browser's own offline page,
 * never follows an address to another site.
 */
import { ApiError } from "@meiduo/client";
import { removeItem } from "./browser-storage.ts";
import { safeNextPath } from "./next-path.ts";
import { addressOf } from "./site-path.ts";

/** Load `address` from the server, or show the error page with this query. */
export type Remedy = { readonly load: string } | { readonly query: Readonly<Record<string, string>> };

const storageKey = "meiduo.loaded-anew";

/** `fullPath` is the route that would not open. */
export function remedyFor(error: unknown, fullPath: string, online: boolean = navigator.onLine): Remedy {
  const wanted = safeNextPath(addressOf(fullPath));
  if (!online) return { query: { reason: "offline", next: wanted } };
  return mayLoadAnew() ? { load: wanted } : { query: errorQuery(error) };
}

/** A page has opened: the next one that does not may be loaded anew again. */
export function noteOpened(): void {
  removeItem("session", storageKey);
}

/** The error page's query for a failure: the request's id to report, where there is one. */
export function errorQuery(error: unknown): Readonly<Record<string, string>> {
  return error instanceof ApiError && error.requestId !== undefined ? { request: error.requestId } : {};
}

/** True once. Only storage that outlives the page can tell the second time: without it there is no first. */
function mayLoadAnew(): boolean {
  try {
    if (globalThis.sessionStorage.getItem(storageKey) !== null) return false;
    globalThis.sessionStorage.setItem(storageKey, "yes");
    return true;
  } catch {
    return false;
  }
}
