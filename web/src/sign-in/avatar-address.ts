import { addressOf } from "../site-path.ts";

/**
 * A provider's picture as the site's own address. The browser never asks the provider's hosts: that would tell them
 * who looks at this page, and the Content-Security-Policy forbids it. The site's server fetches it, from known hosts.
 */
export function avatarAddress(avatar: string | null | undefined): string | null {
  if (!avatar) return null;
  try {
    const { protocol, href } = new URL(avatar);
    return protocol === "https:" ? addressOf(`/avatar?address=${encodeURIComponent(href)}`) : null;
  } catch {
    return null;
  }
}
