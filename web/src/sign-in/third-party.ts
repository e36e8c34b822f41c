import { ApiError } from "@meiduo/client";
import { api } from "../api.ts";

/** Sends the browser to a provider's log-in page; `next` is where it comes back to in the end. */
export async function goToProvider(provider: string, next: string): Promise<void> {
  const { login_url } = await api().authorizationAddress(provider, next);
  const { protocol } = new URL(login_url);
  // The address comes from the API, which the site trusts; `javascript:` would still run with the site's rights.
  if (protocol !== "https:" && protocol !== "http:") {
    throw new ApiError({ code: "not_the_api", message: `Refused to open ${protocol}` });
  }
  window.location.assign(login_url);
}
