/** The one client of the API in this page. The site talks to the API in no other way. */
import { type Client, createClient } from "@meiduo/client";
import { language } from "./language.ts";
import { currentToken } from "./session.ts";
import type { SiteConfig } from "./site-config.ts";

let client: Client | undefined;
let config: SiteConfig = { apiUrl: "", providers: [], otherProviders: [] };
let expired: () => void = () => {};

export function connectApi(siteConfig: SiteConfig): void {
  config = siteConfig;
  client = createClient({
    baseUrl: siteConfig.apiUrl,
    token: currentToken,
    language: () => language.value,
    // An answer to an earlier token says nothing of the one that has replaced it.
    onLogInNeeded: (_error, token) => {
      if (token === currentToken()) expired();
    },
  });
}

export function api(): Client {
  if (client === undefined) throw new Error("connectApi has not been called");
  return client;
}

export function siteConfig(): SiteConfig {
  return config;
}

/** What to do when the server refuses the token; the router sends the reader to the log-in page. */
export function onSessionExpired(callback: () => void): void {
  expired = callback;
}
