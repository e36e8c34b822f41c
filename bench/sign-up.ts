/**
 * Sign-ups need a code each, so this subject brings its own load: codes are asked for and read from the
 * mailbox first, and only then the measured time begins.
 */
export interface SignUpResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly errors: number;
}

/** Codes for `count` new addresses, by address. */
export async function collectCodes(
  origin: string,
  first: number,
  count: number,
): Promise<Map<string, string>> {
  const addresses = Array.from({ length: count }, (_, i) => `joiner_${first + i}@example.com`);
  for (const address of addresses) {
    const response = await fetch(`${origin}/verifications/email_codes/${address}/`);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`asking for a code: ${response.status}`);
  }
  const codes = new Map<string, string>();
  const until = performance.now() + 60_000;
  while (codes.size < count) {
    if (performance.now() > until) throw new Error(`${codes.size} of ${count} codes arrived within 60 s`);
    for (const address of addresses) {
      if (codes.has(address)) continue;
      const response = await fetch(`${origin}/sandbox/mailbox/messages/?limit=1&to=${address}`);
      const [mail] = (await response.json()) as { code: string | null }[];
      if (mail?.code) codes.set(address, mail.code);
    }
  }
  return codes;
}

export async function signUpAll(
  origin: string,
  codes: ReadonlyMap<string, string>,
  connections: number,
): Promise<SignUpResult> {
  const waiting = [...codes].map(([email, code]) => ({
    username: email.slice(0, email.indexOf("@")),
    email,
    email_code: code,
    password: "a good long password",
    password2: "a good long password",
    allow: "true",
  }));
  const latencies: number[] = [];
  let errors = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) {
        const sent = performance.now();
        const answer = await fetch(`${origin}/users/`, {
          method: "POST",
          body: JSON.stringify(one),
          headers: { "content-type": "application/json" },
        });
        await answer.arrayBuffer();
        if (answer.status !== 201) errors++;
        latencies.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { requests: latencies.length, seconds, p50Millis: at(0.5), p99Millis: at(0.99), errors };
}
