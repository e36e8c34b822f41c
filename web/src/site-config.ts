import { ApiError } from "@meiduo/client";

/** What the site is given when it starts, not when it is built: one build serves every address. */
export interface SiteConfig {
  /** Address of the API without a trailing slash. */
  readonly apiUrl: string;
  /** Providers with a button on the log-in page, in order. */
  readonly providers: readonly KnownProvider[];
  /** Those nobody can log in by here: they may still be bound, or be in a callback's address. */
  readonly otherProviders: readonly KnownProvider[];
}

export interface KnownProvider {
  /** As in the API's addresses. */
  readonly name: string;
  /** Other names for it in addresses. */
  readonly aliases: readonly string[];
  readonly title: { readonly zh: string; readonly en: string };
  /** Address of its picture, on the site. */
  readonly mark: string;
}

/** Reads /config.json; throws where it can't be read or is not a configuration. */
export async function loadSiteConfig(): Promise<SiteConfig> {
  // Not AbortSignal.timeout, which Chrome has since 103 and Safari since 16.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 15_000);
  try {
    return readConfig(await readAnswer(await fetch("/config.json", { signal: limit.signal })));
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  if (!response.ok) {
    throw new ApiError({
      code: "not_the_api",
      status: response.status,
      message: `/config.json answered ${response.status}`,
      requestId: response.headers.get("x-request-id") ?? undefined,
    });
  }
  return response.json();
}

function readConfig(config: unknown): SiteConfig {
  if (typeof config !== "object" || config === null || !("apiUrl" in config)) {
    throw new Error("/config.json is not a configuration");
  }
  const { apiUrl, ...lists } = config as { apiUrl: unknown; providers?: unknown; otherProviders?: unknown };
  if (typeof apiUrl !== "string") throw new Error("/config.json names no API");
  const listOf = (list: unknown) => (Array.isArray(list) ? list : []);
  return {
    apiUrl: apiUrl.replace(/\/+$/, ""),
    providers: listOf(lists.providers),
    otherProviders: listOf(lists.otherProviders),
  };
}
