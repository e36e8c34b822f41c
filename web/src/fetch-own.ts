/** What the site's own server answers, as JSON. */
import { ApiError } from "@meiduo/client";

/** Rejects where it can't be read within 15 s, or is an error. */
export async function fetchOwn(path: string): Promise<unknown> {
  // Not AbortSignal.timeout, which Chrome has since 103 and Safari since 16.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 15_000);
  try {
    const response = await fetch(path, { signal: limit.signal });
    if (response.ok) return await response.json();
    throw new ApiError({
      code: "not_the_api",
      status: response.status,
      message: `${path} answered ${response.status}`,
      requestId: response.headers.get("x-request-id") ?? undefined,
    });
  } finally {
    clearTimeout(timer);
  }
}
