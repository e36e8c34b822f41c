/** PUBLIC_SITE_URL and PUBLIC_API_URL may have a path: `https://shop.example/account`. */

/** The address of `path`, which begins with `/`, below a public address: whatever path that has of its own stays. */
export function addressBelow(publicUrl: string, path: string): string {
  return new URL(publicUrl.replace(/\/+$/, "") + path).href;
}

/** A public address' own path, without a trailing slash: `/account`; empty where it has none. */
export function basePathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, "");
}

/** A request's target without the base path, query included; null where it is not below it. */
export function targetBelow(base: string, target: string): string | null {
  return base !== "" && target.startsWith(`${base}/`) ? target.slice(base.length) : null;
}
