/** What the form of a provider's page says. */
export interface Decision {
  readonly person: string;
  readonly decision: "allow" | "cancel";
  /** One of the provider's switches; by default none. */
  readonly trouble?: string;
}

/**
 * A person's decision at an imitated provider without a browser: reads the page at `loginUrl` and sends its form, with
 * `headers`. `answer` is followed no further: what it sends the browser back with is in its Location. Throws an Error
 * where the page asks nobody anything.
 */
export async function decideInSandbox(
  loginUrl: string,
  form: Decision,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ page: string; answer: Response }> {
  const page = await (await fetch(loginUrl)).text();
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll("&#38;", "&");
  if (action === undefined) throw new Error(`the sandbox did not ask who it is: ${loginUrl}`);
  const body = new URLSearchParams({ trouble: "", ...form });
  const answer = await fetch(new URL(action, loginUrl), {
    method: "POST",
    redirect: "manual",
    headers,
    body,
  });
  return { page, answer };
}
