import { costOf, type Sample } from "./measure.ts";
import type { ProcessUnderTest } from "./process-under-test.ts";
import { logInConnections } from "./subjects.ts";

/**
 * Sign-ups need a code each, so this subject brings its own load: codes are asked for and read from the
 * mailbox first, and only then the measured time begins.
 */
const signUpsARun = 120;
let joiners = 0;

/** On a server whose worker puts mails into the mailbox. */
export async function measureSignUps(server: ProcessUnderTest): Promise<Sample> {
  return signUpAll(server, await collectCodes(server.origin, signUpsARun));
}

/** Fewer than the mailbox keeps: of more the first would be gone before they are read. */
const codesAtOnce = 400;

/** Codes for `count` new addresses, by address. */
export async function collectCodes(origin: string, count: number): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  while (codes.size < count) {
    const some = Math.min(codesAtOnce, count - codes.size);
    for (const [address, code] of await collectSome(origin, some)) codes.set(address, code);
  }
  return codes;
}

async function collectSome(origin: string, count: number): Promise<Map<string, string>> {
  const addresses = Array.from({ length: count }, () => `joiner_${joiners++}@example.com`);
  for (const address of addresses) {
    const response = await fetch(`${origin}/verifications/email_codes/${address}/`);
    const said = await response.text();
    if (response.status !== 200) throw new Error(`asking for a code: ${response.status} ${said}`);
  }
  const codes = new Map<string, string>();
  // Mails of a flood before are sent first.
  const limitSeconds = 180;
  const until = performance.now() + limitSeconds * 1000;
  while (codes.size < count) {
    if (performance.now() > until)
      throw new Error(`${codes.size} of ${count} codes arrived within ${limitSeconds} s`);
    for (const address of addresses) {
      if (codes.has(address)) continue;
      const response = await fetch(`${origin}/sandbox/mailbox/messages/?limit=1&to=${address}`);
      const [mail] = (await response.json()) as { code: string | null }[];
      if (mail?.code) codes.set(address, mail.code);
    }
  }
  return codes;
}

/** What a sign-up with a collected code sends. */
export const signUpRequest = (email: string, code: string) => ({
  username: email.slice(0, email.indexOf("@")),
  email,
  email_code: code,
  password: "a good long password",
  password2: "a good long password",
  allow: "true",
});

/** Uses the codes up. Rejects where a sign-up is refused. */
export async function signUpAll(
  server: Pick<ProcessUnderTest, "origin" | "cpuMicros">,
  codes: ReadonlyMap<string, string>,
): Promise<Sample> {
  const waiting = [...codes].map(([email, code]) => signUpRequest(email, code));
  const before = server.cpuMicros();
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: logInConnections }, async () => {
      for (let one = waiting.pop(); one; one = waiting.pop()) {
        const answer = await fetch(`${server.origin}/users/`, {
          method: "POST",
          body: JSON.stringify(one),
          headers: { "content-type": "application/json" },
        });
        const said = await answer.text();
        if (answer.status !== 201) throw new Error(`a sign-up was refused: ${answer.status} ${said}`);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  return {
    perSecond: codes.size / seconds,
    cpuMicros: costOf(before, server.cpuMicros(), codes.size),
  };
}
